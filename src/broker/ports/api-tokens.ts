/** API tokens in the durable store. A row is one secret: rotation adds another. */
import type { User } from './users.ts'

export interface ApiTokenUse {
  readonly at: Date
  /** The client's address; undefined if unknown. */
  readonly address: string | undefined
  /** The User-Agent, at most 300 characters of untrusted text. */
  readonly agent: string | undefined
}

export interface ApiToken {
  /** `tokenId` of the secret; public. */
  readonly id: string
  readonly tenant: string
  readonly userId: string
  readonly name: string
  /** Permission names. Undefined: all that its user has. */
  readonly scopes: readonly string[] | undefined
  /** CIDR ranges of the clients that may use it. Empty: all clients. */
  readonly ranges: readonly string[]
  readonly createdAt: Date
  readonly expiresAt: Date
  /** With `replacedBy`: works until this time. Without: revoked, whatever the clock says. */
  readonly endsAt: Date | undefined
  /** The id of the token that rotation replaced it with. */
  readonly replacedBy: string | undefined
  /** Rejected until its owner confirms it, as a new password may follow a theft. */
  readonly suspendedAt: Date | undefined
  readonly lastUse: ApiTokenUse | undefined
}

/** Names a token of a user. */
export type ApiTokenKey = Pick<ApiToken, 'id' | 'tenant' | 'userId'>

export interface ApiTokenRotation {
  /** Id of the token to replace. */
  readonly before: string
  /** Its successor, made now. */
  readonly next: ApiToken
  /** When `before` ends: now, or later for an overlap. */
  readonly endsAt: Date
}

export interface ApiTokenWithUser {
  readonly token: ApiToken
  readonly user: User
  /** Addresses of the user's sign-in methods, where they were read too. */
  readonly methodEmails?: readonly string[]
}

/** `expires 7`: in at most 7 days. `old`: older than the tenant wants. */
export type ReminderReason = 'expires 1' | 'expires 7' | 'expires 30' | 'old'

export interface ReminderQuery {
  readonly tenant: string
  readonly reason: ReminderReason
  readonly now: Date
  readonly limit: number
  readonly expiresBefore?: Date
  readonly createdBefore?: Date
}

export interface ApiTokens {
  /** The token and its user, of any state, in one read. Null if either does not exist. */
  find(id: string): Promise<ApiTokenWithUser | null>
  /** Existing tokens of these IDs, in any order. */
  findAll(ids: readonly string[]): Promise<readonly ApiTokenWithUser[]>
  /** Tokens that have not ended at `now`, suspended ones included, newest first. */
  ofUser(tenant: string, userId: string, now: Date): Promise<readonly ApiToken[]>
  /**
   * `full`: the user has `max` tokens that have neither ended nor been replaced, however many
   * callers. `refused`: the stored user is not active, or has another epoch.
   */
  create(user: User, token: ApiToken, max: number): Promise<'created' | 'full' | 'refused'>
  /**
   * Stores `next` and lets `before` end at `endsAt`. `refused`, with nothing changed, unless
   * `before` is live, not suspended and not replaced yet (one of concurrent callers wins), and the
   * stored user is active with the epoch of `user`. `full`: `max` replaced ones still work.
   * Without an overlap, `before` is stored with an earlier end, as clocks differ. `next` knows its
   * networks.
   */
  rotate(user: User, rotation: ApiTokenRotation, max: number): Promise<'rotated' | 'full' | 'refused'>
  /** True if this call ended it: another user's, and one that has ended, are unknown. */
  revoke(key: ApiTokenKey, at: Date): Promise<boolean>
  /**
   * Revokes tokens of a user, or of all users of a tenant. Returns the IDs of those that this call
   * ended.
   */
  revokeAll(owner: { readonly tenant: string; readonly userId?: string }, at: Date): Promise<readonly string[]>
  /** Suspends tokens created at or after `since`. Returns those that this call suspended. */
  suspend(owner: Pick<ApiToken, 'tenant' | 'userId'>, since: Date, at: Date): Promise<readonly ApiToken[]>
  /**
   * True if this call ended the suspension. False if the token has ended, or the stored user is not
   * active or has another epoch than `user`.
   */
  confirm(user: User, id: string, at: Date): Promise<boolean>
  /**
   * Stores the last use, at most once a minute. True if the token was used before and never from
   * this network, which is undefined if unknown.
   */
  recordUse(id: string, use: ApiTokenUse, network: string | undefined): Promise<boolean>
  /** Tenants that have tokens. */
  tenants(): Promise<readonly string[]>
  /**
   * Live tokens of active users that neither rotation replaced nor a reset suspended, without a
   * reminder for this reason; none whose lifetime is shorter than the notice.
   */
  needingReminder(query: ReminderQuery): Promise<readonly ApiTokenWithUser[]>
  /** True for one of concurrent callers. */
  claimReminder(id: string, reason: ReminderReason, at: Date): Promise<boolean>
  /** The reminder was not sent: it is due again. */
  releaseReminder(id: string, reason: ReminderReason): Promise<void>
  /** Deletes tokens that ended before `date`; returns how many. */
  forgetEndedBefore(date: Date): Promise<number>
}
