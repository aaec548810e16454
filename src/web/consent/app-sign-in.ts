/** Signs a user in for an app: where its authorization request leads to. */
import { type App, servedTenants, servesUsersOf } from '../../app/app.ts'
import { provesMailbox } from '../../broker/connections.ts'
import type { Session } from '../../broker/session/session.ts'
import { startHref, withQuery } from '../../http/destination.ts'
import { consentHref, consentPath, type PendingInteraction } from '../../http/interaction.ts'
import { redirect, sendPage } from '../../http/respond.ts'
import { isFromOtherSite } from '../../http/same-origin.ts'
import { signedInOf } from '../../http/views.ts'
import { canonicalEmail, domainOf } from '../../profile/profile.ts'
import { isFoundByDomain, type Tenant } from '../../tenant.ts'
import type { Call, Shell, WithParts } from '../shell.ts'
import type { CurrentSessionPorts } from '../sign-in/current-session.ts'
import { connectionForEmail, type LoginStartPorts, redirectToUpstream } from '../sign-in/login-start.ts'
import { chooseServedTenantPage } from '../sign-in/pages/choose-tenant-page.tsx'
import { maxAuthAgeSeconds } from './reauthentication.ts'

export type AppSignInPorts = CurrentSessionPorts &
  LoginStartPorts &
  Pick<Shell, 'defaultTenant' | 'openId'> &
  WithParts<'apis' | 'appRegistry'>

interface AppSignIn {
  readonly app: App
  readonly pending: PendingInteraction
  readonly session: Session | null
  /** Chosen by the user. */
  readonly tenant: string | undefined
}

/** If the app serves several organizations, the user chooses one: this page with `?tenant=`. */
export async function requireSignInForApp(call: Call<AppSignInPorts>, signIn: AppSignIn): Promise<void> {
  const { shell, response } = call
  const { app, pending, session } = signIn
  const served = servedTenants(app, shell.tenants).filter(({ id }) => isServedByApis(shell, pending, id))
  const servedId = (wanted: string | undefined) => served.find(({ id }) => id === wanted)?.id
  const tenant =
    textOf(pending, 'tenant') ??
    servedId(signIn.tenant) ??
    servedId(session?.tenant) ??
    tenantFor(shell, app, served, hintOf(pending))
  if (tenant !== undefined || app.tenants === 'all' || served.length === 0)
    return startSignIn(call, { app, pending }, tenant)
  const choices = served.map(({ id, name }) => ({
    id,
    name,
    href: withQuery(consentPath(pending.uid), { tenant: id }),
  }))
  const signedIn = session === null ? undefined : signedInOf(session)
  sendPage(response, 200, chooseServedTenantPage({ app, choices, signedIn }))
}

/** Whether each API that the request names, by `resource` or by a scope, serves the tenant. */
function isServedByApis({ parts }: AppSignInPorts, { parameters }: PendingInteraction, tenant: string): boolean {
  const named = [parameters['resource']].flat()
  return parts.apis.every((api) => !named.includes(api.id) || servesUsersOf(api, tenant))
}

function textOf({ parameters }: PendingInteraction, name: string): string | undefined {
  const value = parameters[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

const hintOf = (pending: PendingInteraction) => textOf(pending, 'login_hint')?.slice(0, 254)

/** Straight to a connection that is named or follows from the email, else to the sign-in page. */
async function startSignIn(
  call: Call<AppSignInPorts>,
  { app, pending }: Pick<AppSignIn, 'app' | 'pending'>,
  tenant: string | undefined,
): Promise<void> {
  const { shell, request, response } = call
  const hint = hintOf(pending)
  const returnTo = consentHref(shell.keyRing, pending.uid, app.id)
  const prompt = pending.prompt === 'login' && requiresReauthentication(pending) ? 'login' : undefined
  const { connection, step } = tenant === undefined ? {} : entryFor(call, pending, tenant)
  if (tenant === undefined || connection === undefined)
    return redirect(response, withQuery('/login', { tenant, return_to: returnTo, login_hint: hint, prompt, step }))
  const params = { tenant, returnTo }
  // `/start` asks first if another site sent the request; an app's request begins here instead
  if (!isFromOtherSite(request.headers, shell.publicUrl))
    return redirect(response, startHref(params, connection, hint, prompt))
  return redirectToUpstream(call, { params, connection, loginHint: canonicalEmail(hint) ?? undefined, prompt })
}

/** Reauthenticates a signed-in user, and one whose upstream session may be older than `max_age`. */
function requiresReauthentication(pending: PendingInteraction): boolean {
  return pending.details['session'] !== undefined || Number.isFinite(maxAuthAgeSeconds(pending))
}

/** The default tenant only where the app serves all tenants. */
function tenantFor(
  { defaultTenant }: AppSignInPorts,
  app: App,
  served: readonly Tenant[],
  hint: string | undefined,
): string | undefined {
  const address = canonicalEmail(hint)
  const ofDomain = served.find((tenant) => address && isFoundByDomain(tenant, domainOf(address)))
  if (ofDomain !== undefined) return ofDomain.id
  if (served.length === 1) return served[0]?.id
  return app.tenants === 'all' ? served.find(({ id }) => id === defaultTenant)?.id : undefined
}

interface SignInEntry {
  readonly connection?: string | undefined
  /** The sign-in page asks for the email alone. */
  readonly step?: 'email'
}

/** The connection that the app named, or the one for the domain of `login_hint`. */
function entryFor(call: Call<AppSignInPorts>, pending: PendingInteraction, tenantId: string): SignInEntry {
  const { connections } = call.shell.parts
  const tenant = connections.tenant(tenantId)
  const named = textOf(pending, 'provider')
  if (named !== undefined) {
    // else of another organization the app serves
    if (!tenant.connections.some(({ id }) => id === named)) return {}
    return provesMailbox(connections.get(tenantId, named)) ? { step: 'email' } : { connection: named }
  }
  const address = canonicalEmail(hintOf(pending))
  return address === null ? {} : { connection: connectionForEmail(call, tenant, address) }
}
