/** The durable tables as both SQL adapters have them: text, whole numbers and JSON as text, so that one SQL serves both. */
import type { Generated, Kysely } from 'kysely'

export interface UserRow {
  readonly tenant: string
  readonly id: string
  readonly status: string
  /** JSON. */
  readonly profile: string
  /** The profile's address while it is proven, for linking; null otherwise. */
  readonly proven_email: string | null
  readonly email_proven: number
  /** The profile's address while its upstream calls it verified and nobody has proven it; null otherwise. */
  readonly verified_email: string | null
  readonly created_at: number
  /** How often all sessions of the user were ended. */
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

/** An identity a user took away. */
export interface UnlinkedIdentityRow {
  readonly tenant: string
  readonly issuer: string
  readonly subject: string
  readonly user_id: string
}

/** An identity whose upstream ended the user's access everywhere. */
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
  /** Tells events of one millisecond apart. */
  readonly sequence: number
  readonly tenant: string
  readonly action: string
  readonly actor: string
  readonly target: string
  /** JSON. */
  readonly details: string
}

/** Something that waits to be sent: a mail, a back-channel logout. */
export interface QueueRow {
  readonly id: string
  /** The sealed content as base64. */
  readonly sealed: string
  readonly due_at: number
  readonly attempts: number
}

/** What the DNS said of a tenant's domain. */
export interface DomainCheckRow {
  readonly tenant: string
  readonly domain: string
  readonly outcome: string
  readonly checked_at: number
  readonly proven_at: number | null
}

/** What a connection believes of its upstream. */
export interface TrustedMetadataRow {
  readonly tenant: string
  readonly connection: string
  readonly issuer: string
  readonly source: string
  /** The provider's own text. */
  readonly content: string
  readonly believed_at: number
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
  readonly first_given_at: number
  readonly given_at: number
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
  readonly beliefs: TrustedMetadataRow
}

/** A database of ours, and how to wait for it. */
export interface Sql {
  readonly db: Kysely<Tables>
  /** Runs work against the database; fails with `store_unavailable` in time. */
  readonly withStoreTimeout: <T>(work: () => Promise<T>) => Promise<T>
  /** One statement may change two tables (`with … as (update …) update …`): one way to the database instead of four. */
  readonly changesTogether: boolean
  /** Rows another transaction works on may be passed over instead of waited for (`skip locked`). */
  readonly passesLocked: boolean
  /** Lets one transaction at a time go on that names the same thing: it waits for the others, and then sees what they wrote. */
  readonly lock: (transaction: Kysely<Tables>, thing: string) => Promise<void>
}
