/**
 * OIDC RP-Initiated Logout 1.0. A valid ID token of this session suffices; otherwise the user is
 * asked (OP-50). The browser is then redirected only to a registered URI.
 */
import type { Request, Response } from 'express'
import { type App, isOwnerOf } from '../../app/app.ts'
import type { Session } from '../../broker/session/session.ts'
import { GatehouseError } from '../../errors.ts'
import { removalOptions, sessionCookieName } from '../../http/cookies.ts'
import { withQuery } from '../../http/destination.ts'
import { type Fields, formOf, queryOf, textField } from '../../http/fields.ts'
import { redirect, sendPage } from '../../http/respond.ts'
import { isSameOrigin } from '../../http/same-origin.ts'
import { destinationOf, externalRedirectPage } from '../../pages/external-redirect-page.tsx'
import { messagePage } from '../../pages/message-page.tsx'
import { unencodedCharacter } from '../../primitives/address-characters.ts'
import type { Shell } from '../shell.ts'
import { sendRedirectPage } from '../sign-in/complete-sign-in.ts'
import { type CurrentSessionPorts, currentSession } from '../sign-in/current-session.ts'
import { clearReturnCookie, setReturnCookie } from './post-logout-redirect.ts'
import { signOutPage } from './sign-out-page.tsx'
import { signOutEverywhere, type UpstreamLogoutPorts } from './upstream-logout.ts'

export type AppLogoutPorts = CurrentSessionPorts & UpstreamLogoutPorts & Pick<Shell, 'openId'>

const path = '/oauth2/logout'

export async function beginAppLogout(shell: AppLogoutPorts, request: Request, response: Response): Promise<void> {
  const session = await currentSession(shell, request)
  const logoutRequest = await readLogoutRequest(shell, queryOf(request), session ?? undefined)
  if (session === null) return renderSignOutQuestion(shell, response, logoutRequest)
  if (logoutRequest.hint !== undefined && (await isHintOfSession(shell, logoutRequest.hint, session)))
    return signOut(shell, response, session, logoutRequest)
  renderLogoutQuestion(shell, response, session, logoutRequest)
}

/** A form of an app comes without our cookies, so it becomes a GET. Ours carries the answer. */
export async function submitAppLogout(shell: AppLogoutPorts, request: Request, response: Response): Promise<void> {
  const form = formOf(request)
  if (!isSameOrigin(request.headers, shell.publicUrl)) {
    const fields = names.map((name) => [name, textField(form, name, maxLength)] as const)
    return redirect(response, withQuery(path, Object.fromEntries(fields)))
  }
  const session = await currentSession(shell, request)
  const logoutRequest = await readLogoutRequest(shell, form, session ?? undefined)
  if (textField(form, 'answer', 16) !== 'yes') return redirect(response, '/account')
  if (session === null) return renderSignOutQuestion(shell, response, logoutRequest)
  await signOut(shell, response, session, logoutRequest)
}

interface Hint {
  readonly appId: string
  readonly subject: unknown
  readonly sid: unknown
}

interface LogoutRequest {
  readonly app: App | undefined
  readonly hint: Hint | undefined
  readonly returnTo: URL | undefined
  readonly fields: Readonly<Record<string, string>>
}

const names = ['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state', 'ui_locales', 'logout_hint']
const maxLength = 8192

async function readLogoutRequest(
  shell: AppLogoutPorts,
  fields: Fields,
  session: Session | undefined,
): Promise<LogoutRequest> {
  const text = (name: string) => textField(fields, name, maxLength)
  const token = text('id_token_hint')
  const hint = token === undefined ? undefined : await readHint(shell, token, text('client_id'))
  const id = hint?.appId ?? text('client_id')
  const app = id === undefined ? null : await shell.parts.appRegistry.find(id)
  if (id !== undefined && app === null)
    throw refused({ name: 'client_id', expected: 'the id of a registered app', got: id })
  const address = text('post_logout_redirect_uri')
  const state = text('state')
  const returnTo = address === undefined || app === null ? undefined : returnAddress(app, address, state, session)
  const params = { client_id: app?.id, post_logout_redirect_uri: returnTo && address, state: returnTo && state }
  return { app: app ?? undefined, hint, returnTo, fields: presentFields(params) }
}

function presentFields(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const given = Object.entries(fields).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return Object.fromEntries(given)
}

