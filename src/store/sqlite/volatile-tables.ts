/** The volatile tables of the embedded file. `ends_at` is in milliseconds since 1970. */
import type { DatabaseSync } from 'node:sqlite'
import type { KeyRing } from '../../crypto/keyring.ts'
import { moveFormerRows, renameFormerTable } from './former-tables.ts'

/** Columns besides `ends_at`, and the primary key. */
const tables = {
  sessions: ['id text, tenant text not null, user_id text not null, sealed blob not null', 'id'],
  session_origins: ['id text, sealed blob not null', 'id'],
  session_names: ['key text not null, session_id text not null', 'key, session_id'],
  user_epochs: ['key text, epoch integer not null', 'key'],
  ended_names: ['key text, ended_at integer not null', 'key'],
  records: ['key text not null, field text not null, value blob not null', 'key, field'],
  counters: ['key text, count integer not null', 'key'],
  artifacts: ['key text, sealed blob not null, consumed_at integer, grant_key text', 'key'],
  revoked_grants: ['key text', 'key'],
  leases: ['name text, owner text not null', 'name'],
  running_processes: ['id text, content text not null', 'id'],
  health_results: ['connection text, content text not null', 'connection'],
} as const

export const volatileTables = Object.keys(tables)

export function createVolatileTables(database: DatabaseSync, keyRing: KeyRing): void {
  renameFormerTable(database)
  const created = Object.entries(tables).map(
    ([table, [columns, key]]) => `
      create table if not exists ${table} (
        ${columns}, ends_at integer not null, primary key (${key})
      ) without rowid;
      create index if not exists ${table}_by_end on ${table} (ends_at);`,
  )
  database.exec(`
    ${created.join('')}
    create index if not exists sessions_by_user on sessions (tenant, user_id);
    create index if not exists session_names_by_session on session_names (session_id);
    create index if not exists artifacts_by_grant on artifacts (grant_key) where grant_key is not null;
  `)
  moveFormerRows(database, keyRing)
}
