/**
 * Indexes of searches, by name. On PostgreSQL those of tables with rows are built after the start.
 */
import type { Kysely } from 'kysely'

export const traceIndexes: Readonly<Record<string, string>> = {
  traces_by_start: 'traces (started_at, reference)',
  traces_by_tenant_and_start: 'traces (tenant, started_at, reference)',
  traces_by_connection: 'traces (tenant, connection, started_at, reference)',
  traces_by_email: 'traces (email, started_at, reference) where email is not null',
  traces_by_user: 'traces (user_id, started_at, reference) where user_id is not null',
  traces_by_app: 'traces (app, started_at, reference) where app is not null',
  traces_by_code: 'traces (code, started_at, reference) where code is not null',
  traces_by_cause: 'traces (tenant, cause, started_at, reference) where cause is not null',
  // for searches of all tenants: a rare value reads no other traces
  traces_by_any_connection: 'traces (connection, started_at, reference)',
  traces_by_any_cause: 'traces (cause, started_at, reference) where cause is not null',
  traces_not_signed_in: "traces (outcome, started_at, reference) where outcome <> 'signed in'",
}

export const userIndexes: Readonly<Record<string, string>> = {
  users_by_search_email: 'users (tenant, email_search, id)',
  users_by_any_search_email: 'users (email_search, id)',
  users_by_search_name: 'users (tenant, name_search, id)',
  users_by_any_search_name: 'users (name_search, id)',
  users_by_time: 'users (tenant, created_at, id)',
  users_by_any_time: 'users (created_at, id)',
  users_not_active: "users (tenant, created_at, id) where status <> 'active'",
  users_any_not_active: "users (created_at, id) where status <> 'active'",
  users_of_programs: "users (tenant, created_at, id) where kind = 'service'",
  users_of_any_programs: "users (created_at, id) where kind = 'service'",
}

export const appIndexes: Readonly<Record<string, string>> = {
  apps_by_time: 'apps (owner_tenant, created_at, id)',
  apps_by_any_time: 'apps (created_at, id)',
}

export const searchIndexes = { ...traceIndexes, ...userIndexes, ...appIndexes }

/** Replaced by those of traces. */
export const formerIndexes = ['traces_by_time', 'traces_by_tenant']

/** Whether a migration may take its time: of the embedded file, and of an empty table. */
export async function isFilledAtOnce(db: Kysely<never>, table: string): Promise<boolean> {
  const { PostgresAdapter, sql } = await import('kysely')
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return true
  return (await sql.raw(`select 1 from ${table} limit 1`).execute(db)).rows.length === 0
}

export async function createIndexes(db: Kysely<never>, indexes: Readonly<Record<string, string>>): Promise<void> {
  const { sql } = await import('kysely')
  for (const [name, on] of Object.entries(indexes)) await sql.raw(`create index ${name} on ${on}`).execute(db)
}
