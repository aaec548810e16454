/**
 * Interactions of an authorization request: sign-in, choice of the user, consent. The OpenID
 * Provider says what is needed (oidc/policy/prompts.ts); the request continues after the answer.
 */
import type { Request, Response } from 'express'
import { type Api, type App, mayAskFor, servesUsersOf } from '../../app/app.ts'
import { giveConsent } from '../../broker/apps/consent.ts'
import { registrantOf } from '../../broker/apps/ownership.ts'
import { servedTenants } from '../../broker/apps/served-tenants.ts'
import type { Session } from '../../broker/session/session.ts'
import { GatehouseError } from '../../errors.ts'
import { browserFor } from '../../http/browser.ts'
import { startHref, withQuery } from '../../http/destination.ts'
import { pathPart, queryOf, textField } from '../../http/fields.ts'
import type { PendingInteraction, Settled } from '../../http/interaction.ts'
import { allowDataImages, redirect, sendPage } from '../../http/respond.ts'
import { isFromOtherSite } from '../../http/same-origin.ts'
import { signedInOf } from '../../http/views.ts'
import { canonicalEmail, domainOf } from '../../profile/profile.ts'
import { isFoundByDomain, routesForDomain, type Tenant } from '../../tenant.ts'
import type { Shell, WithParts } from '../shell.ts'
import { chooseServedTenantPage } from '../sign-in/choose-tenant-page.tsx'
import { sendRedirectPage } from '../sign-in/complete-sign-in.ts'
import { type CurrentSessionPorts, currentSession } from '../sign-in/current-session.ts'
import { type LoginStartPorts, redirectToUpstream } from '../sign-in/login-start.ts'
import { consentPage } from './consent-page.tsx'
import { evaluateSignIn, isNewSince, maxAuthAgeSeconds } from './reauthentication.ts'
import { requestedScopesOf } from './scope-descriptions.ts'

export type ConsentPorts = CurrentSessionPorts &
  LoginStartPorts &
  Pick<Shell, 'defaultTenant' | 'openId'> &
  WithParts<'apis' | 'appRegistry' | 'audit' | 'consents' | 'users'>

export async function showConsent(shell: ConsentPorts, request: Request, response: Response): Promise<void> {
  const { pending, app } = await requireConsentRequest(shell, request, response)
  const refused = refusalIn(request)
  if (refused !== undefined) return redirect(response, await finishInteraction(shell, request, response, refused))
  const session = await currentSession(shell, request)
  if (session === null) return requireSignInForApp(shell, request, response, app, pending, undefined)
  if (isNewSince(pending, session))
    return redirect(response, await finishInteraction(shell, request, response, evaluateSignIn(pending, session)))
  // another one than the request saw, but no new one: it looks again, and asks what it has to
  if (session.id !== pending.details['session'])
    return redirect(response, await finishInteraction(shell, request, response, { seen: session.id }))
  if (pending.prompt === 'login') return requireSignInForApp(shell, request, response, app, pending, session)
  await showPage(shell, response, pending, app, session)
}

/** After a failed sign-in, the app gets the OAuth error of the failure. */
function refusalIn(request: Request): Settled | undefined {
  const error = textField(queryOf(request), 'refused', 32)
  if (error === undefined) return undefined
  const isKnown = ['access_denied', 'server_error', 'temporarily_unavailable'].includes(error)
  return { error: isKnown ? error : 'access_denied', error_description: 'the sign-in did not succeed' }
}

export async function submitConsent(
  shell: ConsentPorts,
  request: Request,
  response: Response,
  form: { readonly session?: string | undefined; readonly answer?: string | undefined },
): Promise<void> {
  const { pending, app } = await requireConsentRequest(shell, request, response)
  const session = await currentSession(shell, request)
  // if another user signed in meanwhile, the page is shown again for them
  if (session === null || session.id !== form.session || session.id !== pending.details['session'])
    return sendConsentRedirect(shell, response, `/consent/${encodeURIComponent(pending.uid)}`, app)
  const done = await applyAnswer(shell, pending, app, session, form.answer)
  sendConsentRedirect(shell, response, await finishInteraction(shell, request, response, done), app)
}

