/** The end of every login in a browser: cookies set, and off to where the person was going. */
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

/** Puts the new session into the cookie, in place of the one the browser had: a new token at every sign-in (SE-01). */
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
 * After a GET a redirect; after a form within our own origin too (303, never 307: OP-33). After a form to another origin a page that
 * goes on by itself: Chromium holds redirects of a form to the page's `form-action`, which names only us. An app's request that waits
 * at `/consent/…` goes on to the app's origin.
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

/** A page that goes on to `address` by itself, with a link for browsers that do not. */
export function sendRedirectPage(response: Response, address: URL, name: string): void {
  response.set('refresh', `0; url=${address.href}`)
  sendPage(response, 200, interstitialPage({ href: address.href, name }))
}
