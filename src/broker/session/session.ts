/** A session: a signed-in browser or program. Its secret, the session token, is shown once and stored only as a hash. */

import type { Profile } from '../../profile/profile.ts'

export interface Session {
  /** Derived from the token by `tokenId`; public. */
  readonly id: string
  readonly tenant: string
  readonly userId: string
  readonly connection: string
  readonly kind: string
  /** As it was at sign-in, and as apps are told it: an email is verified where it was proven. */
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
  /**
   * The upstream did not say when the person signed in, so `authenticatedAt` is only when they came. `asked`: it was asked to sign them in
   * anew, which it need not have heeded; `unasked`: it may have let them through in silence. Absent: the time is known.
   */
  readonly unprovenSignIn?: 'asked' | 'unasked'
  /** Groups and roles of other connections, which count for some time only: what is left of them then. */
  readonly temporaryPermissions?: TemporaryPermissions
  /** The upstream limits its own session: apps get `expiresAt` as `session_expiry` in ID tokens. */
  readonly limitedByUpstream?: true
}

/** What a login asked of its upstream, which shows that it signed the person in anew (`proven`) or may not (`asked`). */
export type Reauthentication = 'proven' | 'asked'

/** When the session ends by itself if nothing more is heard from it. */
export function endsAt(session: Session): Date {
  return new Date(Math.min(session.expiresAt.getTime(), session.seenAt.getTime() + session.idleSeconds * 1000))
}

export function isLive(session: Session, now: Date): boolean {
  return now.getTime() < endsAt(session).getTime()
}

/** Sessions are kept to the second, and say the same when they are opened as later. */
export function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000)
}

export type Permissions = Pick<Profile, 'groups' | 'roles'>

/** Which permissions a session was opened with that end before it does, and what is left then. */
export interface TemporaryPermissions extends Permissions {
  readonly until: Date
}
