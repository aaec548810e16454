/**
 * OIDC RP-Initiated Logout 1.0. A valid ID token of this session suffices; otherwise the user is
 * asked (OP-50). The browser is then redirected only to a registered URI.
 */
import type { Request } from 'express'
import { type App, isOwnerOf } from '../../app/app.ts'
import type { Session } from '../../broker/session/session.ts'
import { GatehouseError } from '../../errors.ts'
import { removalOptions, sessionCookieName } from '../../http/cookies.ts'
import { definedOnly, withQuery } from '../../http/destination.ts'
import { fieldsOf, textField } from '../../http/fields.ts'
import { redirect, sendPage } from '../../http/respond.ts'
import { isSameOrigin } from '../../http/same-origin.ts'
import { destinationOf, externalRedirectPage } from '../../pages/external-redirect-page.tsx'
import { messagePage } from '../../pages/message-page.tsx'
import { unencodedCharacter } from '../../primitives/address-characters.ts'
import type { Call, Shell } from '../shell.ts'
import { type CurrentSessionPorts, currentSession } from '../sign-in/current-session.ts'
import { returnCookie, setReturnCookie } from './post-logout-redirect.ts'
import { signOutPage } from './sign-out-page.tsx'
import { sendRedirect, signOutEverywhere, type UpstreamLogoutPorts } from './upstream-logout.ts'

export type AppLogoutPorts = CurrentSessionPorts & UpstreamLogoutPorts & Pick<Shell, 'openId'>
type LogoutCall = Call<AppLogoutPorts>

const path = '/oauth2/logout'
const names = ['id_token_hint', 'client_id', 'post_logout_redirect_uri', 'state', 'ui_locales', 'logout_hint'] as const
const maxLength = 8192

/**
 * The parameters as sent, and the answer of our own page. Empty ones count as absent (RFC 6749
 * 3.1).
 */
export function readLogoutFields(request: Request) {
  const fields = fieldsOf(request)
  const sent = Object.fromEntries(names.map((name) => [name, textField(fields, name, maxLength) || undefined]))
  return { sent: sent as LogoutFields, answer: textField(fields, 'answer', 16) }
}

type LogoutFields = Readonly<Record<(typeof names)[number], string | undefined>>

export async function beginAppLogout(call: LogoutCall, { sent }: ReturnType<typeof readLogoutFields>): Promise<void> {
  const { shell, response } = call
  const session = await currentSession(call)
  const logout = await resolveLogout(shell, sent, session)
  if (session === null) return sendSignedOutPage(call, logout)
  if (logout.hint !== undefined && (await isHintOfSession(shell, logout.hint, session)))
    return signOut(call, session, logout)
  const { email, name } = session.profile
  const html = signOutPage({
    tenant: shell.parts.connections.tenant(session.tenant),
    person: name ?? email?.address ?? 'you',
    app: logout.app?.name,
    form: { action: path, hidden: logout.fields },
  })
  sendPage(response, 200, html)
}

/** A form of an app comes without our cookies, so it becomes a GET. Ours carries the answer. */
export async function submitAppLogout(
  call: LogoutCall,
  { sent, answer }: ReturnType<typeof readLogoutFields>,
): Promise<void> {
  const { shell, request, response } = call
  if (!isSameOrigin(request.headers, shell.publicUrl)) return redirect(response, withQuery(path, sent))
  const session = await currentSession(call)
  const logout = await resolveLogout(shell, sent, session)
  if (answer !== 'yes') return redirect(response, '/account')
  if (session === null) return sendSignedOutPage(call, logout)
  await signOut(call, session, logout)
}

interface Hint {
  readonly appId: string
  readonly subject: unknown
  readonly sid: unknown
}

interface Logout {
  readonly app: App | undefined
  readonly hint: Hint | undefined
  readonly returnTo: URL | undefined
  /** Hidden fields of our page's form. */
  readonly fields: Readonly<Record<string, string>>
}

async function resolveLogout(shell: AppLogoutPorts, sent: LogoutFields, session: Session | null): Promise<Logout> {
  const { id_token_hint: token, client_id: clientId, post_logout_redirect_uri: address, state } = sent
  const hint = token === undefined ? undefined : await readHint(shell, token, clientId)
  const id = hint?.appId ?? clientId
  const app = id === undefined ? undefined : ((await shell.parts.appRegistry.find(id)) ?? undefined)
  if (id !== undefined && app === undefined)
    throw refused({ name: 'client_id', expected: 'the ID of a registered app', got: id })
  const returnTo = address === undefined || app === undefined ? undefined : returnAddress(app, address, session)
  if (state !== undefined) returnTo?.searchParams.set('state', state)
  const params = { client_id: app?.id, post_logout_redirect_uri: returnTo && address, state: returnTo && state }
  return { app, hint, returnTo, fields: definedOnly(params) }
}

