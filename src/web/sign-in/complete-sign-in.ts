/** The end of every login in a browser: sets the cookie and redirects. */
import type { Response } from 'express'
import type { SignedIn } from '../../broker/login/outcome.ts'
import { replaceSession } from '../../broker/session/end-session.ts'
import { tokenId } from '../../crypto/token.ts'
import { sealToken, sessionCookieName, sessionCookieOptions } from '../../http/cookies.ts'
import { redirect, sendPage } from '../../http/respond.ts'
import { tokenFromCookie } from '../../http/session-token.ts'
import { redirectPage } from '../../pages/message-page.tsx'
import type { Call, PartsOf, Shell, WithParts } from '../shell.ts'
import { type KnownBrowserPorts, rememberBrowser } from './known-browser.ts'

export type CompleteSignInPorts = KnownBrowserPorts &
  Pick<Shell, 'publicUrl'> &
  PartsOf<typeof replaceSession> &
  WithParts<'sessions'>

/** Replaces the browser's session: a new token at every sign-in (SE-01). */
export async function completeSignIn(call: Call<CompleteSignInPorts>, signedIn: SignedIn, email?: string) {
  const { shell, request, response } = call
  const { session, token, resume } = signedIn
  const before = tokenFromCookie(shell, request.headers.cookie)
  const old = before === null ? null : await shell.parts.sessions.find(tokenId(before))
  if (old !== null) await replaceSession(shell.parts, old, session)

  const name = sessionCookieName(shell.cookie)
  const options = sessionCookieOptions(shell.cookie, session.expiresAt)
  response.cookie(name, sealToken(shell.keyRing, name, token), options)
  const { tenant, connection } = session
  rememberBrowser(call, { tenant, connection, ...(email !== undefined && { email }) })
  redirectToDestination(call, resume.returnTo)
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