/** Chromium applies `form-action` to redirects after a form, also to those of the app. */
function sendConsentRedirect({ publicUrl }: ConsentPorts, response: Response, path: string, app: App): void {
  sendRedirectPage(response, new URL(path, publicUrl), app.name)
}

async function applyAnswer(
  shell: ConsentPorts,
  pending: PendingInteraction,
  app: App,
  session: Session,
  answer: string | undefined,
): Promise<Settled> {
  if (answer !== 'yes') return { error: 'access_denied', error_description: 'the user denied the request' }
  if (pending.prompt !== 'consent') return { chosen: session.id }
  const missing = missingOf(pending, app)
  if (missing.length > 0) await giveConsent(shell.parts, session, app.id, missing)
  return { consented: session.id }
}

interface ConsentRequest {
  readonly pending: PendingInteraction
  readonly app: App
}

async function requireConsentRequest(
  shell: ConsentPorts,
  request: Request,
  response: Response,
): Promise<ConsentRequest> {
  const pending = await shell.openId.interaction(request, response)
  const { client_id: id } = pending.parameters
  const app = typeof id === 'string' ? await shell.parts.appRegistry.find(id) : null
  if (pending.uid !== pathPart(request, 'uid') || app === null)
    throw new GatehouseError(
      'interaction_expired',
      'another interaction than that of this browser, or of an app that is gone',
    )
  return { pending, app }
}

async function finishInteraction(
  shell: ConsentPorts,
  request: Request,
  response: Response,
  done: Settled,
): Promise<string> {
  const { pathname } = new URL(await shell.openId.settle(request, response, done))
  return pathname
}

/** The scopes to ask for; none where only the user is confirmed. */
function missingOf({ details }: PendingInteraction, app: App): readonly string[] {
  const missing = details['missing']
  return app.scopes.filter((scope) => Array.isArray(missing) && missing.includes(scope))
}

// ---- signing in ----

/** If the app serves several organizations, the user chooses one: this page with `?tenant=`. */
function requireSignInForApp(
  shell: ConsentPorts,
  request: Request,
  response: Response,
  app: App,
  pending: PendingInteraction,
  session: Session | undefined,
): Promise<void> | void {
  const hint = textOf(pending, 'login_hint')?.slice(0, 254)
  const served = servedTenants(app, shell.tenants).filter(({ id }) => isServedByApis(shell, pending, id))
  const own = served.find(({ id }) => id === session?.tenant)?.id
  const chosen = served.find(({ id }) => id === textField(queryOf(request), 'tenant', 64))?.id
  const tenant = textOf(pending, 'tenant') ?? chosen ?? own ?? tenantFor(shell, app, served, hint)
  if (tenant !== undefined || app.tenants === 'all' || served.length === 0)
    return signIn(shell, request, response, app, pending, tenant, hint)
  const here = `/consent/${encodeURIComponent(pending.uid)}`
  const choices = served.map(({ id, name }) => ({ id, name, href: withQuery(here, { tenant: id }) }))
  sendPage(
    response,
    200,
    chooseServedTenantPage({
      app: { name: app.name },
      choices,
      ...(session !== undefined && { signedIn: signedInOf(session) }),
    }),
  )
}

/** By every API that the request names, by itself or by a scope. */
function isServedByApis({ parts }: ConsentPorts, { parameters }: PendingInteraction, tenant: string): boolean {
  const named = [parameters['resource']].flat()
  return parts.apis.every((api) => !named.includes(api.id) || servesUsersOf(api, tenant))
}

