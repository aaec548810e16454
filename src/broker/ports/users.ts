import type { Profile, UserProfile } from '../../profile/profile.ts'

export interface User {
  readonly id: string
  readonly tenant: string
  /**
   * `blocked` by an admin; `revoked`: an upstream ended the user's access everywhere, and lets them in again only by signing in there
   * (`revoke`).
   */
  readonly status: 'active' | 'blocked' | 'revoked'
  readonly profile: UserProfile
  /** The email is verified *and* came through a connection that may speak for its domain: linking may rely on it. */
  readonly emailProven: boolean
  readonly createdAt: Date
  /** Counts how often all sessions of the user were ended (`nextEpoch`). Default 0. */
  readonly epoch?: number
}

/** Within one tenant. */
export interface IdentityKey {
  readonly issuer: string
  readonly subject: string
}

/** What an upstream said of a user, the last time it said it. */
export interface UserIdentity extends IdentityKey {
  readonly connection: string
  readonly profile: Profile
  readonly lastLoginAt: Date
  /** When a user who was signed in another way added it; absent where it came with the user or by their proven email. */
  readonly addedAt?: Date
  /** Refused at sign-in until its owner confirms it (`confirm`). */
  readonly suspendedAt?: Date
}

export interface Users {
  find(tenant: string, id: string): Promise<User | null>
  /** `isSuspended`: the user has this identity, and sign-in by it is refused. */
  findByIdentity(
    tenant: string,
    issuer: string,
    subject: string,
  ): Promise<(User & { readonly isSuspended?: true }) | null>
  /** Whatever the tenant: ids are unique among all of them. */
  findById(id: string): Promise<User | null>
  /** True when this call changed it. `active` also removes revocations. */
  setStatus(tenant: string, id: string, status: 'active' | 'blocked'): Promise<boolean>
  /** Marks the identities, and makes an active user `revoked`. Marks again where they are marked already, with the later time. */
  revoke(user: Pick<User, 'tenant' | 'id'>, identities: readonly IdentityKey[], at: Date): Promise<void>
  /**
   * Removes the identity's mark if it was made before `since`; a revoked user without marks becomes active. True when they are active
   * then.
   */
  reinstate(user: Pick<User, 'tenant' | 'id'>, identity: IdentityKey, since: Date): Promise<boolean>
  /** Suspends these identities of the user. */
  suspend(user: Pick<User, 'tenant' | 'id'>, identities: readonly IdentityKey[], at: Date): Promise<void>
  /** True when the user has this identity, it was suspended until this call, and the stored user is active and has the epoch of `user`. */
  confirm(user: User, identity: IdentityKey): Promise<boolean>
  /** Increments the user's epoch and returns it; 0 for an unknown user. */
  nextEpoch(tenant: string, id: string): Promise<number>
  /** Users whose email is proven and equals this canonical address. */
  findByProvenEmail(tenant: string, email: string): Promise<readonly User[]>
  /** Active users whose email equals this canonical address, verified as their upstream says but not proven; the oldest `max`. */
  findByVerifiedEmail(tenant: string, email: string, max: number): Promise<readonly User[]>
  identitiesOf(tenant: string, userId: string): Promise<readonly UserIdentity[]>
  /**
   * Both rows or none. False when someone else was faster: the identity exists already, or the user's email is proven and another
   * user of the tenant has it proven too. Two concurrent calls for one proven email never both succeed.
   */
  create(user: User, identity: UserIdentity): Promise<boolean>
  /**
   * Adds the identity and stores the user's profile and emailProven. False, and nothing changed, when the identity belongs to somebody
   * already, when the user's email is proven and another user of the tenant has it proven too, or when the stored user is not active or
   * has another epoch than `user`.
   */
  link(user: User, identity: UserIdentity): Promise<boolean>
  /**
   * Takes the identity from the user, stores their profile and emailProven, and remembers that they took it (`unlinkedBy`) until it is
   * linked again. False, and nothing changed, when it is not theirs, when the stored user has another epoch than `user`, or when no other identity of theirs that is not suspended came by
   * one of the connections `waysIn`: however many ask at once, the last way in stays. An email that another user has proven meanwhile is stored
   * as not proven.
   */
  unlink(user: User, identity: IdentityKey, methodIds: readonly string[]): Promise<boolean>
  /** Ids of the users who took this identity away from themselves. */
  unlinkedBy(tenant: string, identity: IdentityKey): Promise<readonly string[]>
  /** Whether the user took an identity of this issuer from themselves, and did not link it again. */
  hasUnlinked(user: Pick<User, 'tenant' | 'id'>, issuer: string): Promise<boolean>
  /**
   * Stores profile and emailProven of the user, and the identity's profile, connection and last login. Status stays as it is. False, and
   * nothing changed, when the email comes to be proven by this, and another user of the tenant has it proven already.
   */
  update(user: User, identity: UserIdentity): Promise<boolean>
}
