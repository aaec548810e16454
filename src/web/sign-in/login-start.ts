/**
 * Starts a login at a connection. A link from another site needs a click on our page first
 * (ASVS 7.6.2); apps start logins at `/oauth2/auth`.
 */
import type { Request, Response } from 'express'
import type { OpenConnection } from '../../broker/connections.ts'
import { enforceStartLimit } from '../../broker/limits/rate-limits.ts'
import { checkReturnUrl } from '../../broker/login/return-url.ts'
import { startLogin } from '../../broker/login/start-login.ts'
import { GatehouseError } from '../../errors.ts'
import { connectionLabel } from '../../http/connection-labels.ts'
import { type LoginParams, promptOf, readLoginParams, sourceOf, startHref } from '../../http/destination.ts'
import { pathPart, queryOf, textField } from '../../http/fields.ts'
import { sendPage } from '../../http/respond.ts'
import { isFromOtherSite, isSentBy } from '../../http/same-origin.ts'
import { messagePage } from '../../pages/message-page.tsx'
import { canonicalEmail } from '../../profile/profile.ts'
import { type FailurePorts, refusePage } from '../errors/failure.ts'
import type { WithParts } from '../shell.ts'
import { sendChallenge } from './challenge.ts'
import { ensureBrowser, type PendingBrowserPorts, setLoginCookie } from './pending-browser.ts'

export type LoginStartPorts = PendingBrowserPorts &
  FailurePorts &
  WithParts<'codes' | 'counters' | 'publicUrl' | 'transactions'>

/** The parameters of a login to start. */
export interface LoginStart {
  readonly params: LoginParams & { readonly tenant: string }
  readonly connection: string
  readonly loginHint?: string | undefined
  readonly prompt?: 'login' | undefined
}

/** `/t/{tenant}/{connection}/start`, the link of every connection button on our pages. */
export function readLoginStart(request: Request, { publicUrl }: Pick<LoginStartPorts, 'publicUrl'>) {
  const query = queryOf(request)
  return {
    params: { ...readLoginParams(query), tenant: pathPart(request, 'tenant') },
    connection: pathPart(request, 'connection'),
    loginHint: canonicalEmail(textField(query, 'login_hint', 254)) ?? undefined,
    prompt: promptOf(query),
    isFromOtherSite: isFromOtherSite(request.headers, publicUrl),
  }
}

export async function startAtConnection(
  shell: LoginStartPorts,
  request: Request,
  response: Response,
  start: ReturnType<typeof readLoginStart>,
): Promise<void> {
  const { upstream } = shell.parts.connections.get(start.params.tenant, start.connection)
  // an IdP's dashboard leads here too, through the callback, if the operator allows it
  if (start.isFromOtherSite && upstream.traits?.acceptsIdpInitiated !== true)
    return confirmLogin(shell, response, start)
  await redirectToUpstream(shell, request, response, start)
}

/** Stores nothing. The link on this page is same-origin and starts the login. */
function confirmLogin(
  shell: LoginStartPorts,
  response: Response,
  { params, connection, loginHint, prompt }: LoginStart,
): void {
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
export async function redirectToUpstream(
  shell: LoginStartPorts,
  request: Request,
  response: Response,
  { params, connection, loginHint, prompt }: LoginStart,
): Promise<void> {
  await enforceStartLimit(shell.parts.counters, sourceOf(request))
  const browser = await ensureBrowser(request, shell)
  const started = await startLogin(shell.parts, {
    ...params,
    connection,
    browser: browser.hash,
    ...(loginHint !== undefined && { loginHint }),
    ...(prompt !== undefined && { reauthenticate: true }),
  })
  if (started.outcome === 'refused') return refusePage(shell, request, response, started)
  setLoginCookie(shell, response, browser, started.state)
  sendChallenge(response, started.challenge, params, loginHint)
}

/** Third-party-initiated login (OIDC Core 4). */
export function readThirdPartyStart(request: Request, { publicUrl }: Pick<LoginStartPorts, 'publicUrl'>) {
  const query = queryOf(request)
  const issuer = textField(query, 'iss')
  const { headers } = request
  return {
    issuer,
    params: {
      ...readLoginParams({ return_to: textField(query, 'target_link_uri') }),
      tenant: pathPart(request, 'tenant'),
    },
    connection: pathPart(request, 'connection'),
    loginHint: canonicalEmail(textField(query, 'login_hint', 254)) ?? undefined,
    // a link on a page of the issuer counts as the user's click
    needsClick: isFromOtherSite(headers, publicUrl) && (issuer === undefined || !isSentBy(headers, issuer)),
  }
}

/** Only the connection's own issuer may start it. */
export async function startThirdPartyLogin(
  shell: LoginStartPorts,
  request: Request,
  response: Response,
  start: ReturnType<typeof readThirdPartyStart>,
): Promise<void> {
  const connection = shell.parts.connections.get(start.params.tenant, start.connection)
  assertInitiatingIssuer(connection, start.issuer)
  checkReturnUrl(start.params.returnTo, connection.tenant, shell.publicUrl)
  if (start.needsClick) return confirmLogin(shell, response, start)
  await redirectToUpstream(shell, request, response, start)
}

/** Throws `request_invalid` for any other issuer. */
function assertInitiatingIssuer({ upstream }: OpenConnection, issuer: string | undefined): void {
  const expected = upstream.traits?.initiatingIssuer
  if (issuer !== undefined && issuer === expected) return
  throw new GatehouseError('request_invalid', "a login initiated by an issuer that is not the connection's", {
    check: {
      name: 'iss',
      ok: false,
      expected: expected ?? 'none',
      got: issuer?.slice(0, 200) ?? 'none',
    },
  })
}
