/**
 * Refresh tokens are replaced at every use, and honest people are not signed out by it. A browser with two tabs, or one whose answer was
 * lost on the way, asks again with the old token: for ten seconds it gets the very same successor. That is made from the predecessor and
 * the key ring, so nothing has to be kept for it. An old token that comes later was stolen, or its successor was: the family ends.
 */
import { Provider } from 'oidc-provider'
import type { Artifact } from '../../broker/ports/artifacts.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { readsOfRequest } from './request-cache.ts'

export const graceSeconds = 10

export function isFreshlyRotated({ consumedAt }: Artifact, now: Date): boolean {
  return consumedAt !== undefined && now.getTime() - consumedAt.getTime() <= graceSeconds * 1000
}

/** The value of the refresh token that replaces the one this request brought; undefined when it brought none. */
export function successorValue(keyRing: KeyRing): string | undefined {
  const predecessor = Provider.ctx?.oidc.entities.RotatedRefreshToken?.jti
  return predecessor === undefined
    ? undefined
    : keyRing.sign(`successor of refresh token ${predecessor}`).toString('base64url')
}

const daySeconds = 86_400
/** Unused that long, a refresh token is over. */
const idleSeconds = 30 * daySeconds
/** Since the person signed in: theirs to keep longer than a public app may, whose tokens nothing but their secrecy protects. */
const absoluteSeconds = 180 * daySeconds

/** Seconds a refresh token lives from `now` (seconds since 1970). @param firstIssuedAt when the first of its family was made */
export function refreshSeconds(isPublic: boolean, firstIssuedAt: number, now: number): number {
  const rest = (isPublic ? idleSeconds : absoluteSeconds) - (now - firstIssuedAt)
  return Math.max(1, Math.min(idleSeconds, rest))
}

/** A grant outlives the last refresh token made from it. */
export const offlineGrantSeconds = absoluteSeconds + daySeconds

const accessSeconds = 3600

interface AccessTokenLimits {
  readonly resourceServer?: { readonly accessTokenTTL?: number | undefined } | undefined
  readonly expiresWithSession?: boolean | undefined
}

/** Seconds. A JWT cannot be revoked, so one bound to a session expires with it. */
export function accessTokenSeconds({ resourceServer, expiresWithSession }: AccessTokenLimits, now: Date): number {
  const seconds = resourceServer?.accessTokenTTL ?? accessSeconds
  const { session } = readsOfRequest()
  if (expiresWithSession !== true || session === undefined) return seconds
  return Math.max(1, Math.min(seconds, Math.floor((session.expiresAt.getTime() - now.getTime()) / 1000)))
}
