/**
 * Refresh token rotation. For ten seconds an old token yields the same successor, derived from it
 * with the key ring: for a second tab or a lost response. Later use of an old token suggests theft
 * and revokes the grant.
 */
import { Provider } from 'oidc-provider'
import type { Artifact } from '../../broker/ports/volatile.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { requestCache } from './request-cache.ts'

export const graceSeconds = 10

export function isFreshlyRotated({ consumedAt }: Artifact, now: Date): boolean {
  return consumedAt !== undefined && now.getTime() - consumedAt.getTime() <= graceSeconds * 1000
}

/** Value of the successor of this request's refresh token; undefined without one. */
export function successorValue(keyRing: KeyRing): string | undefined {
  const predecessor = Provider.ctx?.oidc.entities.RotatedRefreshToken?.jti
  return predecessor === undefined
    ? undefined
    : keyRing.sign(`successor of refresh token ${predecessor}`).toString('base64url')
}

const daySeconds = 86_400
/** Idle limit of every refresh token, and lifetime since sign-in for public apps. */
const idleSeconds = 30 * daySeconds
/** Lifetime since sign-in for confidential apps. */
const absoluteSeconds = 180 * daySeconds

/** Remaining lifetime in seconds. @param firstIssuedAt and `now`: seconds since 1970 */
export function refreshSeconds(isPublic: boolean, firstIssuedAt: number, now: number): number {
  const rest = (isPublic ? idleSeconds : absoluteSeconds) - (now - firstIssuedAt)
  return Math.max(1, Math.min(idleSeconds, rest))
}

/** Longer than the last refresh token of a grant. */
export const offlineGrantSeconds = absoluteSeconds + daySeconds

const accessSeconds = 3600

interface AccessTokenLimits {
  readonly resourceServer?: { readonly accessTokenTTL?: number | undefined } | undefined
  readonly expiresWithSession?: boolean | undefined
}

/** A JWT cannot be revoked, so one bound to a session expires with it. */
export function accessTokenSeconds({ resourceServer, expiresWithSession }: AccessTokenLimits, now: Date): number {
  const seconds = resourceServer?.accessTokenTTL ?? accessSeconds
  const { session } = requestCache()
  if (expiresWithSession !== true || session === undefined) return seconds
  return Math.max(1, Math.min(seconds, Math.floor((session.expiresAt.getTime() - now.getTime()) / 1000)))
}
