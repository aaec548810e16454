/** A session: a signed-in browser or program. Its secret, the session token, is shown once and stored only as a hash. */
import type { Profile } from '../profile.ts'

export interface Session {
  /** Derived from the token by `tokenId`; public. */
  readonly id: string
  readonly tenant: string
  readonly userId: string
  readonly connection: string
  readonly kind: string
  /** As it was at sign-in. */
  readonly profile: Profile
  readonly acr: string | undefined
  readonly amr: readonly string[] | undefined
  readonly authenticatedAt: Date
  readonly createdAt: Date
  /** Absolute limit. */
  readonly expiresAt: Date
  readonly idleSeconds: number
  readonly seenAt: Date
  /** What it was opened from, such as "Chrome on Linux". */
  readonly device: string
}

/** When the session ends by itself if nothing more is heard from it. */
export function endsAt(session: Session): Date {
  return new Date(Math.min(session.expiresAt.getTime(), session.seenAt.getTime() + session.idleSeconds * 1000))
}

export function isLive(session: Session, now: Date): boolean {
  return now.getTime() < endsAt(session).getTime()
}

const touchEveryMs = 60_000

/** At most once a minute, so that the check stays a read. */
export function isTouchDue(session: Session, now: Date): boolean {
  return now.getTime() - session.seenAt.getTime() >= touchEveryMs
}
