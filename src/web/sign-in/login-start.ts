/**
 * Starts a login at a connection. A link from another site needs a click on our page first
 * (ASVS 7.6.2); apps start logins at `/oauth2/auth`.
 */
import type { Request, Response } from 'express'
import { isSsoOnlyEmail, ssoConnections } from '../../broker/access/sso/decide-sso.ts'
import { type OpenConnection, provesMailbox } from '../../broker/connections.ts'
import { enforceSourceLimit } from '../../broker/limits/rate-limits.ts'
import { checkReturnUrl } from '../../broker/login/return-url.ts'
import type { startLogin } from '../../broker/login/start-login.ts'
import { GatehouseError } from '../../errors.ts'
import { browserFor } from '../../http/browser.ts'
import { connectionLabel } from '../../http/connection-labels.ts'
import {
  type LoginParams,
  promptOf,
  readLoginParams,
  sourceOf,
  startHref,
  toQuery,
  withQuery,
} from '../../http/destination.ts'
import { placeOf, queryOf, textField } from '../../http/fields.ts'
import { allowFormTarget, redirect, sendPage } from '../../http/respond.ts'
import { isFromOtherSite, isSentBy } from '../../http/same-origin.ts'
import { messagePage, submittedFormPage } from '../../pages/message-page.tsx'
import { canonicalEmail, domainOf } from '../../profile/profile.ts'
import type { Challenge } from '../../provider/provider.ts'
import { routesForDomain, type Tenant } from '../../tenant.ts'
import { type FailurePorts, refusePage } from '../errors/failure.ts'
import type { Call, PartsOf, WithParts } from '../shell.ts'
import { type PendingBrowserPorts, startInBrowser } from './pending-browser.ts'

export type LoginStartPorts = PendingBrowserPorts &
  FailurePorts &
  PartsOf<typeof startLogin> &
  WithParts<'codes' | 'counters'>

export interface LoginStart {
  readonly params: LoginParams & { readonly tenant: string }
  readonly connection: string
  readonly loginHint?: string | undefined
  readonly prompt?: 'login' | undefined
}

/** `/t/{tenant}/{connection}/start`, the link of every connection button on our pages. */
export function readLoginStart(request: Request, { publicUrl }: Pick<LoginStartPorts, 'publicUrl'>) {
  const query = queryOf(request)
  const { tenant, connection } = placeOf(request)
  return {
    params: { ...readLoginParams(query), tenant },
    connection,
    loginHint: canonicalEmail(textField(query, 'login_hint', 254)) ?? undefined,
    prompt: promptOf(query),
    isFromOtherSite: isFromOtherSite(request.headers, publicUrl),
  }
}

export async function startAtConnection(call: Call<LoginStartPorts>, start: ReturnType<typeof readLoginStart>) {
  const { upstream } = call.shell.parts.connections.get(start.params.tenant, start.connection)
  // an IdP's dashboard leads here too, through the callback, if the operator allows it
  if (start.isFromOtherSite && upstream.traits?.acceptsIdpInitiated !== true) return confirmLogin(call, start)
  await redirectToUpstream(call, start)
}

/** Stores nothing. The link on this page is same-origin and starts the login. */
function confirmLogin({ shell, response }: Call<LoginStartPorts>, start: LoginStart): void {
  const { params, connection, loginHint, prompt } = start
  const { tenant } = shell.parts.connections.get(params.tenant, connection)
  checkReturnUrl(params.returnTo, tenant, shell.publicUrl)
  const name = connectionLabel(shell.parts.connections, tenant.id, connection)
  const html = messagePage({
    title: `Sign in to ${tenant.name}?`,
    text: `A link on another site brought you here. Continue if you want to sign in to ${tenant.name} with ${name}. Otherwise close this page: you are not signed in yet.`,
    href: startHref(params, connection, loginHint, prompt),
    label: `Continue with ${name}`,
  })
  sendPage(response, 200, html)
}