function textOf({ parameters }: PendingInteraction, name: string): string | undefined {
  const value = parameters[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Straight to a connection that is named or follows from the email, else to the sign-in page. */
function signIn(
  shell: ConsentPorts,
  request: Request,
  response: Response,
  app: App,
  pending: PendingInteraction,
  tenant: string | undefined,
  hint: string | undefined,
): Promise<void> | void {
  const { uid } = pending
  const params = {
    tenant,
    returnTo: withQuery(`/consent/${encodeURIComponent(uid)}`, { app: app.id }),
  }
  const prompt = pending.prompt === 'login' && requiresReauthentication(pending) ? 'login' : undefined
  const connection =
    tenant === undefined
      ? undefined
      : connectionFor(shell, tenant, { named: textOf(pending, 'provider'), hint, request, response })
  if (tenant === undefined || connection === undefined)
    return redirect(response, withQuery('/login', { tenant, return_to: params.returnTo, login_hint: hint, prompt }))
  // of a request from another site `/start` would ask first; an app's request is begun here
  if (!isFromOtherSite(request.headers, shell.publicUrl))
    return redirect(response, startHref({ ...params, tenant }, connection, hint, prompt))
  const loginHint = canonicalEmail(hint) ?? undefined
  return redirectToUpstream(shell, request, response, {
    params: { ...params, tenant },
    connection: connection,
    loginHint,
    prompt,
  })
}

/** Reauthenticates a signed-in user, and one whose upstream session may be older than `max_age`. */
function requiresReauthentication(pending: PendingInteraction): boolean {
  return pending.details['session'] !== undefined || Number.isFinite(maxAuthAgeSeconds(pending))
}

/** The default tenant only where the app serves all tenants. */
function tenantFor(
  { defaultTenant }: ConsentPorts,
  app: App,
  served: readonly Tenant[],
  hint: string | undefined,
): string | undefined {
  const address = canonicalEmail(hint)
  const speaking = address === null ? undefined : served.find((tenant) => isFoundByDomain(tenant, domainOf(address)))
  if (speaking !== undefined) return speaking.id
  if (served.length === 1) return served[0]?.id
  return app.tenants === 'all' ? served.find(({ id }) => id === defaultTenant)?.id : undefined
}

interface AskedConnection {
  readonly named: string | undefined
  readonly hint: string | undefined
  readonly request: Request
  readonly response: Response
}

/** The connection that the app named, or the one for the domain of `login_hint`. */
function connectionFor(
  shell: ConsentPorts,
  tenant: string,
  { named, hint, request, response }: AskedConnection,
): string | undefined {
  const { connections } = shell.parts
  const isThere = connections.tenant(tenant).connections.some(({ id }) => id === named)
  if (named !== undefined && !isThere) return undefined // of another organization the app serves
  if (named !== undefined && connections.get(tenant, named).upstream.passwords === undefined) return named
  const address = canonicalEmail(hint)
  if (named !== undefined || address === null) return undefined
  const passwordConnection = connections.passwordConnection(connections.tenant(tenant))
  const served = connections.tenant(tenant)
  return routesForDomain(served, domainOf(address), browserFor(served, request, response)).find(
    ({ id }) => id !== passwordConnection?.settings.id,
  )?.id
}

// ---- the page ----

/** Those the app gets a token for. */
function apisFor({ parts }: ConsentPorts, app: App, tenant: string): readonly Api[] {
  return parts.apis.filter((api) => mayAskFor(app, api) && servesUsersOf(api, tenant))
}

async function showPage(
  shell: ConsentPorts,
  response: Response,
  pending: PendingInteraction,
  app: App,
  session: Session,
): Promise<void> {
  const tenant = shell.parts.connections.tenant(session.tenant)
  const { email, name } = session.profile
  const missing = pending.prompt === 'consent' ? missingOf(pending, app) : []
  const redirectUri = pending.parameters['redirect_uri']
  const registeredBy = await registrantOf(shell.parts, app)
  const action = `/consent/${encodeURIComponent(pending.uid)}`
  allowDataImages(response)
  sendPage(
    response,
    200,
    consentPage({
      tenant: { name: tenant.name },
      app: { name: app.name, ...(app.logoUri !== undefined && { logoUri: app.logoUri }) },
      ...(registeredBy !== undefined && { registeredBy }),
      person: { name: name ?? email?.address ?? 'you', ...(email !== undefined && { email: email.address }) },
      scopes: requestedScopesOf(missing, session.profile, apisFor(shell, app, session.tenant)),
      ...(typeof redirectUri === 'string' && { redirectHost: new URL(redirectUri).host || app.name }),
      form: { action, hidden: { session: session.id } },
      switchHref: withQuery('/login', { tenant: session.tenant, return_to: action, prompt: 'login' }),
      supportUrl: tenant.supportUrl,
    }),
  )
}
