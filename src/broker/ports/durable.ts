/** Ports for durable records: PostgreSQL or SQLite. */

import type { App } from '../../app/app.ts'
import type { SigningAlgorithm } from '../../crypto/signing-algorithm.ts'
import type { PasswordRecord, TrustedMetadata } from '../../provider/provider.ts'
import type { ConnectionKey } from '../connections.ts'
import type { Trace } from '../trace.ts'
import type { ApiTokens } from './api-tokens.ts'
import type { AppSignIns } from './app-sign-ins.ts'
import type { AuditStore } from './audit.ts'
import type { Authenticators, RecoveryCodes, RememberedDevices } from './authenticators.ts'
import type { DeveloperSecrets } from './developer-secrets.ts'
import type { ExpiryAlerts, PublishedStates } from './published-states.ts'
import type { Recoveries, UndoLinks } from './recoveries.ts'
import type { RoleAssignments } from './role-assignments.ts'
import type { SignInStatisticsStore, TraceSearch } from './sign-ins.ts'
import type { UpstreamGrants } from './upstream-grants.ts'
import type { UserDeletions } from './user-deletions.ts'
import type { Users } from './users.ts'

export interface Passwords {
  find(tenant: string, email: string): Promise<PasswordRecord | null>
  changedAt(tenant: string, email: string): Promise<Date | null>
  /** Sets the password of an email; returns its subject. `subject` is used only for a new one. */
  put(tenant: string, record: PasswordRecord, now: Date): Promise<string>
  /** Replaces the hash if it is still `before`. */
  rehash(tenant: string, subject: string, before: string, after: string): Promise<void>
  remove(tenant: string, subject: string): Promise<void>
}

export interface Traces extends TraceSearch {
  put(trace: Trace): Promise<void>
  /** In one statement, all or nothing. At least one trace. */
  putAll(traces: readonly Trace[]): Promise<void>
  find(reference: string): Promise<Trace | null>
  /** Deletes at most `limit`, the oldest first. Returns how many were deleted. */
  forgetBefore(date: Date, limit: number): Promise<number>
}

/** The last DNS result for a domain that a tenant claims (identity/domain-verification.ts). */
export interface DomainCheck {
  readonly tenant: string
  readonly domain: string
  readonly outcome: 'proven' | 'missing' | 'unanswered'
  readonly checkedAt: Date
  readonly provenAt: Date | undefined
}

export interface DomainChecks {
  all(): Promise<readonly DomainCheck[]>
  /** An older check than the stored one is ignored. */
  put(check: DomainCheck): Promise<void>
}

export type StoredTrustedMetadata = TrustedMetadata & ConnectionKey

export interface TrustedMetadataStore {
  ofTenant(tenant: string): Promise<readonly StoredTrustedMetadata[]>
  /** Writes only if `before` is stored (null: nothing); false after a concurrent change. */
  replace(trustedMetadata: StoredTrustedMetadata, before: TrustedMetadata | null, now: Date): Promise<boolean>
}

export interface AppSearch {
  /** Tenant of the owner. Undefined: all tenants. */
  readonly tenant?: string | undefined
  /** Part of the name, in any case. */
  readonly name?: string | undefined
  /** User ids. */
  readonly owners?: readonly string[] | undefined
  /** Id of the last app of the page before. */
  readonly after?: string | undefined
  readonly limit: number
}

/** Apps registered by developers, without those of gatehouse.yaml. */
export interface Apps {
  find(id: string): Promise<App | null>
  findBySecret(hash: string): Promise<App | null>
  /** Newest first. */
  all(): Promise<readonly App[]>
  /** Newest first. */
  search(search: AppSearch): Promise<readonly App[]>
  /** Newest first. */
  ownedBy(tenant: string, userId: string): Promise<readonly App[]>
  /** False if the id is taken. */
  create(app: App): Promise<boolean>
  /** Stores `app` with the next revision, if the stored one has `app.revision`; false otherwise. */
  update(app: App): Promise<boolean>
  remove(id: string): Promise<boolean>
  recordUse(appId: string, credentialId: string, at: Date): Promise<void>
  /** Credential id → last use. */
  usesOf(appId: string): Promise<ReadonlyMap<string, Date>>
  /** App id → last use of any credential, in one query. */
  lastUses(appIds: readonly string[]): Promise<ReadonlyMap<string, Date>>
}

