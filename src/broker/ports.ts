/**
 * What the core asks of storage. Durable things must never be lost (PostgreSQL, or the embedded file); volatile things may expire
 * (Redis, or the embedded file). Every adapter throws `store_unavailable` when it cannot reach its store, within a second for each
 * command, `request_invalid` for a value that it cannot hold, and nothing else of its own. Whatever is taken once is taken by one atomic operation of the store.
 */

import type { App } from '../app/app.ts'
import type { SigningAlgorithm } from '../crypto/signing-algorithm.ts'
import type { Profile, UserProfile } from '../profile/profile.ts'
import type { Memo, PasswordRecord } from '../provider.ts'
import type { TrustedMetadataStore } from './identity/trusted-metadata.ts'
import type { Reauthentication, Session } from './session/session.ts'
import type { Trace, TraceStep } from './trace.ts'

// ---- durable ----

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

export interface Passwords {
  find(tenant: string, email: string): Promise<PasswordRecord | null>
  /** When the password of this email was last set. */
  changedAt(tenant: string, email: string): Promise<Date | null>
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

/** What the DNS said of a domain that a tenant claims, the last time it was asked (identity/domain-verification.ts). */
export interface DomainCheck {
  readonly tenant: string
  readonly domain: string
  readonly outcome: 'proven' | 'missing' | 'unanswered'
  readonly checkedAt: Date
  /** When the record was seen last; undefined when it was not there since. */
  readonly provenAt: Date | undefined
}

export interface DomainChecks {
  all(): Promise<readonly DomainCheck[]>
  /** Inserts or replaces; an older one than is stored changes nothing. */
  put(check: DomainCheck): Promise<void>
}

/** Apps registered by developers; those of gatehouse.yaml are not in here. */
export interface Apps {
  find(id: string): Promise<App | null>
  /** The app that has a client secret of this hash, expired or not. */
  findBySecret(hash: string): Promise<App | null>
  /** Newest first. */
  all(): Promise<readonly App[]>
  /** Newest first. */
  ownedBy(tenant: string, userId: string): Promise<readonly App[]>
  /** False when the id is taken. */
  create(app: App): Promise<boolean>
  /** Stores `app` with its next revision only while the stored one still has `app.revision`; false otherwise. */
  update(app: App): Promise<boolean>
  remove(id: string): Promise<boolean>
  /** Remembers when a secret or a key of an app was last used. */
  recordUse(appId: string, credentialId: string, at: Date): Promise<void>
  /** Credential id → last use. */
  usesOf(appId: string): Promise<ReadonlyMap<string, Date>>
}

/** A user's yes to an app's scopes: one for each user and app. */
export interface Consent {
  readonly tenant: string
  readonly userId: string
  readonly appId: string
  readonly scopes: readonly string[]
  readonly firstGivenAt: Date
  readonly givenAt: Date
}

export interface Consents {
  find(tenant: string, userId: string, appId: string): Promise<Consent | null>
  /** Newest first. */
  ofUser(tenant: string, userId: string): Promise<readonly Consent[]>
  /** Adds the scopes to those given before. Both of two at the same time are kept. */
  give(consent: Omit<Consent, 'firstGivenAt'>): Promise<void>
  /** True when this call took it back. */
  withdraw(tenant: string, userId: string, appId: string): Promise<boolean>
  /** Of an app that is gone. */
  forgetApp(appId: string): Promise<void>
}

/** A key we sign ID tokens and JWT access tokens with. `next` is published ahead of use; `retired` is published until the last token signed with it is over. */
export interface SigningKey {
  /** The `kid`. */
  readonly id: string
  readonly algorithm: SigningAlgorithm
  readonly status: 'next' | 'active' | 'retired'
  /** The private JWK, sealed in the context `signing key <id>`. */
  readonly sealed: Buffer
  readonly createdAt: Date
  readonly activatedAt: Date | undefined
  readonly retiredAt: Date | undefined
}

export interface SigningKeys {
  /** Oldest first. */
  all(): Promise<readonly SigningKey[]>
  /**
   * Stores all of `after` and removes what is not in it, only while the ids and states are still those of `before`; false otherwise.
   * However many processes begin or rotate together, one wins and the others read what it stored.
   */
  replace(before: readonly SigningKey[], after: readonly SigningKey[]): Promise<boolean>
}

/** A back-channel logout (OIDC Back-Channel Logout 1.0) an app still has to be told of. The token is made when it is sent. */
export interface LogoutNotification {
  readonly appId: string
  readonly subject: string
  /** The `sid` this app knows the session by. */
  readonly sid: string
}

export interface QueuedLogout {
  readonly id: string
  readonly notification: LogoutNotification
  readonly attempts: number
}

/** The same promises as `Outbox`. */
export interface LogoutQueue {
  add(notifications: readonly LogoutNotification[], now: Date): Promise<void>
  claim(now: Date, leaseUntil: Date, limit: number): Promise<readonly QueuedLogout[]>
  sent(id: string): Promise<void>
  retry(id: string, at: Date): Promise<void>
  /** Ends the leases; the claim does not count as an attempt. */
  release(ids: readonly string[], at: Date): Promise<void>
}

export interface DurableStore {
  readonly users: Users
  readonly passwords: Passwords
  readonly traces: Traces
  readonly audit: Audit
  readonly outbox: Outbox
  readonly domainChecks: DomainChecks
  readonly trustedMetadata: TrustedMetadataStore
  readonly apps: Apps
  readonly consents: Consents
  readonly signingKeys: SigningKeys
  readonly logouts: LogoutQueue
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
  /** The one-time code of the identity that waits to be linked to who signs in here (linking.ts). */
  readonly link?: string
  /** Id of the session whose user asked for the identity of this login to be added to them. */
  readonly addTo?: string
  /** The upstream was asked to sign the person in anew. Whoever sits at the browser can change an address, not this. */
  readonly reauthentication?: Reauthentication
}

export type TakenTransaction =
  | { readonly outcome: 'fresh'; readonly transaction: LoginTransaction }
  | { readonly outcome: 'used'; readonly resume: Resume; readonly browser?: string }

export interface Transactions {
  /** @param keepSeconds how long the resume part is kept (the memo goes at the first take) */
  put(transaction: LoginTransaction, keepSeconds: number): Promise<void>
  /** Fresh exactly once, however many ask at the same time; then `linkUsedError`; null when never known or forgotten. */
  take(state: string): Promise<TakenTransaction | null>
}

/** What is kept beside a session where its upstream may end it, or be ended with it: in a record of its own, sealed. */
export interface SessionOrigin {
  /** What the upstream may call it (`endNamed`); each name covers any number of sessions. */
  readonly names: readonly string[]
  /** The provider's note for ending the upstream's session. */
  readonly memo: Memo | undefined
}

/** The origin of a session that is opened now. */
export interface NewSessionOrigin extends SessionOrigin {
  /** When the upstream's answer came: `put` refuses the session if one of its names was ended after that. Default: now. */
  readonly since?: Date
}

export interface Sessions {
  /**
   * False, and nothing stored, when the user's sessions were ended meanwhile: `epoch` is older than `raiseEpoch` stored, a name was ended
   * since `origin.since`, or endAll or endNamed came in between. One atomic operation, or in a cluster the order of steps.
   * @param epoch of the user when the login read it (`User.epoch`). Default 0, the oldest
   */
  put(session: Session, origin?: NewSessionOrigin, epoch?: number): Promise<boolean>
  /** For an hour `put` refuses sessions of an older epoch than this. Never lowers it. */
  raiseEpoch(tenant: string, userId: string, epoch: number): Promise<void>
  /** One store read. Null when unknown or gone; the caller judges the limits. */
  find(id: string): Promise<Session | null>
  /** Sets seenAt (to the second) and lets the record live until `expiresAt`; does nothing to an ended session. */
  touch(session: Session, seenAt: Date, expiresAt: Date): Promise<void>
  /** True when this call ended it. Ending removes it from the user's list too. */
  delete(session: Session): Promise<boolean>
  /** The user's live sessions, newest first; clears away what has expired. */
  list(tenant: string, userId: string): Promise<readonly Session[]>
  /** Ends all but `exceptId`; returns how many. */
  deleteAll(tenant: string, userId: string, exceptId?: string): Promise<number>
  /** The tenant's sessions of this name. */
  findByName(tenant: string, name: string): Promise<readonly Session[]>
  /** Ends the tenant's sessions of this name; those that this very call ended. For an hour it refuses older logins of the name. */
  deleteByName(tenant: string, name: string): Promise<readonly Session[]>
  /** What was put beside a session that has not been ended; null when nothing was. */
  origin(id: string): Promise<SessionOrigin | null>
}

export type OneTimePurpose = 'sign-up' | 'reset' | 'link'

/** One-time links and codes: at most one lives per (purpose, owner), the newest. Content is sealed at rest. */
export interface OneTimeCodes {
  put(purpose: OneTimePurpose, owner: string, hash: string, content: unknown, seconds: number): Promise<void>
  /** Looks without consuming. */
  peek(purpose: OneTimePurpose, owner: string, hash: string): Promise<unknown>
  /**
   * The content for one caller in `seconds`, however many ask at the same time; null for the others, and for a wrong hash. The code stays:
   * when its caller neither takes nor releases it, it can be leased again after that.
   */
  lease(purpose: OneTimePurpose, owner: string, hash: string, seconds: number): Promise<unknown>
  /** Ends the lease: the code can be leased again at once. */
  release(purpose: OneTimePurpose, owner: string, hash: string): Promise<void>
  /** The content exactly once, however many ask at the same time; null otherwise. A wrong hash consumes nothing. */
  take(purpose: OneTimePurpose, owner: string, hash: string): Promise<unknown>
}

export interface Counters {
  /** Counts one more in the window that began with the first hit. */
  hit(key: string, windowSeconds: number): Promise<{ readonly count: number; readonly resetSeconds: number }>
  /** Takes one hit back; nothing happens when there is none. */
  refund(key: string): Promise<void>
  /** How many hits the window holds; 0 when there is none. */
  count(key: string): Promise<number>
  forget(key: string): Promise<void>
}

/** express-session's records: what belongs to one browser before anyone is signed in. */
export interface Browsers {
  get(id: string): Promise<string | null>
  put(id: string, content: string, seconds: number): Promise<void>
  remove(id: string): Promise<void>
}

/**
 * What the OpenID provider keeps between its requests (codes, tokens, grants, interactions, pushed requests, assertion ids), by the
 * name of its model. Ids are secrets: they are stored as hashes, contents sealed.
 */
export interface Artifacts {
  /** Inserts or replaces. `grant`: it goes with the others of this grant (`revokeGrant`). */
  put(model: string, id: string, content: ArtifactContent, seconds: number, grant?: string): Promise<void>
  /** Inserts only when there is none: false when there is one already. */
  putNew(model: string, id: string, content: ArtifactContent, seconds: number, grant?: string): Promise<boolean>
  find(model: string, id: string): Promise<Artifact | null>
  /** Marks it as consumed. True exactly once, however many ask at once; false afterwards and when there is none. */
  consume(model: string, id: string, at: Date): Promise<boolean>
  remove(model: string, id: string): Promise<void>
  /** Removes everything put with this grant, what is put at this very moment included. For the next hour nothing stays that is put with it. */
  revokeGrant(grant: string): Promise<void>
}

/** JSON values. */
export type ArtifactContent = Readonly<Record<string, unknown>>

export interface Artifact {
  readonly content: ArtifactContent
  readonly consumedAt: Date | undefined
}

/** What an app got of a session: the `sid` by which it knows the session, and its grant. */
export interface SessionApp {
  readonly sid: string
  readonly grantId: string
}

/** How many sessions before it lead to a session. */
export const maxPredecessors = 50

/** The apps a session signed in to. */
export interface SessionApps {
  /** App id → what it got. Empty when none or forgotten; still told of a session that was just ended, so that its apps can be. */
  of(sessionId: string): Promise<ReadonlyMap<string, SessionApp>>
  /**
   * Also files the grant under the user and the app, for `grantsOf`. Replaces what the app got of this session before. Of a session that
   * is gone nothing is kept but the grant.
   */
  put(session: Session, appId: string, got: SessionApp): Promise<void>
  /**
   * The person of `from` signed in again, as `to`: its apps are those of `to` too, and whatever was bound to `from` or to the sessions it
   * followed (the last `maxPredecessors`) finds `to` by `successorOf`, until the absolute limit of `to`. Nothing happens when `from` has no
   * apps, when `to` is gone, or when they are not of one user.
   */
  carryOver(from: Session, to: Session): Promise<void>
  /** Id of the session that followed this one, or a later one that followed that: one read. Whether it lives is for the caller to see. */
  successorOf(sessionId: string): Promise<string | null>
  forget(sessionId: string): Promise<void>
  /** Ids of the grants an app holds of a user, of whatever session, while that or anything put with the grant lives; of all apps without `appId`. */
  grantsOf(tenant: string, userId: string, appId?: string): Promise<readonly string[]>
  /** Of those, the ones of sessions of this connection, or of sessions that took over from one of it. */
  grantsOfConnection(tenant: string, userId: string, connection: string): Promise<readonly string[]>
}

export interface VolatileStore {
  readonly artifacts: Artifacts
  readonly sessionApps: SessionApps
  readonly transactions: Transactions
  readonly sessions: Sessions
  readonly codes: OneTimeCodes
  readonly counters: Counters
  readonly browsers: Browsers
  ping(): Promise<void>
  close(): Promise<void>
}
