/**
 * What the core asks of storage. Durable things must never be lost (PostgreSQL, or the embedded file); volatile things may expire
 * (Redis, or the embedded file). Every adapter throws `store_unavailable` when it cannot reach its store, within a second, and
 * nothing else of its own. Whatever is taken once is taken by one atomic operation of the store.
 */

import type { Profile, UserProfile } from '../profile.ts'
import type { Memo, PasswordRecord } from '../provider.ts'
import type { Session } from './session.ts'
import type { Trace, TraceStep } from './trace.ts'

// ---- durable ----

export interface User {
  readonly id: string
  readonly tenant: string
  readonly status: 'active' | 'blocked'
  readonly profile: UserProfile
  /** The email is verified *and* came through a connection that may speak for its domain: linking may rely on it. */
  readonly emailProven: boolean
  readonly createdAt: Date
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
}

export interface Users {
  find(tenant: string, id: string): Promise<User | null>
  findByIdentity(tenant: string, issuer: string, subject: string): Promise<User | null>
  /** Users whose email is proven and equals this canonical address. */
  findByProvenEmail(tenant: string, email: string): Promise<readonly User[]>
  identitiesOf(tenant: string, userId: string): Promise<readonly UserIdentity[]>
  /**
   * Both rows or none. False when someone else was faster: the identity exists already, or the user's email is proven and another
   * user of the tenant has it proven too. Two concurrent calls for one proven email never both succeed.
   */
  create(user: User, identity: UserIdentity): Promise<boolean>
  /** Adds the identity and stores the user's profile and emailProven. False when the identity belongs to somebody already. */
  link(user: User, identity: UserIdentity): Promise<boolean>
  /**
   * Takes the identity from the user, stores their profile and emailProven, and remembers that they took it (`unlinkedBy`) until it is
   * linked again. False, and nothing changed, when it is not theirs, or when no other identity of theirs came by one of the
   * connections `waysIn`: however many ask at once, the last way in stays.
   */
  unlink(user: User, identity: IdentityKey, waysIn: readonly string[]): Promise<boolean>
  /** Ids of the users who took this identity away from themselves. */
  unlinkedBy(tenant: string, identity: IdentityKey): Promise<readonly string[]>
  /** Stores profile and emailProven of the user, and the identity's profile, connection and last login. Status stays as it is. */
  update(user: User, identity: UserIdentity): Promise<void>
}

export interface Passwords {
  find(tenant: string, email: string): Promise<PasswordRecord | null>
  /** Sets the password of an email; keeps the subject it already has and returns that. `subject` is used for a new one. */
  put(tenant: string, record: PasswordRecord, now: Date): Promise<string>
  /** Replaces the hash only while it still is `before`. */
  rehash(tenant: string, subject: string, before: string, after: string): Promise<void>
  remove(tenant: string, subject: string): Promise<void>
}

export interface Traces {
  /** Inserts or replaces by reference. */
  put(trace: Trace): Promise<void>
  /** The same for several, each with another reference. */
  putAll(traces: readonly Trace[]): Promise<void>
  find(reference: string): Promise<Trace | null>
  /** Newest first. */
  recent(filter: { readonly tenant?: string; readonly limit: number }): Promise<readonly Trace[]>
  /** Deletes traces started before; returns how many. */
  forgetBefore(date: Date): Promise<number>
}

export interface AuditEvent {
  readonly at: Date
  readonly tenant: string
  /** What happened, such as `session.ended`, `password.changed`, `user.created`, `identity.linked`. */
  readonly action: string
  /** User id of who did it. */
  readonly actor: string
  /** What it was done to: an id, never a secret. */
  readonly target: string
  readonly details: Readonly<Record<string, string>>
}

export interface Audit {
  add(event: AuditEvent): Promise<void>
  /** Newest first. */
  recent(filter: { readonly tenant: string; readonly limit: number }): Promise<readonly AuditEvent[]>
}

export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

export interface QueuedMail {
  readonly id: string
  readonly mail: Mail
  /** How often sending was tried before. */
  readonly attempts: number
}

/** Mail waiting to be sent. Content is sealed at rest: it holds one-time links. */
export interface Outbox {
  add(mail: Mail, now: Date): Promise<void>
  /** Mails that are due, each leased to this caller alone until `leaseUntil`. */
  claim(now: Date, leaseUntil: Date, limit: number): Promise<readonly QueuedMail[]>
  sent(id: string): Promise<void>
  retry(id: string, at: Date): Promise<void>
}

