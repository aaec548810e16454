/** Ports for records that expire: Redis or SQLite. */

import type { Memo } from '../../provider/provider.ts'
import type { ConnectionKey } from '../connections.ts'
import type { Reauthentication, Session } from '../session/session.ts'
import type { TraceStep } from '../trace.ts'
import type { HealthResults, Leases, Processes } from './health.ts'

/** A login between begin and callback: single use. Its key `state` is stored as a hash. */
export interface LoginTransaction {
  readonly state: string
  readonly resume: Resume
  /** SHA-256 of the browser's id. */
  readonly browser: string
  readonly memo: Memo
  readonly startedAt: Date
  readonly expiresAt: Date
  readonly steps: readonly TraceStep[]
  /** Canonical: the login hint. */
  readonly email?: string
}

/** Destination of a login, kept after its transaction is used or expired. */
export interface Resume extends ConnectionKey {
  readonly reference: string
  /** A path of ours, or a URL of a registered origin. */
  readonly returnTo: string
  /** Code of a pending link: its identity is linked to the user of this login (linking.ts). */
  readonly link?: string
  /** Id of the session whose user adds this login's identity; set only by our own form (ID-08). */
  readonly linkToSession?: string
  /** The upstream was asked to reauthenticate the user. Kept here, out of the browser's reach. */
  readonly reauthentication?: Reauthentication
}

export type TakenTransaction =
  | { readonly outcome: 'fresh'; readonly transaction: LoginTransaction }
  | { readonly outcome: 'used'; readonly resume: Resume; readonly browser?: string }

export interface Transactions {
  /** @param keepSeconds for the resume part; the memo is removed at the first take */
  put(transaction: LoginTransaction, keepSeconds: number): Promise<void>
  /** Fresh for exactly one caller; then `used`; null if unknown or forgotten. */
  take(state: string): Promise<TakenTransaction | null>
}

/** Stored beside a session, sealed, if either side can end the other's session. */
export interface SessionOrigin {
  /** The upstream's names for it (`deleteByName`); several sessions may share one. */
  readonly names: readonly string[]
  /** The provider's data for ending the upstream's session. */
  readonly memo: Memo | undefined
}

export interface NewSessionOrigin extends SessionOrigin {
  // When the answer arrived; names ended later refuse the session. Default: now.
  readonly since?: Date
}

export interface Sessions {
  /**
   * False, with nothing stored, if the user's sessions were ended meanwhile: `epoch` is older than
   * the stored one, or a name was ended since `origin.since`. Atomic; in a cluster, by the order of
   * steps.
   * @param epoch `User.epoch` when the login read the user. Default 0, the oldest
   */
  put(session: Session, origin?: NewSessionOrigin, epoch?: number): Promise<boolean>
  /** Raises the epoch, and never lowers it. For an hour, `put` refuses older ones. */
  raiseEpoch(tenant: string, userId: string, epoch: number): Promise<void>
  /** One store read. The caller checks the limits. */
  find(id: string): Promise<Session | null>
  // Sets lastSeenAt (whole seconds), keeps the record until `expiresAt`; ignores ended sessions.
  touch(session: Session, lastSeenAt: Date, expiresAt: Date): Promise<void>
  /** True if this call ended it. */
  delete(session: Session): Promise<boolean>
  /** The user's live sessions, newest first; removes expired ones. */
  list(tenant: string, userId: string): Promise<readonly Session[]>
  /** Ends all but `exceptId`; returns how many. */
  deleteAll(tenant: string, userId: string, exceptId?: string): Promise<number>
  findByName(tenant: string, name: string): Promise<readonly Session[]>
  // Ends and returns the sessions of this name; for an hour refuses its older logins.
  deleteByName(tenant: string, name: string): Promise<readonly Session[]>
  /** Null if none was stored, or the session has ended. */
  origin(id: string): Promise<SessionOrigin | null>
}

/** The `sid` an app knows the session by, and its grant. */
export interface SessionApp {
  readonly sid: string
  readonly grantId: string
}

/** Limits the chain of sessions that lead to a session. */
export const maxPredecessors = 50

