/** The end of every login in a browser: sets the cookie and redirects. */
import type { Request, Response } from 'express'
import type { SignedIn } from '../../broker/login/outcome.ts'
import { replaceSession } from '../../broker/session/end-session.ts'
import { tokenId } from '../../crypto/token.ts'
import { sealToken, sessionCookieName, sessionCookieOptions } from '../../http/cookies.ts'
import { redirect, sendPage } from '../../http/respond.ts'
import { tokenFromCookie } from '../../http/session-token.ts'
import { interstitialPage } from '../../pages/interstitial-page.tsx'
import type { Shell, WithParts } from '../shell.ts'
import { type KnownBrowserPorts, rememberBrowser } from './known-browser.ts'

export type CompleteSignInPorts = KnownBrowserPorts &
  Pick<Shell, 'publicUrl'> &
  WithParts<
    'appRegistry' | 'artifacts' | 'audit' | 'consents' | 'logouts' | 'now' | 'sessionApps' | 'sessions' | 'users'
  >

/** Replaces the browser's session: a new token at every sign-in (SE-01). */
export async function completeSignIn(
  shell: CompleteSignInPorts,
  request: Request,
  response: Response,
  signedIn: SignedIn,
  email?: string,
): Promise<void> {
  const before = tokenFromCookie(shell, request.headers.cookie)
  const old = before === null ? null : await shell.parts.sessions.find(tokenId(before))
  if (old !== null) await replaceSession(shell.parts, old, signedIn.session)

  const name = sessionCookieName(shell.cookie)
  response.cookie(
    name,
    sealToken(shell.keyRing, name, signedIn.token),
    sessionCookieOptions(shell.cookie, signedIn.session.expiresAt),
  )
  const { tenant, connection } = signedIn.session
  rememberBrowser(shell, request, response, { tenant, connection, ...(email !== undefined && { email }) })
  redirectToDestination(shell, request, response, signedIn.resume.returnTo)
}

/**
 * 303 after a form within our origin, never 307 (OP-33). After a form that leads to another origin,
 * an interstitial page: Chromium applies `form-action` to redirects. `/consent/…` leads to the app.
 */
export function redirectToDestination(
  shell: CompleteSignInPorts,
  request: Request,
  response: Response,
  returnTo: string,
): void {
  const address = new URL(returnTo)
  const staysHere = address.origin === shell.publicUrl.origin && !address.pathname.startsWith('/consent/')
  if (request.method === 'GET' || staysHere) return redirect(response, address.href)
  sendRedirectPage(response, address, address.host)
}

export function sendRedirectPage(response: Response, address: URL, name: string): void {
  response.set('refresh', `0; url=${address.href}`)
  sendPage(response, 200, interstitialPage({ href: address.href, name }))
}
