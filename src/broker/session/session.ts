/** A session: a signed-in browser or program. Its token is shown once; the store keeps a hash. */

import type { Profile } from '../../profile/profile.ts'

export interface Session {
  /** Derived from the token by `tokenId`; public. */
  readonly id: string
  readonly tenant: string
  readonly userId: string
  readonly connection: string
  readonly kind: string
  /** The profile released to apps: `email.verified` says whether the email is proven. */
  readonly profile: Profile
  readonly acr: string | undefined
  readonly amr: readonly string[] | undefined
  readonly authenticatedAt: Date
  /** When the user last proved a second factor, or a passkey, to Gatehouse itself. */
  readonly factorAt?: Date
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly idleSeconds: number
  readonly lastSeenAt: Date
  /** Such as "Chrome on Linux". */
  readonly device: string
  /**
   * Set if the upstream gave no authentication time, so that `authenticatedAt` is the time of the
   * callback. `asked`: reauthentication was requested, maybe ignored; `unasked`: sign-in may have
   * been silent.
   */
  readonly unprovenSignIn?: 'asked' | 'unasked'
  /** Groups and roles of other connections that expire, and what remains then. */
  readonly temporaryPermissions?: TemporaryPermissions
  /** The upstream limits its session: ID tokens carry `expiresAt` as `session_expiry`. */
  readonly limitedByUpstream?: true
  /** Set if the credential is an API token: the session is made of it and never stored. */
  readonly apiToken?: { readonly name: string; readonly scopes: readonly string[] | undefined }
}

/** Names a user of any tenant. */
export type UserKey = Pick<Session, 'tenant' | 'userId'>

/** `proven`: the upstream shows that it reauthenticated the user; `asked`: it may not have. */
export type Reauthentication = 'proven' | 'asked'

/** When the session expires unless it is used. */
export function endsAt(session: Session): Date {
  return new Date(Math.min(session.expiresAt.getTime(), session.lastSeenAt.getTime() + session.idleSeconds * 1000))
}

export function isLive(session: Session, now: Date): boolean {
  return now.getTime() < endsAt(session).getTime()
}

/** Rounds down to whole seconds, as the stores keep times. */
export function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000)
}

export type Permissions = Pick<Profile, 'groups' | 'roles'>

/** Permissions that end before the session, and what remains. */
export interface TemporaryPermissions extends Permissions {
  readonly until: Date
}
