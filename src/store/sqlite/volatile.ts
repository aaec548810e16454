/** The volatile store in the embedded file. Every row has an end; what has ended is not found, and is cleared away now and then. */
import type { DatabaseSync } from 'node:sqlite'
import type { VolatileStore } from '../../broker/ports/stores.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { sqliteArtifacts } from './artifacts.ts'
import { sqliteBrowsers } from './browsers.ts'
import { sqliteCodes } from './codes.ts'
import { sqliteCounters } from './counters.ts'
import type { SqliteFile } from './file.ts'
import { sqliteSessionApps } from './session-apps.ts'
import { sqliteSessions } from './sessions.ts'
import { sqliteTransactions } from './transactions.ts'

const tables = [
  'sessions',
  'session_origins',
  'session_names',
  'user_epochs',
  'ended_names',
  'login_transactions',
  'one_time_codes',
  'code_leases',
  'counters',
  'browsers',
  'artefacts',
  'revoked_grants',
  'session_apps',
  'session_successors',
  'user_grants',
]
const purgeEveryMs = 60_000
/** How long it is remembered that a grant was revoked, or all sessions of a user were ended: longer than any request that began before. */
export const revokedMs = 3_600_000

/** Where these tables live: the file, the key ring their contents are sealed under, and the clock their ends are judged by. */
export interface VolatileFile {
  readonly file: SqliteFile
  readonly keyRing: KeyRing
  readonly now: () => Date
}

/** `ends_at` is in milliseconds since 1970. */
export function createVolatileTables(database: DatabaseSync): void {
  database.exec(`
    create table if not exists sessions (
      id text primary key, tenant text not null, user_id text not null, sealed blob not null, ends_at integer not null
    ) without rowid;
    create index if not exists sessions_by_user on sessions (tenant, user_id);
    create table if not exists session_origins (
      id text primary key, sealed blob not null, ends_at integer not null
    ) without rowid;
    create table if not exists session_names (
      key text not null, session_id text not null, ends_at integer not null, primary key (key, session_id)
    ) without rowid;
    create index if not exists session_names_by_session on session_names (session_id);
    create table if not exists user_epochs (
      key text primary key, epoch integer not null, ends_at integer not null
    ) without rowid;
    create table if not exists ended_names (
      key text primary key, ended_at integer not null, ends_at integer not null
    ) without rowid;
    create table if not exists login_transactions (
      hash text primary key, fresh blob, resume blob not null, ends_at integer not null
    ) without rowid;
    create table if not exists one_time_codes (
      key text primary key, hash text not null, sealed blob not null, ends_at integer not null
    ) without rowid;
    create table if not exists code_leases (
      key text primary key, ends_at integer not null
    ) without rowid;
    create table if not exists counters (
      key text primary key, count integer not null, ends_at integer not null
    ) without rowid;
    create table if not exists browsers (
      key text primary key, sealed blob not null, ends_at integer not null
    ) without rowid;
    create table if not exists artefacts (
      key text primary key, sealed blob not null, consumed_at integer, grant_key text, ends_at integer not null
    ) without rowid;
    create index if not exists artefacts_by_grant on artefacts (grant_key) where grant_key is not null;
    create table if not exists revoked_grants (
      key text primary key, ends_at integer not null
    ) without rowid;
    create table if not exists session_apps (
      session_id text not null, app_key text not null, sealed blob not null, ends_at integer not null,
      primary key (session_id, app_key)
    ) without rowid;
    create table if not exists session_successors (
      id text primary key, successor text not null, since integer not null, ends_at integer not null
    ) without rowid;
    create index if not exists session_successors_by_successor on session_successors (successor);
    create table if not exists user_grants (
      user_key text not null, key text not null, grant_key text not null, sealed blob not null,
      session_ends_at integer not null, ends_at integer not null, primary key (user_key, key)
    ) without rowid;
    ${tables.map((table) => `create index if not exists ${table}_by_end on ${table} (ends_at);`).join('\n')}
  `)
}

export function volatileStore(
  file: SqliteFile,
  keyRing: KeyRing,
  now: () => Date,
  closeFile: () => Promise<void>,
): VolatileStore {
  const on = { file, keyRing, now }
  const purges = tables.map((table) => file.database.prepare(`delete from ${table} where ends_at <= ?`))
  const purge = () => file.exclusive(() => purges.map((statement) => statement.run(now().getTime())))
  // a purge that found the file busy is made up for by the next one
  const timer = setInterval(() => purge().catch(() => {}), purgeEveryMs).unref()
  return {
    artifacts: sqliteArtifacts(on),
    sessionApps: sqliteSessionApps(on),
    sessions: sqliteSessions(on),
    transactions: sqliteTransactions(on),
    codes: sqliteCodes(on),
    counters: sqliteCounters(on),
    browsers: sqliteBrowsers(on),
    ping: async () => {
      await file.exclusive(() => file.database.exec('select 1'))
    },
    close: async () => {
      clearInterval(timer)
      await closeFile()
    },
  }
}

/** Within a turn: all of it or nothing, seen by other processes at once. */
export function inTransaction<T>(database: DatabaseSync, statements: () => T): T {
  database.exec('begin immediate')
  try {
    const result = statements()
    database.exec('commit')
    return result
  } catch (error) {
    database.exec('rollback')
    throw error
  }
}

/** A stored blob, or null for what is none. */
export function blob(value: unknown): Buffer | null {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : null
}