/** Accepts expired tokens. Throws when it is not an ID token of ours for this app. */
async function readHint(shell: AppLogoutPorts, token: string, clientId: string | undefined): Promise<Hint> {
  const appId = audienceOf(token)
  if (clientId !== undefined && clientId !== appId)
    throw refused({ name: 'client_id', expected: 'the audience of the id_token_hint', got: clientId })
  const claims = appId === undefined ? null : await shell.openId.readIdToken(token, appId)
  if (claims === null || appId === undefined)
    throw refused({
      name: 'id_token_hint',
      expected: 'an ID token of ours for this app',
      got: 'another text, or one signed by another key',
    })
  return { appId, subject: claims['sub'], sid: claims['sid'] }
}

/** As the token says, unverified: it is verified as one for this app next. */
function audienceOf(token: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    const audience = typeof claims === 'object' && claims !== null && 'aud' in claims ? claims.aud : undefined
    return typeof audience === 'string' ? audience : undefined
  } catch {
    return undefined
  }
}

/** Compared character by character. Throws when the app did not register it. */
function returnAddress(app: App, address: string, state: string | undefined, session: Session | undefined): URL {
  if (!app.postLogoutRedirectUris.includes(address)) {
    const expected = app.postLogoutRedirectUris.join(' or ') || 'none: the app registered none'
    const fault = { name: 'post_logout_redirect_uri', expected, got: address, wrong: unencodedCharacter(address) }
    throw refused({ ...fault, shown: isOwnerOf(app, session) ? expected : 'one that is registered for this app' })
  }
  const url = new URL(address)
  if (state !== undefined) url.searchParams.set('state', state)
  return url
}

interface Fault {
  readonly name: string
  /** For the trace. */
  readonly expected: string
  readonly got: string
  /** For the page, where it says less. */
  readonly shown?: string
  readonly wrong?: string | undefined
}

function refused({ name, expected, got, shown = expected, wrong }: Fault): GatehouseError {
  const check = { name, ok: false, expected, got: got.slice(0, 300) }
  return new GatehouseError('app_request_refused', `sign-out refused by its ${name}`, {
    check,
    text: wrong === undefined ? `${name}: expected ${shown}, got ${got.slice(0, 300)}.` : `${name}: it ${wrong}.`,
  })
}

async function isHintOfSession(
  shell: AppLogoutPorts,
  { appId, subject, sid }: Hint,
  session: Session,
): Promise<boolean> {
  if (subject !== session.userId) return false
  const got = (await shell.parts.sessionApps.of(session.id)).get(appId)
  return got !== undefined && (sid === undefined || sid === got.sid)
}

/** With upstream logout, the browser goes there first, and then to the app. */
async function signOut(
  shell: AppLogoutPorts,
  response: Response,
  session: Session,
  logoutRequest: LogoutRequest,
): Promise<void> {
  response.clearCookie(sessionCookieName(shell.cookie), removalOptions(shell.cookie))
  if (logoutRequest.returnTo !== undefined) setReturnCookie(shell, response, logoutRequest.returnTo)
  if (await signOutEverywhere(shell, response, session)) return
  clearReturnCookie(shell, response)
  sendRedirect(response, logoutRequest)
}

/**
 * RFC 9700 4.11.2: a developer can craft such a link. If no user was signed out, a page of ours
 * comes before the redirect to an app that a developer registered.
 */
function renderSignOutQuestion({ tenants }: AppLogoutPorts, response: Response, logoutRequest: LogoutRequest): void {
  const { app, returnTo } = logoutRequest
  if (returnTo === undefined || app?.owner === undefined) return sendRedirect(response, logoutRequest)
  const html = externalRedirectPage({
    title: 'You are signed out',
    app: app.name,
    tenant: tenants.get(app.owner.tenant)?.name,
    destination: destinationOf(returnTo),
    to: { href: returnTo.href },
  })
  sendPage(response, 200, html)
}

/** Chromium applies `form-action` to redirects after a form. */
function sendRedirect(response: Response, { returnTo, app }: LogoutRequest): void {
  if (returnTo !== undefined && response.req.method === 'GET') return redirect(response, returnTo.href)
  if (returnTo !== undefined) return sendRedirectPage(response, returnTo, app?.name ?? returnTo.host)
  const text = 'You can close this page, or sign in again.'
  sendPage(response, 200, messagePage({ title: 'You are signed out', text, href: '/login', label: 'Sign in' }))
}

function renderLogoutQuestion(
  shell: AppLogoutPorts,
  response: Response,
  session: Session,
  { app, fields }: LogoutRequest,
): void {
  const { email, name } = session.profile
  const html = signOutPage({
    tenant: { name: shell.parts.connections.tenant(session.tenant).name },
    person: name ?? email?.address ?? 'you',
    ...(app !== undefined && { app: app.name }),
    form: { action: path, hidden: fields },
  })
  sendPage(response, 200, html)
}
