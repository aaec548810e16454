/** The volatile tables of the embedded file. `ends_at` is in milliseconds since 1970. */
import type { DatabaseSync } from 'node:sqlite'

/** Columns besides `ends_at`, and the primary key. */
const tables = {
  sessions: ['id text, tenant text not null, user_id text not null, sealed blob not null', 'id'],
  session_origins: ['id text, sealed blob not null', 'id'],
  session_names: ['key text not null, session_id text not null', 'key, session_id'],
  user_epochs: ['key text, epoch integer not null', 'key'],
  ended_names: ['key text, ended_at integer not null', 'key'],
  login_transactions: ['hash text, fresh blob, resume blob not null', 'hash'],
  one_time_codes: ['key text, hash text not null, sealed blob not null', 'key'],
  code_leases: ['key text', 'key'],
  counters: ['key text, count integer not null', 'key'],
  browsers: ['key text, sealed blob not null', 'key'],
  artifacts: ['key text, sealed blob not null, consumed_at integer, grant_key text', 'key'],
  revoked_grants: ['key text', 'key'],
  session_apps: ['session_id text not null, app_key text not null, sealed blob not null', 'session_id, app_key'],
  session_successors: ['id text, successor text not null, since integer not null', 'id'],
  user_grants: [
    'user_key text not null, key text not null, grant_key text not null, sealed blob not null, session_ends_at integer not null',
    'user_key, key',
  ],
} as const

export const volatileTables = Object.keys(tables)

export function createVolatileTables(database: DatabaseSync): void {
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
    create index if not exists session_successors_by_successor on session_successors (successor);
  `)
}

/** Renames tables of an older release, and creates their indexes again under the new names. */
function renameFormerTable(database: DatabaseSync): void {
  const former = database.prepare("select 1 from sqlite_master where type = 'table' and name = 'artefacts'")
  if (former.get() === undefined) return
  database.exec(`
    alter table artefacts rename to artifacts;
    drop index if exists artefacts_by_grant;
    drop index if exists artefacts_by_end;
  `)
}
