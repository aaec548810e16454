/** The end of every login in a browser: sets the cookie and redirects. */
import type { CookieOptions, Response } from 'express'
import type { SignedIn } from '../../broker/login/outcome.ts'
import type { Resume } from '../../broker/ports/volatile.ts'
import { replaceSession } from '../../broker/session/end-session.ts'
import { type NewDevicePorts, reportNewDevice } from '../../broker/session/new-device.ts'
import { tokenId } from '../../crypto/token.ts'
import { connectionLabel } from '../../http/connection-labels.ts'
import { sealToken, sessionCookieName, sessionCookieOptions } from '../../http/cookies.ts'
import { tokenFromCookie } from '../../http/presented-credential.ts'
import { requestOrigin } from '../../http/request-origin.ts'
import { redirect, sendPage } from '../../http/respond.ts'
import { messagePage, redirectPage } from '../../pages/message-page.tsx'
import { pendingDeletionHref } from '../account/deletion/pending-deletion.ts'
import { methodsHref } from '../account/sign-in-methods/method-notices.ts'
import type { Call, PartsOf, Shell, WithParts } from '../shell.ts'
import { keptCookie } from './kept-sign-in.ts'
import { isBrowserOf, type KnownBrowserPorts, rememberBrowser } from './known-browser.ts'
import { type RequestingAppPorts, requestingApp } from './requesting-app.ts'

type KeepSessionPorts = Pick<Shell, 'cookie' | 'keyRing'> &
  PartsOf<typeof replaceSession> &
  WithParts<'sessions' | 'userDeletions'>
export type CompleteSignInPorts = KnownBrowserPorts &
  RequestingAppPorts &
  WithParts<'connections'> &
  KeepSessionPorts & { readonly parts: NewDevicePorts }

export async function completeSignIn(call: Call<CompleteSignInPorts>, signedIn: SignedIn, email?: string) {
  await keepSignIn(call, signedIn, email)
  const offer = await pendingDeletionHref(call.shell.parts, signedIn)
  if (offer !== undefined) return redirect(call.response, offer)
  const { linked, resume } = signedIn
  if (linked === undefined) return redirectToDestination(call, resume.returnTo)
  if (resume.returnTo === new URL('/account', call.shell.publicUrl).href)
    return redirect(call.response, methodsHref('added', linked))
  await showConnected(call, resume, linked)
}

/** Before the page of an app, which cannot say what was connected. */
async function showConnected(call: Call<CompleteSignInPorts>, { tenant, returnTo }: Resume, connection: string) {
  const { parts, publicUrl } = call.shell
  const name = connectionLabel(parts.connections, tenant, connection)
  const address = new URL(returnTo)
  const elsewhere = address.origin === publicUrl.origin ? undefined : address.host
  const destination = (await requestingApp(call.shell, { returnTo }, tenant))?.name ?? elsewhere
  const html = messagePage({
    title: `${name} is now connected`,
    text: `You can sign in to ${parts.connections.tenant(tenant).name} with ${name} from now on.`,
    href: returnTo,
    label: destination === undefined ? 'Continue' : `Continue to ${destination}`,
  })
  sendPage(call.response, 200, html)
}

/** Sets the cookies of a sign-in without a redirect: a page comes before the destination. */
export async function keepSignIn(call: Call<CompleteSignInPorts>, signedIn: SignedIn, email?: string): Promise<void> {
  await keepSession(call, signedIn)
  await rememberSignIn(call, signedIn, email)
}

/**
 * Remembers the browser, and notifies the user of a new one.
 * @param email of a sign-in whose email was typed here
 */
export async function rememberSignIn(
  call: Call<KnownBrowserPorts & { readonly parts: NewDevicePorts }>,
  { session, facts: { hasSignedIn } }: Pick<SignedIn, 'session' | 'facts'>,
  email?: string,
): Promise<void> {
  const { tenant, connection, userId } = session
  const isNew = !isBrowserOf(call.shell, call.request, session)
  rememberBrowser(call, { tenant, connection, userId, ...(email !== undefined && { email }) })
  if (isNew) await reportNewDevice(call.shell.parts, { session, address: requestOrigin()?.address, hasSignedIn })
}

/**
 * Sets the session cookie. Replaces the browser's session: a new token at every sign-in (SE-01).
 * @param attributes changes them for a page on another site
 */
export async function keepSession(
  call: Call<KeepSessionPorts>,
  { session, token }: Pick<SignedIn, 'session' | 'token'>,
  attributes: (options: CookieOptions) => CookieOptions = (options) => options,
): Promise<void> {
  const { shell, request, response } = call
  const before = tokenFromCookie(shell, request.headers.cookie)
  const old = before === null ? null : await shell.parts.sessions.find(tokenId(before))
  if (old !== null) await replaceSession(shell.parts, old, session)

  const name = sessionCookieName(shell.cookie)
  const options = attributes(sessionCookieOptions(keptCookie(call), session.expiresAt))
  response.cookie(name, sealToken(shell.keyRing, name, token), options)
}

/**
 * 303 after a form within our origin, never 307 (OP-33). After a form that leads to another origin,
 * an interstitial page: Chromium applies `form-action` to redirects. `/consent/…` leads to the app.
 */
export function redirectToDestination(call: Call<Pick<Shell, 'publicUrl'>>, returnTo: string): void {
  const { shell, request, response } = call
  const address = new URL(returnTo)
  const staysHere = address.origin === shell.publicUrl.origin && !address.pathname.startsWith('/consent/')
  if (request.method === 'GET' || staysHere) return redirect(response, address.href)
  sendRedirectPage(response, address, address.host)
}

export function sendRedirectPage(response: Response, address: URL, name: string): void {
  response.set('refresh', `0; url=${address.href}`)
  sendPage(response, 200, redirectPage(address.href, name))
}