export interface SessionApps {
  /**
   * Apps of the session by ID. Kept for a while after the session ends, so that its apps can be
   * notified.
   */
  of(sessionId: string): Promise<ReadonlyMap<string, SessionApp>>
  /** Files the grant for `grantsOf` too; if the session has ended, only the grant is kept. */
  put(session: Session, appId: string, got: SessionApp): Promise<void>
  /**
   * The user of `from` signed in again as `to`: `to` gets its apps, and `successorOf` finds `to`
   * from `from` and its last `maxPredecessors` predecessors until `to` expires. Does nothing if
   * `from` has no apps, `to` has ended, or the users differ.
   */
  carryOver(from: Session, to: Session): Promise<void>
  /** Id of the latest session that followed this one: one read. It may have ended. */
  successorOf(sessionId: string): Promise<string | null>
  forget(sessionId: string): Promise<void>
  /** Ids of the live grants that an app, or all apps without `appId`, hold of a user. */
  grantsOf(tenant: string, userId: string, appId?: string): Promise<readonly string[]>
  /** Grants from sessions of this connection, or from their successors. */
  grantsOfConnection(tenant: string, userId: string, connection: string): Promise<readonly string[]>
}

export type OneTimePurpose =
  | 'email-sign-in'
  | 'sign-up'
  | 'reset'
  | 'password-saved'
  | 'link'
  | 'link-start'
  | 'recovery'
  | 'passkey'
  | 'verify-email'
  | 'second-factor'
  | 'setup-link'
  | 'shared-trace'
  | 'totp'

export interface NewOneTimeCode {
  readonly purpose: OneTimePurpose
  readonly owner: string
  readonly hash: string
  readonly content: unknown
  readonly seconds: number
}

/** One-time links and codes: one per (purpose, owner), the newest. Content is sealed at rest. */
export interface OneTimeCodes {
  put(code: NewOneTimeCode): Promise<void>
  peek(purpose: OneTimePurpose, owner: string, hash: string): Promise<unknown>
  /**
   * Leases the code to one caller for `seconds`; null for others. Ends early if it is taken or
   * released.
   */
  lease(purpose: OneTimePurpose, owner: string, hash: string, seconds: number): Promise<unknown>
  release(purpose: OneTimePurpose, owner: string, hash: string): Promise<void>
  /** The content for exactly one caller; null otherwise. A wrong hash consumes nothing. */
  take(purpose: OneTimePurpose, owner: string, hash: string): Promise<unknown>
  /** Finds the code without its secret, for pages that manage it. */
  find(purpose: OneTimePurpose, owner: string): Promise<unknown>
  /** Revokes it. */
  forget(purpose: OneTimePurpose, owner: string): Promise<void>
}

/** Records of the OpenID provider by model name; ids are hashed, contents sealed. */
export interface Artifacts {
  /** Inserts or replaces. */
  put(artifact: NewArtifact): Promise<void>
  /** False if one exists. */
  putNew(artifact: NewArtifact): Promise<boolean>
  find(model: string, id: string): Promise<Artifact | null>
  /** True for exactly one caller; false afterwards, and for an unknown record. */
  consume(model: string, id: string, at: Date): Promise<boolean>
  remove(model: string, id: string): Promise<void>
  /** Removes all records of this grant, and for an hour those that are put later. */
  revokeGrant(grant: string): Promise<void>
}

export type ArtifactContent = Readonly<Record<string, unknown>>

export interface NewArtifact {
  readonly model: string
  readonly id: string
  readonly content: ArtifactContent
  readonly seconds: number
  /** Grant whose records `revokeGrant` removes together. */
  readonly grant?: string | undefined
}

export interface Artifact {
  readonly content: ArtifactContent
  readonly consumedAt: Date | undefined
}

export interface Counters {
  /** The window starts with the first hit. */
  hit(key: string, windowSeconds: number): Promise<{ readonly count: number; readonly resetSeconds: number }>
  refund(key: string): Promise<void>
  count(key: string): Promise<number>
  forget(key: string): Promise<void>
  /** Called for each attempt that a rate limit refused, with the limit's name. */
  readonly onRefused?: (limit: string) => void
}

/** Records of express-session, by browser. */
export interface Browsers {
  get(id: string): Promise<string | null>
  put(id: string, content: string, seconds: number): Promise<void>
  remove(id: string): Promise<void>
}

export interface VolatileStore {
  readonly artifacts: Artifacts
  readonly sessionApps: SessionApps
  readonly transactions: Transactions
  readonly sessions: Sessions
  readonly codes: OneTimeCodes
  readonly counters: Counters
  readonly browsers: Browsers
  readonly healthResults: HealthResults
  readonly leases: Leases
  readonly processes: Processes
  ping(): Promise<void>
  close(): Promise<void>
}