export interface DurableStore {
  readonly users: Users
  readonly passwords: Passwords
  readonly traces: Traces
  readonly audit: Audit
  readonly outbox: Outbox
  /** Resolves when the store answers; throws `store_unavailable`. */
  ping(): Promise<void>
  close(): Promise<void>
}

// ---- volatile ----

/** A login from begin to complete: single use, minutes. Its key is `state`, of which the store keeps only a hash. */
export interface LoginTransaction {
  readonly state: string
  readonly resume: Resume
  /** SHA-256 of the browser's id: the callback must come from the same browser. */
  readonly browser: string
  readonly memo: Memo
  readonly startedAt: Date
  readonly expiresAt: Date
  /** What the trace holds so far. */
  readonly steps: readonly TraceStep[]
}

/** What lets a person go on when the transaction itself is gone: kept longer than it, and after its use. */
export interface Resume {
  readonly reference: string
  readonly tenant: string
  readonly connection: string
  /** Checked when stored: a path of ours, or an address of a registered origin. */
  readonly returnTo: string
  /** PKCE challenge (S256) of an app that wants a login code at its return address. */
  readonly codeChallenge: string | undefined
  /** The one-time code of the identity that waits to be linked to who signs in here (linking.ts). */
  readonly link?: string
  /** Id of the session whose user asked for the identity of this login to be added to them. */
  readonly addTo?: string
}

export type Taken =
  | { readonly outcome: 'fresh'; readonly transaction: LoginTransaction }
  | { readonly outcome: 'used'; readonly resume: Resume }

export interface Transactions {
  /** @param keepSeconds how long the resume part is kept (the memo goes at the first take) */
  put(transaction: LoginTransaction, keepSeconds: number): Promise<void>
  /** Fresh exactly once, however many ask at the same time; then `used`; null when never known or forgotten. */
  take(state: string): Promise<Taken | null>
}

/** What is kept beside a session where its upstream may end it, or be ended with it: in a record of its own, sealed. */
export interface SessionOrigin {
  /** What the upstream may call it (`endNamed`); each name covers any number of sessions. */
  readonly names: readonly string[]
  /** The provider's note for ending the upstream's session. */
  readonly memo: Memo | undefined
}

export interface Sessions {
  /** False when the user's sessions were ended meanwhile (endAll, endNamed): then nothing is left behind. */
  put(session: Session, origin?: SessionOrigin): Promise<boolean>
  /** One store read. Null when unknown or gone; the caller judges the limits. */
  find(id: string): Promise<Session | null>
  /** Sets seenAt (to the second) and lets the record live until `expiresAt`; does nothing to an ended session. */
  touch(session: Session, seenAt: Date, expiresAt: Date): Promise<void>
  /** True when this call ended it. Ending removes it from the user's list too. */
  end(session: Session): Promise<boolean>
  /** The user's live sessions, newest first; clears away what has expired. */
  list(tenant: string, userId: string): Promise<readonly Session[]>
  /** Ends all but `exceptId`; returns how many. */
  endAll(tenant: string, userId: string, exceptId?: string): Promise<number>
  /** Ends the tenant's sessions of this name; those that this very call ended. */
  endNamed(tenant: string, name: string): Promise<readonly Session[]>
  /** What was put beside a session that has not been ended; null when nothing was. */
  origin(id: string): Promise<SessionOrigin | null>
}

export type OneTimePurpose = 'sign-up' | 'reset' | 'login-code' | 'link'

/** One-time links and codes: at most one lives per (purpose, owner), the newest. Content is sealed at rest. */
export interface OneTimeCodes {
  put(purpose: OneTimePurpose, owner: string, hash: string, content: unknown, seconds: number): Promise<void>
  /** Looks without consuming. */
  peek(purpose: OneTimePurpose, owner: string, hash: string): Promise<unknown>
  /** The content exactly once, however many ask at the same time; null otherwise. A wrong hash consumes nothing. */
  take(purpose: OneTimePurpose, owner: string, hash: string): Promise<unknown>
}

export interface Counters {
  /** Counts one more in the window that began with the first hit. */
  hit(key: string, windowSeconds: number): Promise<{ readonly count: number; readonly resetSeconds: number }>
  forget(key: string): Promise<void>
}

/** express-session's records: what belongs to one browser before anyone is signed in. */
export interface Browsers {
  get(id: string): Promise<string | null>
  put(id: string, content: string, seconds: number): Promise<void>
  remove(id: string): Promise<void>
}

export interface VolatileStore {
  readonly transactions: Transactions
  readonly sessions: Sessions
  readonly codes: OneTimeCodes
  readonly counters: Counters
  readonly browsers: Browsers
  ping(): Promise<void>
  close(): Promise<void>
}
