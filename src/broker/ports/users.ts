import type { Profile, UserProfile } from '../../profile/profile.ts'

export interface User {
  readonly id: string
  readonly tenant: string
  /** `service`: of a program; no person signs in as it. Default: a person. */
  readonly kind?: 'service'
  // `revoked`: an upstream ended the access everywhere; signing in there again ends that.
  readonly status: 'active' | 'blocked' | 'revoked'
  readonly profile: UserProfile
  /** Verified, and from a connection that may speak for the domain. Linking relies on it. */
  readonly emailProven: boolean
  readonly createdAt: Date
  /** How often all sessions were ended (`nextEpoch`). Default 0. */
  readonly epoch?: number
  /** The last sign-in or re-check by a connection with `recheckSeconds`. Default: none. */
  readonly confirmation?: { readonly at: Date; readonly connection: string }
}

/** Facts about a user that a sign-in needs. A member that was not read is undefined. */
export interface UserFacts {
  readonly hasAuthenticator?: boolean | undefined
  readonly isDeletionRequested?: boolean | undefined
  /** Whether the user has signed in before, or tried to. */
  readonly hasSignedIn?: boolean | undefined
}

export type SigningInUser = User & UserFacts

/** The user found by an identity, which may be suspended. */
export type IdentityOwner = SigningInUser & { readonly isSuspended?: true }

export interface IdentityKey {
  readonly issuer: string
  readonly subject: string
}

/** An identity as last asserted by the upstream. */
export interface UserIdentity extends IdentityKey {
  readonly connection: string
  readonly profile: Profile
  readonly lastLoginAt: Date
  /** When a signed-in user added it; absent if it came with the user or by proven email. */
  readonly addedAt?: Date
  /** Sign-in is refused until the owner confirms it (`confirm`). */
  readonly suspendedAt?: Date
}

export interface UserSearch {
  /** Undefined: all tenants. */
  readonly tenant?: string | undefined
  /** An email address, or the beginning of one; in any case. */
  readonly email?: string | undefined
  /** The beginning of a name, in any case. */
  readonly name?: string | undefined
  readonly status?: User['status'] | undefined
  readonly kind?: UserKind | undefined
  /** Id of the last user of the page before. */
  readonly after?: string | undefined
  readonly limit: number
}

export type UserKind = 'person' | 'service'

export interface Users {
  find(tenant: string, id: string): Promise<User | null>
  findByIdentity(tenant: string, issuer: string, subject: string): Promise<IdentityOwner | null>
  /** Finds a user of any tenant: IDs are globally unique. */
  findById(id: string): Promise<User | null>
  /** True if this call changed it. `active` also ends revocations. */
  setStatus(tenant: string, id: string, status: 'active' | 'blocked'): Promise<boolean>
  /** Revokes the identities and an active user. Revoking again moves the time. */
  revoke(user: Pick<User, 'tenant' | 'id'>, identities: readonly IdentityKey[], at: Date): Promise<void>
  /**
   * Ends the identity's revocation if it was made before `since`; a user without revocations
   * becomes active. True if the user is active then.
   */
  reinstate(user: Pick<User, 'tenant' | 'id'>, identity: IdentityKey, since: Date): Promise<boolean>
  suspend(user: Pick<User, 'tenant' | 'id'>, identities: readonly IdentityKey[], at: Date): Promise<void>
  // True if this call ended the suspension; the user must be active, with the epoch of `user`.
  confirm(user: User, identity: IdentityKey): Promise<boolean>
  nextEpoch(tenant: string, id: string): Promise<number>
  /** Sets `confirmation`; its time may go back. */
  recordConfirmation(user: Pick<User, 'tenant' | 'id'>, confirmation: NonNullable<User['confirmation']>): Promise<void>
  /** Renews the confirmation if it is by this connection, and not withdrawn. */
  renewConfirmation(user: Pick<User, 'tenant' | 'id'>, confirmation: NonNullable<User['confirmation']>): Promise<void>
  /**
   * Sets the confirmation of users without one who have signed in by this connection to the time of
   * that sign-in. Returns how many.
   */
  confirmByLastLogin(tenant: string, connection: string): Promise<number>
  /** Users whose proven email equals this canonical address. */
  findByProvenEmail(tenant: string, email: string): Promise<readonly User[]>
  /** Active users with this canonical address, verified but not proven; the oldest `max`. */
  findByVerifiedEmail(tenant: string, email: string, max: number): Promise<readonly User[]>
  identitiesOf(tenant: string, userId: string): Promise<readonly UserIdentity[]>
  /** Identities of many users in one read, by user ID; without users who have none. */
  identitiesOfAll(tenant: string, userIds: readonly string[]): Promise<ReadonlyMap<string, readonly UserIdentity[]>>
  /**
   * Both rows or none. False if the identity exists, or if another user of the tenant has proven
   * the email. Of concurrent callers with one proven email, one succeeds.
   */
  create(user: User, identity: UserIdentity): Promise<boolean>
  /** A user without any identity. */
  createService(user: User): Promise<void>
  /**
   * Adds the identity; stores profile and emailProven. False, with nothing changed, if the identity
   * is taken, if another user has proven the email, or if the stored user is not active or has
   * another epoch.
   */
  link(user: User, identity: UserIdentity): Promise<boolean>
  /**
   * Removes the identity, stores profile and emailProven, and remembers it (`unlinkedBy`) until it
   * is linked again. False, with nothing changed, if it is not the user's, the epoch differs, or no
   * other unsuspended identity of the connections `methodIds` is left, however many callers. An
   * email that another user has proven meanwhile is stored as not proven.
   */
  unlink(user: User, identity: IdentityKey, methodIds: readonly string[]): Promise<boolean>
  /** Ids of the users who unlinked this identity. */
  unlinkedBy(tenant: string, identity: IdentityKey): Promise<readonly string[]>
  /** Whether the user unlinked an identity of this issuer and did not link it again. */
  hasUnlinked(user: Pick<User, 'tenant' | 'id'>, issuer: string): Promise<boolean>
  /**
   * Stores the user's profile and emailProven, and the identity's profile, connection and last
   * login; not the status. False, with nothing changed, if another user has proven the email, or if
   * the stored profile or emailProven is not that of `known`, the user as read before. When groups
   * and roles were supplied makes no difference.
   */
  update(user: User, identity: UserIdentity, known?: Pick<User, 'profile' | 'emailProven'>): Promise<boolean>
  /**
   * Stores the user's profile and emailProven alone. False, with nothing changed, if another user
   * has proven the email, the stored user is not active or has another epoch, or the stored profile
   * or emailProven is not that of `known`, the user as read before.
   */
  updateProfile(user: User, known: Pick<User, 'profile' | 'emailProven'>): Promise<boolean>
  /**
   * Users sorted by email if the search names one, else by name if it names one, else newest first.
   * Users who may not sign in, and service accounts, are listed newest first.
   */
  search(search: UserSearch): Promise<readonly User[]>
  /** Number of users of a tenant, at most `max`. */
  count(tenant: string, max: number): Promise<number>
}