export interface Consent {
  readonly tenant: string
  readonly userId: string
  readonly appId: string
  readonly scopes: readonly string[]
  readonly firstGrantedAt: Date
  readonly grantedAt: Date
}

export interface ConsentPage {
  readonly limit: number
  /** The last one of the page before. */
  readonly after?: Pick<Consent, 'firstGrantedAt' | 'userId'> | undefined
}

export interface Consents {
  find(tenant: string, userId: string, appId: string): Promise<Consent | null>
  /** Newest first. */
  ofUser(tenant: string, userId: string): Promise<readonly Consent[]>
  /**
   * Sorted by the first consent, newest first, then by user, so that a later consent moves no
   * entry.
   */
  ofApp(appId: string, page: ConsentPage): Promise<readonly Consent[]>
  /** Number of consents of an app, at most `max`. */
  count(appId: string, max: number): Promise<number>
  /** Adds the scopes to earlier ones, also concurrently. */
  give(consent: Omit<Consent, 'firstGrantedAt'>): Promise<void>
  /** True if this call withdrew it. */
  revoke(tenant: string, userId: string, appId: string): Promise<boolean>
  forgetApp(appId: string): Promise<void>
}

/** `next` is published ahead of use, `retired` until its last token expires. */
export interface SigningKey {
  /** The `kid`. */
  readonly id: string
  readonly algorithm: SigningAlgorithm
  readonly status: 'next' | 'active' | 'retired'
  /** Sealed in the context `signing key <id>`. */
  readonly sealed: Buffer
  readonly createdAt: Date
  readonly activatedAt: Date | undefined
  readonly retiredAt: Date | undefined
}

export interface SigningKeys {
  /** Oldest first. */
  all(): Promise<readonly SigningKey[]>
  /** Stores `after` if ids and states are those of `before`. One of concurrent callers wins. */
  replace(before: readonly SigningKey[], after: readonly SigningKey[]): Promise<boolean>
}

/** A back-channel logout (OIDC Back-Channel Logout 1.0) to deliver; its token is made then. */
export interface LogoutNotification {
  readonly appId: string
  readonly subject: string
  readonly sid: string
}

export interface Mail {
  /** Shown as the sender, such as the tenant's name. Default: as configured. */
  readonly senderName?: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

export interface Queued<T> {
  readonly id: string
  readonly content: T
  /** How often it was claimed before. */
  readonly attempts: number
}

/** Messages to send, sealed at rest: an email holds one-time links. */
export interface Queue<T> {
  add(contents: readonly T[], now: Date): Promise<void>
  /** Due messages, each leased to one caller until `leaseUntil`. */
  claim(now: Date, leaseUntil: Date, limit: number): Promise<readonly Queued<T>[]>
  sent(id: string): Promise<void>
  retry(id: string, at: Date): Promise<void>
  /** Ends the leases without counting an attempt. */
  release(ids: readonly string[], at: Date): Promise<void>
  size(now: Date): Promise<QueueSize>
}

export interface QueueSize {
  /** All that are not sent: also those that are claimed, or wait for a retry. */
  readonly messages: number
  readonly due: number
  /** Long past: no process delivers them. */
  readonly oldestDueAt: Date | undefined
}

export type Outbox = Omit<Queue<Mail>, 'release'>
export type LogoutQueue = Queue<LogoutNotification>

export interface DurableStore {
  readonly users: Users
  readonly passwords: Passwords
  readonly traces: Traces
  readonly audit: AuditStore
  readonly outbox: Outbox
  readonly domainChecks: DomainChecks
  readonly trustedMetadata: TrustedMetadataStore
  readonly apps: Apps
  readonly apiTokens: ApiTokens
  readonly developerSecrets: DeveloperSecrets
  readonly appSignIns: AppSignIns
  readonly signInStatistics: SignInStatisticsStore
  readonly consents: Consents
  readonly signingKeys: SigningKeys
  readonly roleAssignments: RoleAssignments
  readonly logouts: LogoutQueue
  readonly publishedStates: PublishedStates
  readonly expiryAlerts: ExpiryAlerts
  readonly authenticators: Authenticators
  readonly recoveryCodes: RecoveryCodes
  readonly rememberedDevices: RememberedDevices
  readonly recoveries: Recoveries
  readonly undoLinks: UndoLinks
  readonly upstreamGrants: UpstreamGrants
  readonly userDeletions: UserDeletions
  /** Throws `store_unavailable`. */
  ping(): Promise<void>
  close(): Promise<void>
}