/** Stores the login transaction and sends the browser to the upstream. */
export async function redirectToUpstream(call: Call<LoginStartPorts>, start: LoginStart): Promise<void> {
  const { shell, request, response } = call
  const { params, connection, loginHint, prompt } = start
  await enforceSourceLimit(shell.parts.counters, 'start-source', sourceOf(request))
  const started = await startInBrowser(call, {
    ...params,
    connection,
    ...(loginHint !== undefined && { loginHint }),
    ...(prompt !== undefined && { reauthenticate: true }),
  })
  if (started.outcome === 'refused') return refusePage(call, started)
  sendChallenge(response, started.challenge, params, loginHint)
}

export function sendChallenge(response: Response, challenge: Challenge, params: LoginParams, loginHint?: string): void {
  switch (challenge.step) {
    case 'redirect':
      return redirect(response, challenge.url.href)
    case 'post': {
      const title = 'One more step'
      const text = 'Select Continue to go to your identity provider.'
      const form = { action: challenge.url.href, fields: Object.entries(challenge.fields) }
      allowFormTarget(response, challenge.url.origin)
      return sendPage(response, 200, submittedFormPage({ title, text, ...form }))
    }
    case 'ask': {
      // without a loginHint, the page asks for the email first
      const step = challenge.fields.includes('password') ? 'password' : 'email'
      const query = { ...toQuery(params), login_hint: loginHint, prompt: 'login', step }
      return redirect(response, withQuery('/login', query))
    }
    default:
      return challenge satisfies never
  }
}

/**
 * Connection for the domain of an email; undefined if only passwords and emailed codes serve it.
 */
export function connectionForEmail(call: Call<WithParts<'connections'>>, tenant: Tenant, email: string) {
  const typed = call.shell.parts.connections.all(tenant).filter(provesMailbox)
  const domain = domainOf(email)
  const offered = routesForDomain(tenant, domain, browserFor(tenant, call)).find(
    ({ id }) => !typed.some(({ settings }) => settings.id === id),
  )?.id
  // falls back to an ssoOnly connection without a button or for other browsers: no other works
  return offered ?? (isSsoOnlyEmail(tenant, email) ? ssoConnections(tenant, domain)[0]?.id : undefined)
}

/** Third-party-initiated login (OIDC Core 4). */
export function readThirdPartyStart(request: Request, { publicUrl }: Pick<LoginStartPorts, 'publicUrl'>) {
  const query = queryOf(request)
  const issuer = textField(query, 'iss')
  const start = readLoginStart(request, { publicUrl })
  return {
    issuer,
    connection: start.connection,
    loginHint: start.loginHint,
    params: { ...readLoginParams({ return_to: textField(query, 'target_link_uri') }), tenant: start.params.tenant },
    // a link on a page of the issuer counts as the user's click
    needsClick: start.isFromOtherSite && (issuer === undefined || !isSentBy(request.headers, issuer)),
  }
}

/** Starts a login that another site initiated (OIDC Core 4): only the connection's issuer may. */
export async function startThirdPartyLogin(
  call: Call<LoginStartPorts>,
  start: ReturnType<typeof readThirdPartyStart>,
): Promise<void> {
  const { parts, publicUrl } = call.shell
  const connection = parts.connections.get(start.params.tenant, start.connection)
  assertInitiatingIssuer(connection, start.issuer)
  checkReturnUrl(start.params.returnTo, connection.tenant, publicUrl)
  if (start.needsClick) return confirmLogin(call, start)
  await redirectToUpstream(call, start)
}

/** Throws `request_invalid` for any other issuer. */
function assertInitiatingIssuer({ upstream }: OpenConnection, issuer: string | undefined): void {
  const expected = upstream.traits?.initiatingIssuer
  if (issuer !== undefined && issuer === expected) return
  const check = { name: 'iss', ok: false, expected: expected ?? 'none', got: issuer?.slice(0, 200) ?? 'none' }
  throw new GatehouseError('request_invalid', "a login initiated by an issuer that is not the connection's", { check })
}
