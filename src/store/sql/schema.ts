/** The durable tables. Columns are in snake_case in the database. */
import {
  CamelCasePlugin,
  type ColumnType,
  type Dialect,
  type ExpressionBuilder,
  type FilterObject,
  type Generated,
  Kysely,
  type PluginTransformResultArgs,
  type QueryResult,
  type UnknownRow,
} from 'kysely'
import type { ConnectionKey } from '../../broker/connections.ts'
import type { ApiToken, ApiTokenUse } from '../../broker/ports/api-tokens.ts'
import type { AppDay } from '../../broker/ports/app-sign-ins.ts'
import type { AuditEvent } from '../../broker/ports/audit.ts'
import type { RememberedDevice } from '../../broker/ports/authenticators.ts'
import type { Consent, DomainCheck, SigningKey, StoredTrustedMetadata } from '../../broker/ports/durable.ts'
import type { ExpiryAlertKey } from '../../broker/ports/published-states.ts'
import type { Recovery, UndoLink } from '../../broker/ports/recoveries.ts'
import type { RoleAssignment } from '../../broker/ports/role-assignments.ts'
import type { CountRow, DurationRow, FailureRow } from '../../broker/ports/sign-ins.ts'
import type { UserDeletion } from '../../broker/ports/user-deletions.ts'
import type { IdentityKey, User, UserIdentity } from '../../broker/ports/users.ts'
import type { PasswordRecord } from '../../provider/provider.ts'
import { readerOf } from './values.ts'

/** Undefined when read as null. An update to undefined changes nothing. */
type NullColumn<T> = ColumnType<T | undefined, T | null | undefined, T | null>
type Nullable<T, Key extends keyof T> = Omit<T, Key> & { readonly [K in Key]: NullColumn<NonNullable<T[K]>> }

/** Columns of a fixed set of words, which `wordOf` checks: read as any text. */
type AsText<T, Key extends keyof T> = Omit<T, Key> & { readonly [K in Key]: ColumnType<string, T[K], T[K]> }

export interface UserRow extends Omit<User, 'kind' | 'status' | 'epoch' | 'confirmation'> {
  readonly kind: NullColumn<string>
  readonly status: string
  /** The profile's address if it is proven, for linking. */
  readonly provenEmail: NullColumn<string>
  /** The profile's address if the upstream asserts it as verified and it is not proven. */
  readonly verifiedEmail: NullColumn<string>
  /** Email in lower case (users/search-columns.ts). */
  readonly emailSearch: NullColumn<string>
  readonly nameSearch: NullColumn<string>
  /** Number of times all sessions of the user were ended. */
  readonly epoch: Generated<number>
  /** When, and by which connection, `User.confirmation` was made. */
  readonly confirmedAt: NullColumn<Date>
  readonly confirmedBy: NullColumn<string>
}

interface OfUser {
  readonly tenant: string
  readonly userId: string
}

export type IdentityRow = OfUser & Nullable<UserIdentity, 'addedAt' | 'suspendedAt'>

/** A queued email or back-channel logout. */
export interface QueueRow {
  readonly id: string
  readonly sealed: Buffer
  readonly dueAt: Date
  readonly attempts: number
}

export interface AppRow {
  readonly id: string
  readonly ownerTenant: NullColumn<string>
  readonly ownerUserId: NullColumn<string>
  /** The name in lower case. */
  readonly nameSearch: NullColumn<string>
  /** JSON of the rest. */
  readonly content: string
  readonly createdAt: Date
  readonly revision: number
}

export type ApiTokenRow = Nullable<Omit<ApiToken, 'lastUse'>, 'scopes' | 'endsAt' | 'replacedBy' | 'suspendedAt'> & {
  readonly lastUsedAt: NullColumn<Date>
  readonly lastUsedAddress: NullColumn<NonNullable<ApiTokenUse['address']>>
  readonly lastUsedAgent: NullColumn<NonNullable<ApiTokenUse['agent']>>
}

