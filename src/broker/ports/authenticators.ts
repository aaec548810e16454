/** Ports for second factors: one-time passwords, passkeys, recovery codes, remembered devices. */
import type { UserKey } from '../session/session.ts'

export const authenticatorKinds = ['totp', 'passkey'] as const

/** Each app adds three codes that are valid at a time. */
export const maxAuthenticators = 10

interface AuthenticatorBase extends UserKey {
  /** Random and public. */
  readonly id: string
  /** Chosen by the user, such as "Phone". */
  readonly name: string
  readonly createdAt: Date
  readonly lastUsedAt?: Date | undefined
}

/** An app that shows time-based one-time passwords (RFC 6238). */
export interface Totp extends AuthenticatorBase {
  readonly kind: 'totp'
  /** The seed, sealed in the context `totp <id>`. */
  readonly sealed: Buffer
  /** The last time step that was accepted: no earlier one is accepted again (RFC 6238 5.2). */
  readonly lastStep: number
}

/** A WebAuthn credential (WebAuthn Level 3, section 4). */
export interface Passkey extends AuthenticatorBase {
  readonly kind: 'passkey'
  /** base64url. */
  readonly credentialId: string
  /** COSE key, base64url. */
  readonly publicKey: string
  /** The signature counter; 0 for authenticators that have none. */
  readonly counter: number
  readonly transports: readonly string[]
  /** Synchronized among the devices of the user. */
  readonly backedUp: boolean
  /** Model of the authenticator. */
  readonly aaguid: string
  /** Since then it is a second factor only, until the user confirms it. */
  readonly suspendedAt?: Date | undefined
}

export type Authenticator = Totp | Passkey
export type AuthenticatorKey = UserKey & Pick<Authenticator, 'id'>

export interface Authenticators {
  /** Authenticators of the user that are not removed, oldest first. */
  of(user: UserKey): Promise<readonly Authenticator[]>
  /** Ids of those of these users who have a passkey that is not removed. */
  passkeyUsersOf(tenant: string, userIds: readonly string[]): Promise<ReadonlySet<string>>
  findPasskey(tenant: string, credentialId: string): Promise<Passkey | null>
  /**
   * `duplicate`: the tenant has a passkey with this credential id. `full`: the user has
   * `maxAuthenticators`, whatever the number of callers.
   */
  add(authenticator: Authenticator): Promise<'added' | 'duplicate' | 'full'>
  /** False if the user has none with this id. */
  rename(user: UserKey, id: string, name: string): Promise<boolean>
  /** Keeps it for `restore`. True if this call removed it. */
  remove(user: UserKey, id: string, at: Date): Promise<boolean>
  /** Removes all of a user; returns how many. */
  removeAll(user: UserKey, at: Date): Promise<number>
  /** True if this call restored one that was removed at or after `since`. */
  restore(user: UserKey, id: string, since: Date): Promise<boolean>
  /** True for exactly one caller per time step; false for it and all earlier ones afterwards. */
  useTotpStep(user: UserKey, id: string, step: number, at: Date): Promise<boolean>
  /**
   * Stores the counter of an assertion. False unless it is greater than the stored one, or both are
   * 0: a smaller one shows a copied authenticator (WebAuthn Level 3, 6.1.1).
   */
  usePasskey(passkey: Passkey, counter: number, backedUp: boolean, at: Date): Promise<boolean>
  /** Suspends passkeys created at or after `since`. Returns those that this call suspended. */
  suspendPasskeys(user: UserKey, since: Date, at: Date): Promise<readonly Passkey[]>
  /** True if this call ended the suspension. */
  confirmPasskey(user: UserKey, id: string): Promise<boolean>
  /**
   * Authenticator apps of all users after `after`, also removed ones, sorted by tenant, user and
   * ID.
   */
  totpAfter(after: AuthenticatorKey | undefined, limit: number): Promise<readonly Totp[]>
  /** Replaces the sealed seed. False if it differs from the one given. */
  reseal(totp: Totp, sealed: Buffer): Promise<boolean>
  /** Deletes at most `limit` that were removed before `date`. Returns how many. */
  forgetRemovedBefore(date: Date, limit: number): Promise<number>
}

export interface RecoveryCodes {
  /** Replaces all codes of the user. */
  replace(user: UserKey, hashes: readonly string[], at: Date): Promise<void>
  /** True for exactly one caller. */
  use(user: UserKey, hash: string, at: Date): Promise<boolean>
  /** How many codes remain, and when they were made; undefined without any code, used or not. */
  stateOf(user: UserKey): Promise<{ readonly remaining: number; readonly createdAt: Date } | undefined>
  removeAll(user: UserKey): Promise<void>
}

/** A browser in which the user is not asked for a second factor again. */
export interface RememberedDevice extends UserKey {
  readonly id: string
  /** SHA-256 of the secret in the browser's cookie. */
  readonly hash: string
  /** Such as "Chrome on Linux". */
  readonly device: string
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly lastUsedAt: Date
}

export interface RememberedDevices {
  put(device: RememberedDevice): Promise<void>
  /** The user's device with this hash. The caller checks `expiresAt`. */
  find(user: UserKey, hash: string): Promise<RememberedDevice | null>
  recordUse(user: UserKey, id: string, at: Date): Promise<void>
  /** Devices that have not expired at `now`, newest first. */
  of(user: UserKey, now: Date): Promise<readonly RememberedDevice[]>
  /** True if this call removed it. */
  remove(user: UserKey, id: string): Promise<boolean>
  removeAll(user: UserKey): Promise<number>
  /** Deletes at most `limit` that ended before `date`. Returns how many. */
  forgetBefore(date: Date, limit: number): Promise<number>
}