/** Accepts expired tokens. Throws when it is not an ID token of ours for this app. */
async function readHint(shell: AppLogoutPorts, token: string, clientId: string | undefined): Promise<Hint> {
  const appId = audienceOf(token)
  if (clientId !== undefined && clientId !== appId)
    throw refused({ name: 'client_id', expected: 'the audience of the id_token_hint', got: clientId })
  const claims = appId === undefined ? null : await shell.openId.readIdToken(token, appId)
  if (claims === null || appId === undefined) {
    const got = 'another text, or one signed by another key'
    throw refused({ name: 'id_token_hint', expected: 'an ID token of ours for this app', got })
  }
  return { appId, subject: claims['sub'], sid: claims['sid'] }
}

/** Audience of a token that is not verified yet: it is verified as one for this app next. */
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
function returnAddress(app: App, address: string, session: Session | null): URL {
  if (app.postLogoutRedirectUris.includes(address)) return new URL(address)
  const registered = app.postLogoutRedirectUris
  const expected = registered.join(' or ') || 'none is registered'
  const fault = { name: 'post_logout_redirect_uri', expected, got: address, wrong: unencodedCharacter(address) }
  const isOwner = isOwnerOf(app, session ?? undefined)
  if (isOwner && registered.length === 0) throw refused({ ...fault, text: noneRegistered(address) })
  throw refused({ ...fault, shown: isOwner ? expected : 'one that is registered for this app' })
}

const noneRegistered = (address: string) =>
  `This app has no redirect URI after sign-out. Register ${address.slice(0, 300)} in its settings.`

interface Fault {
  readonly name: string
  /** Expected value for the trace. */
  readonly expected: string
  readonly got: string
  /** Expected value for the page, if it must disclose less. */
  readonly shown?: string
  readonly wrong?: string | undefined
  /** Replaces the sentence about the fault. */
  readonly text?: string
}

function refused({ name, expected, got, shown = expected, wrong, text }: Fault): GatehouseError {
  const check = { name, ok: false, expected, got: got.slice(0, 300) }
  return new GatehouseError('app_request_refused', `sign-out refused by its ${name}`, {
    check,
    text: text ?? (wrong === undefined ? `${name}: expected ${shown}, got ${check.got}.` : `${name}: it ${wrong}.`),
  })
}

async function isHintOfSession({ parts }: AppLogoutPorts, { appId, subject, sid }: Hint, session: Session) {
  if (subject !== session.userId) return false
  const got = (await parts.sessionApps.of(session.id)).get(appId)
  return got !== undefined && (sid === undefined || sid === got.sid)
}

/** Signs out. With upstream logout, the browser visits the upstream first, and then the app. */
async function signOut(call: LogoutCall, session: Session, logout: Logout): Promise<void> {
  const { shell, response } = call
  response.clearCookie(sessionCookieName(shell.cookie), removalOptions(shell.cookie))
  if (logout.returnTo !== undefined) setReturnCookie(shell, response, logout.returnTo)
  if (await signOutEverywhere(shell, response, session)) return
  returnCookie.clear(shell, response)
  sendToApp(call, logout)
}

/**
 * RFC 9700 4.11.2: a developer can craft such a link. If no user was signed out, a page of ours
 * comes before the redirect to an app that a developer registered.
 */
function sendSignedOutPage(call: LogoutCall, logout: Logout): void {
  const { app, returnTo } = logout
  if (returnTo === undefined || app?.owner === undefined) return sendToApp(call, logout)
  const html = externalRedirectPage({
    title: signedOut,
    app: app.name,
    tenant: call.shell.tenants.get(app.owner.tenant)?.name,
    destination: destinationOf(returnTo),
    to: returnTo.href,
  })
  sendPage(call.response, 200, html)
}

const signedOut = 'You are signed out'

function sendToApp(call: LogoutCall, { returnTo, app }: Logout): void {
  if (returnTo !== undefined) return sendRedirect(call, returnTo, app?.name)
  const text = 'You can close this page, or sign in again.'
  sendPage(call.response, 200, messagePage({ title: signedOut, text, href: '/login', label: 'Sign in' }))
}