export interface DeveloperSecretRow extends OfUser {
  readonly hash: string
  readonly id: string
  readonly sealed: Buffer
  readonly createdAt: Date
  readonly expiresAt: NullColumn<Date>
  readonly lastUsedAt: NullColumn<Date>
}

export interface UpstreamGrantRow extends OfUser, IdentityKey {
  readonly id: string
  readonly connection: string
  readonly sealed: Buffer
  readonly confirmedAt: Date
  readonly activeAt: Date
  /** While it is leased: when the lease ends. */
  readonly nextAt: Date
  readonly idle: number
  readonly doubtful: number
  readonly revision: number
  readonly leaseEndsAt: NullColumn<Date>
  readonly failedAt: NullColumn<Date>
  readonly failure: NullColumn<string>
}

/** A TOTP app has `sealed` and `lastStep`; a passkey has the columns after them. */
export interface AuthenticatorRow extends OfUser {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly createdAt: Date
  readonly lastUsedAt: NullColumn<Date>
  readonly removedAt: NullColumn<Date>
  readonly suspendedAt: NullColumn<Date>
  readonly sealed: NullColumn<Buffer>
  readonly lastStep: NullColumn<number>
  readonly credentialId: NullColumn<string>
  readonly publicKey: NullColumn<string>
  readonly counter: NullColumn<number>
  readonly transports: NullColumn<readonly string[]>
  readonly backedUp: NullColumn<number>
  readonly aaguid: NullColumn<string>
}

export interface TraceRow {
  readonly reference: string
  readonly tenant: string
  readonly startedAt: Date
  /** JSON of the rest. */
  readonly content: string
  /** The rest only finds traces; null in those of earlier releases. */
  readonly connection: NullColumn<string>
  readonly outcome: NullColumn<string>
  readonly code: NullColumn<string>
  readonly cause: NullColumn<string>
  readonly email: NullColumn<string>
  readonly userId: NullColumn<string>
  readonly app: NullColumn<string>
}

/** A connection has a row for each kind of outcome. */
export interface LastOutcomeRow {
  readonly tenant: string
  readonly connection: string
  readonly kind: 'signed in' | 'refused' | 'warned'
  readonly lastAt: Date
  readonly code: string
  readonly cause: string
  readonly fixer: string
  readonly lastReference: string
}

export interface Tables {
  readonly users: UserRow
  readonly identities: IdentityRow
  /** Identities that their user unlinked. */
  readonly unlinked_identities: OfUser & IdentityKey
  /** Identities whose upstream revoked the user's access. */
  readonly revoked_identities: OfUser & IdentityKey & { readonly revokedAt: Date }
  readonly passwords: Nullable<Required<PasswordRecord>, 'name'> & { readonly tenant: string; readonly changedAt: Date }
  readonly traces: TraceRow
  readonly audit_events: Nullable<Required<AuditEvent>, 'address' | 'agent' | 'before' | 'after'>
  /** Events before this time may be deleted. */
  readonly audit_retention: { readonly tenant: string; readonly deletedBefore: Date }
  readonly outbox: QueueRow
  readonly apps: AppRow
  /** Apps by the hash of a client secret. */
  readonly app_secrets: { readonly hash: string; readonly appId: string }
  readonly app_credential_uses: { readonly appId: string; readonly credentialId: string; readonly usedAt: Date }
  readonly api_tokens: ApiTokenRow
  /** The networks that a token was used from. */
  readonly api_token_networks: { readonly tokenId: string; readonly network: string; readonly seenAt: Date }
  readonly authenticators: AuthenticatorRow
  readonly recovery_codes: OfUser & {
    readonly hash: string
    readonly createdAt: Date
    readonly usedAt: NullColumn<Date>
  }
  readonly remembered_devices: RememberedDevice
  readonly recoveries: Nullable<Omit<Required<Recovery>, 'outcome'>, 'endedAt'> & {
    readonly outcome: NullColumn<string>
  }
  /** `content`: JSON of what it undoes. */
  readonly undo_links: Omit<UndoLink, 'change' | 'usedAt'> & {
    readonly content: string
    readonly usedAt: NullColumn<Date>
  }
  readonly upstream_grants: UpstreamGrantRow
  readonly developer_secrets: DeveloperSecretRow
  readonly developer_secret_revisions: OfUser & { readonly revision: number }
  readonly api_token_reminders: { readonly tokenId: string; readonly reason: string; readonly sentAt: Date }
  readonly app_sign_ins: AppDay & { readonly appId: string }
  /** Batches of counts that are stored, by which none is added twice. */
  readonly sign_in_batches: { readonly id: string; readonly startsAt: Date }
  readonly sign_in_counts: CountRow
  readonly sign_in_failures: AsText<FailureRow, 'fixer'>
  readonly step_durations: DurationRow
  readonly last_outcomes: LastOutcomeRow
  readonly consents: Consent
  readonly user_deletions: UserDeletion
  readonly role_assignments: AsText<RoleAssignment, 'role'>
  readonly signing_keys: AsText<Nullable<SigningKey, 'activatedAt' | 'retiredAt'>, 'algorithm' | 'status'>
  readonly logouts: QueueRow
  readonly domain_checks: AsText<Nullable<DomainCheck, 'provenAt'>, 'outcome'>
  readonly trusted_metadata: StoredTrustedMetadata & { readonly trustedAt: Date }
  readonly published_states: ConnectionKey & { readonly content: string; readonly seenAt: Date }
  /** `sentAt` is when it was claimed while `claimedUntil` is set, which is null once it is sent. */
  readonly expiry_alerts: ExpiryAlertKey & { readonly sentAt: Date; readonly claimedUntil: Date | null }
}

