/** The volatile tables of the embedded file. `ends_at` is in milliseconds since 1970. */
import type { DatabaseSync } from 'node:sqlite'

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
} as const

export const volatileTables = Object.keys(tables)

export function createVolatileTables(database: DatabaseSync): void {
  const hasTable = (name: string) => selectTable.get(name) !== undefined
  const selectTable = database.prepare("select 1 from sqlite_master where type = 'table' and name = ?")
  if (hasTable('artefacts')) database.exec(renameArtifacts)
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
  if (hasTable('user_grants')) database.exec(moveGrants)
}

/** From an older release. Indexes are created again under the new names. */
const renameArtifacts = `
  alter table artefacts rename to artifacts;
  drop index if exists artefacts_by_grant;
  drop index if exists artefacts_by_end;`

/** From an older release. Its other tables held rows that live for minutes to hours. */
const moveGrants = `
  insert into records select 'gth:p:' || session_id, app_key, sealed, ends_at from session_apps;
  insert into records select 'gth:y:' || user_key, key, sealed, ends_at from user_grants;
  drop table session_apps;
  drop table session_successors;
  drop table user_grants;
  drop table login_transactions;
  drop table one_time_codes;
  drop table code_leases;
  drop table browsers;`
