/** The durable tables: text, integers and JSON as text, which both databases have. */
import type { Generated, Kysely } from 'kysely'

export interface UserRow {
  readonly tenant: string
  readonly id: string
  readonly status: string
  /** JSON. */
  readonly profile: string
  /** The profile's address if it is proven, for linking. */
  readonly proven_email: string | null
  readonly email_proven: number
  /** The profile's address if the upstream asserts it as verified and it is not proven. */
  readonly verified_email: string | null
  readonly created_at: number
  /** Number of times all sessions of the user were ended. */
  readonly epoch: Generated<number>
}

export interface IdentityRow {
  readonly tenant: string
  readonly issuer: string
  readonly subject: string
  readonly user_id: string
  readonly connection: string
  /** JSON. */
  readonly profile: string
  readonly last_login_at: number
  readonly added_at: number | null
  readonly suspended_at: number | null
}

/** An identity that its user unlinked. */
export interface UnlinkedIdentityRow {
  readonly tenant: string
  readonly issuer: string
  readonly subject: string
  readonly user_id: string
}

/** An identity whose upstream revoked the user's access. */
export interface RevokedIdentityRow extends UnlinkedIdentityRow {
  readonly revoked_at: number
}

export interface PasswordRow {
  readonly tenant: string
  readonly email: string
  readonly subject: string
  readonly name: string | null
  readonly hash: string
  readonly changed_at: number
}

export interface TraceRow {
  readonly reference: string
  readonly tenant: string
  readonly started_at: number
  /** JSON of the rest. */
  readonly content: string
}

export interface AuditRow {
  readonly id: string
  readonly at: number
  /** Orders events of the same millisecond. */
  readonly sequence: number
  readonly tenant: string
  readonly action: string
  readonly actor: string
  readonly target: string
  /** JSON. */
  readonly details: string
}

/** A queued mail or back-channel logout. */
export interface QueueRow {
  readonly id: string
  /** The sealed content as base64. */
  readonly sealed: string
  readonly due_at: number
  readonly attempts: number
}

export interface DomainCheckRow {
  readonly tenant: string
  readonly domain: string
  readonly outcome: string
  readonly checked_at: number
  readonly proven_at: number | null
}

/** Trusted upstream metadata of a connection. */
export interface TrustedMetadataRow {
  readonly tenant: string
  readonly connection: string
  readonly issuer: string
  readonly source: string
  /** In the provider's format. */
  readonly content: string
  readonly trusted_at: number
}

export interface AppRow {
  readonly id: string
  readonly owner_tenant: string | null
  readonly owner_user_id: string | null
  /** JSON of the rest. */
  readonly content: string
  readonly created_at: number
  readonly revision: number
}

/** Which app has the client secret of this hash. */
export interface AppSecretRow {
  readonly hash: string
  readonly app_id: string
}

export interface AppCredentialUseRow {
  readonly app_id: string
  readonly credential_id: string
  readonly used_at: number
}

export interface ConsentRow {
  readonly tenant: string
  readonly user_id: string
  readonly app_id: string
  /** JSON. */
  readonly scopes: string
  readonly first_granted_at: number
  readonly granted_at: number
}

export interface SigningKeyRow {
  readonly id: string
  readonly algorithm: string
  readonly status: string
  /** The sealed private JWK as base64. */
  readonly sealed: string
  readonly created_at: number
  readonly activated_at: number | null
  readonly retired_at: number | null
}

export interface Tables {
  readonly users: UserRow
  readonly identities: IdentityRow
  readonly unlinked_identities: UnlinkedIdentityRow
  readonly revoked_identities: RevokedIdentityRow
  readonly passwords: PasswordRow
  readonly traces: TraceRow
  readonly audit_events: AuditRow
  readonly outbox: QueueRow
  readonly apps: AppRow
  readonly app_secrets: AppSecretRow
  readonly app_credential_uses: AppCredentialUseRow
  readonly consents: ConsentRow
  readonly signing_keys: SigningKeyRow
  readonly logouts: QueueRow
  readonly domain_checks: DomainCheckRow
  readonly trusted_metadata: TrustedMetadataRow
}

/** A database, and the features in which the two databases differ. */
export interface Sql {
  readonly db: Kysely<Tables>
  /** Fails with `store_unavailable` when `work` fails or takes too long. */
  readonly withStoreTimeout: <T>(work: () => Promise<T>) => Promise<T>
  /** One statement may change two tables (`with … as (update …)`). */
  readonly changesTogether: boolean
  /** `skip locked` is supported. */
  readonly passesLocked: boolean
  /** Takes the lock of this name until the transaction ends. */
  readonly lock: (transaction: Kysely<Tables>, name: string) => Promise<void>
}