/** A database, and the features in which the two databases differ. */
export interface Sql {
  readonly db: Kysely<Tables>
  /** Runs a compiled statement outside of transactions. Returns rows in the terms of the core. */
  readonly run: (statement: string, parameters: readonly unknown[]) => Promise<readonly unknown[]>
  /** Fails with `store_unavailable` when `work` fails or takes too long. */
  readonly withStoreTimeout: <T>(work: () => Promise<T>) => Promise<T>
  /** One statement may change two tables (`with … as (update …)`). */
  readonly changesTogether: boolean
  /** `skip locked` is supported. */
  readonly passesLocked: boolean
  /** Takes the lock of this name until the transaction ends. */
  readonly lock: (transaction: Kysely<Tables>, name: string) => Promise<void>
}

interface Reader {
  readonly name: string
  readonly read: (stored: unknown) => unknown
}

/** Reads rows in the terms of the core: names in camelCase, times as Date, no null members. */
class CoreValues extends CamelCasePlugin {
  /** How to read each column, by its name in the database. */
  readonly #readers = new Map<string, Reader>()

  override async transformResult({ result }: PluginTransformResultArgs): Promise<QueryResult<UnknownRow>> {
    return { ...result, rows: this.rowsOf(result.rows) }
  }

  rowsOf(rows: readonly UnknownRow[]): UnknownRow[] {
    return rows.map((row) => this.#valuesOf(row))
  }

  #valuesOf(row: UnknownRow): UnknownRow {
    const values: Record<string, unknown> = {}
    for (const column in row) {
      const stored = row[column]
      if (stored === null) continue
      const { name, read } = this.#readerOf(column)
      values[name] = read(stored)
    }
    return values
  }

  #readerOf(column: string): Reader {
    const known = this.#readers.get(column)
    if (known !== undefined) return known
    const name = this.camelCase(column)
    const reader = { name, read: readerOf(name) }
    this.#readers.set(column, reader)
    return reader
  }
}

const coreValues = new CoreValues()

export const openTables = (dialect: Dialect) => new Kysely<Tables>({ dialect, plugins: [coreValues] })

export const rowsInCoreTerms = (rows: readonly UnknownRow[]): readonly unknown[] => coreValues.rowsOf(rows)

/** A condition: all these columns have these values. */
export function having<Table extends keyof Tables>(values: Readonly<FilterObject<Tables, Table>>) {
  return ({ and }: ExpressionBuilder<Tables, Table>) => and(values)
}
