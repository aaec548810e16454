/** The end of every login in a browser: sets the cookie and redirects. */
import type { CookieOptions, Response } from 'express'
import type { SignedIn } from '../../broker/login/outcome.ts'
import { replaceSession } from '../../broker/session/end-session.ts'
import { tokenId } from '../../crypto/token.ts'
import { sealToken, sessionCookieName, sessionCookieOptions } from '../../http/cookies.ts'
import { tokenFromCookie } from '../../http/presented-credential.ts'
import { redirect, sendPage } from '../../http/respond.ts'
import { redirectPage } from '../../pages/message-page.tsx'
import type { Call, PartsOf, Shell, WithParts } from '../shell.ts'
import { type KnownBrowserPorts, rememberBrowser } from './known-browser.ts'

type KeepSessionPorts = Pick<Shell, 'cookie' | 'keyRing'> & PartsOf<typeof replaceSession> & WithParts<'sessions'>
export type CompleteSignInPorts = KnownBrowserPorts & Pick<Shell, 'publicUrl'> & KeepSessionPorts

export async function completeSignIn(call: Call<CompleteSignInPorts>, signedIn: SignedIn, email?: string) {
  await keepSession(call, signedIn)
  const { tenant, connection } = signedIn.session
  rememberBrowser(call, { tenant, connection, ...(email !== undefined && { email }) })
  redirectToDestination(call, signedIn.resume.returnTo)
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
  const options = attributes(sessionCookieOptions(shell.cookie, session.expiresAt))
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
