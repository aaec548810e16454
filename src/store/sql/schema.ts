/** The durable tables as both SQL adapters have them: text, whole numbers and JSON as text, so that one SQL serves both. */
import type { Kysely } from 'kysely'

export interface UserRow {
  readonly tenant: string
  readonly id: string
  readonly status: string
  /** JSON. */
  readonly profile: string
  /** The profile's address while it is proven, for linking; null otherwise. */
  readonly proven_email: string | null
  readonly email_proven: number
  readonly created_at: number
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
}

/** An identity a user took away. */
export interface UnlinkedIdentityRow {
  readonly tenant: string
  readonly issuer: string
  readonly subject: string
  readonly user_id: string
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

export interface OutboxRow {
  readonly id: string
  /** The sealed mail as base64. */
  readonly sealed: string
  readonly due_at: number
  readonly attempts: number
}

export interface Tables {
  readonly users: UserRow
  readonly identities: IdentityRow
  readonly unlinked_identities: UnlinkedIdentityRow
  readonly passwords: PasswordRow
  readonly traces: TraceRow
  readonly audit_events: AuditRow
  readonly outbox: OutboxRow
}

/** A database of ours, and how to wait for it. */
export interface Sql {
  readonly db: Kysely<Tables>
  /** Runs work against the database; fails with `store_unavailable` in time. */
  readonly reach: <T>(work: () => Promise<T>) => Promise<T>
  /** One statement may change two tables (`with … as (update …) update …`): one way to the database instead of four. */
  readonly changesTogether: boolean
  /** Lets one transaction at a time go on that creates a user with this proven email. */
  readonly lockEmail: (transaction: Kysely<Tables>, tenant: string, email: string) => Promise<void>
}
