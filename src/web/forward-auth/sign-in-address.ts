/** URLs to which `/verify` redirects: the login, or with `mfa=required` the second factor. */
import { levelOfSession } from '../../broker/assurance/evidence.ts'
import type { Session } from '../../broker/session/session.ts'
import { GatehouseError } from '../../errors.ts'
import { loginHref, withQuery } from '../../http/destination.ts'
import { evidenceRuleOf, type Tenant } from '../../tenant.ts'
import type { Shell } from '../shell.ts'
import { secondFactorPath } from '../sign-in/second-factor/finish-sign-in.ts'
import { receivesCookie } from './forwarded-url.ts'

/** Whether the session proved a second factor. An API token never did. */
export function hasSecondFactor(tenants: ReadonlyMap<string, Tenant>, session: Session): boolean {
  return levelOfSession(session, evidenceRuleOf(tenants.get(session.tenant), session.connection)) !== 'none'
}

export interface SignInNeed {
  readonly tenant: string | undefined
  /** The user is signed in, and lacks a second factor. */
  readonly isFactor: boolean
}

/** Throws `cookie_domain_mismatch` where signing in could not help. */
export function signInAddress(
  { cookie, publicUrl }: Pick<Shell, 'cookie' | 'publicUrl'>,
  { tenant, isFactor }: SignInNeed,
  requestedUrl: URL | null,
): string {
  if (requestedUrl !== null && !receivesCookie(cookie, publicUrl, requestedUrl))
    throw new GatehouseError(
      'cookie_domain_mismatch',
      `browsers do not send the session cookie to ${requestedUrl.origin}: set cookie.domain to a domain of both`,
    )
  const returnTo = requestedUrl === null ? '/account' : requestedUrl.href
  const href = isFactor ? withQuery(secondFactorPath, { return_to: returnTo }) : loginHref({ tenant, returnTo })
  return new URL(href, publicUrl).href
}
