/**
 * The session cookie of a page that calls the API: ours, or one of the tenant's `returnOrigins`.
 */

import type { SignedIn } from '../../../broker/login/outcome.ts'
import { reportNewProgram } from '../../../broker/session/new-device.ts'
import type { Session, UserKey } from '../../../broker/session/session.ts'
import { tokenId } from '../../../crypto/token.ts'
import { GatehouseError } from '../../../errors.ts'
import { browserFor } from '../../../http/browser.ts'
import { forOtherSites, removalOptions, sessionCookieName } from '../../../http/cookies.ts'
import { sourceOf } from '../../../http/destination.ts'
import { type PageOrigin, pageOriginOf } from '../../../http/headless-origin.ts'
import { tokenFromCookie } from '../../../http/presented-credential.ts'
import { requestOrigin } from '../../../http/request-origin.ts'
import { isSameOrigin } from '../../../http/same-origin.ts'
import type { BrowserName, Tenant } from '../../../tenant.ts'
import type { Call } from '../../shell.ts'
import { keepSession, rememberSignIn } from '../../sign-in/complete-sign-in.ts'
import { knownBrowserOf } from '../../sign-in/known-browser.ts'
import { isRememberedHere } from '../../sign-in/second-factor/remembered-browser.ts'

/** Access of a handler to the cookies of the request's browser. */
export interface BrowserSession {
  /** Before a sign-in with `"cookie": true`. Throws `origin_refused`, `cross_site_refused`. */
  assertMayKeep(tenant: Tenant): void
  /** Id of a browser that this email has signed in from before (PW-03). */
  knownBrowser(tenant: string, email: string): string | undefined
  /** Whether the user needs no second factor in this browser. */
  isRemembered(user: UserKey): Promise<boolean>
  /** Undefined for a browser that the rules of connections cannot name. */
  nameFor(tenant: Tenant): BrowserName | undefined
  /** Whether the request carries this session in the cookie. */
  holds(session: Session): boolean
  /**
   * Whether our pages would get this session too. Throws `request_invalid`, `cross_site_refused`.
   */
  assertCanOpenPages(session: Session): void
  /** Sets the cookie, in place of an older session. @param email of a password sign-in */
  keep(signedIn: SignedIn, email?: string): Promise<void>
  /** After a sign-in: keeps it with `cookie`, and notifies the user of a new browser or program. */
  opened(
    signedIn: SignedIn,
    delivery: { readonly cookie?: boolean | undefined; readonly email?: string | undefined },
  ): Promise<void>
  /** Removes the cookie if it is this session's. */
  forget(session: Session): void
}

export function browserSessionOf(call: Call): BrowserSession {
  const { shell, request, response } = call
  const originFor = (tenant: Tenant) => pageOriginOf(request.headers, shell.publicUrl, tenant)
  const isOnOtherSite = (tenantId: string) => {
    const tenant = shell.tenants.get(tenantId)
    return tenant !== undefined && originFor(tenant) === 'cross-site'
  }
  const holds = ({ id }: Session) => {
    const token = tokenFromCookie(shell, request.headers.cookie)
    return token !== null && tokenId(token) === id
  }
  return {
    assertMayKeep: (tenant) => assertListed(originFor(tenant), tenant),
    knownBrowser: (tenant, email) => knownBrowserOf(shell, request, { tenant, email }),
    isRemembered: (user) => isRememberedHere(call, user),
    nameFor: (tenant) => browserFor(tenant, call),
    holds,
    assertCanOpenPages(session) {
      if (!holds(session))
        throw new GatehouseError('request_invalid', 'the session is not in the cookie', {
          text: 'Linking continues in the browser, which must hold the session in the cookie. Sign in with "cookie": true.',
        })
      if (isOnOtherSite(session.tenant))
        throw new GatehouseError(
          'cross_site_refused',
          'the cookie of a page on another site is not sent to our pages',
          {
            text: 'The page is on another site, whose cookie our pages do not get. Send the user to /account of Gatehouse instead.',
          },
        )
    },
    async keep(signedIn, email) {
      if (isOnOtherSite(signedIn.session.tenant)) return keepSession(call, signedIn, forOtherSites)
      await keepSession(call, signedIn)
      await rememberSignIn(call, signedIn, email)
    },
    async opened(signedIn, { cookie, email }) {
      const { session } = signedIn
      if (cookie === true) await this.keep(signedIn, email)
      if (cookie === true && !isOnOtherSite(session.tenant)) return
      const use = { session, address: requestOrigin()?.address, network: sourceOf(request) }
      await reportNewProgram(shell.parts, use)
    },
    forget(session) {
      if (!holds(session)) return
      const { tenant } = session
      const options = removalOptions(shell.cookie)
      response.clearCookie(sessionCookieName(shell.cookie), isOnOtherSite(tenant) ? forOtherSites(options) : options)
    },
  }
}

/** Throws `origin_refused`, `cross_site_refused`. */
export function assertListed(origin: PageOrigin, tenant: Pick<Tenant, 'id'>): void {
  if (origin === 'cross-site refused')
    throw new GatehouseError('cross_site_refused', `tenant ${tenant.id} has no sessions.crossSite`)
  if (origin === 'unlisted')
    throw new GatehouseError('origin_refused', 'a cookie for an origin that is not listed', {
      text: 'The session cookie works only in pages of Gatehouse and of the returnOrigins of the tenant. Send their Origin, or ask for a token instead of a cookie.',
    })
}

/**
 * A cookie may write only from our own pages; at headless rows also from those of the session's
 * tenant, which alone may read its answers (SE-07, SE-09). Throws `origin_refused`,
 * `cross_site_refused`.
 */
export function assertCookieOrigin({ shell, request }: Call, session: Session, headless: boolean): void {
  const { headers, method } = request
  const isRead = method === 'GET' || method === 'HEAD'
  if (isRead && (!headless || headers.origin === undefined)) return
  const tenant = shell.tenants.get(session.tenant)
  const origin =
    headless && tenant !== undefined
      ? pageOriginOf(headers, shell.publicUrl, tenant)
      : isSameOrigin(headers, shell.publicUrl)
        ? 'own'
        : 'unlisted'
  assertListed(origin, { id: session.tenant })
}
