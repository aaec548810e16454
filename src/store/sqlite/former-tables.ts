/** Tables of older releases. One that runs again after a rollback creates them again. */
import type { DatabaseSync } from 'node:sqlite'
import { maxPredecessors } from '../../broker/ports/volatile.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { keys } from '../keys.ts'
import { predecessorsField, storedPredecessors, storedSuccessor } from '../session-apps.ts'

/** Indexes are created again under the new names. */
export function renameFormerTable(database: DatabaseSync): void {
  if (!hasTable(database, 'artefacts')) return
  database.exec(`
    alter table artefacts rename to artifacts;
    drop index if exists artefacts_by_grant;
    drop index if exists artefacts_by_end;`)
}

/** Tables whose rows become records as they are: key, field and value of each. */
const formerRecords: Readonly<Record<string, readonly string[]>> = {
  session_apps: ["select 'gth:p:' || session_id, app_key, sealed, ends_at from session_apps"],
  user_grants: ["select 'gth:y:' || user_key, key, sealed, ends_at from user_grants"],
  login_transactions: [
    "select 'gth:t:' || hash, 'fresh', fresh, ends_at from login_transactions where fresh is not null",
    "select 'gth:t:' || hash, 'resume', resume, ends_at from login_transactions",
  ],
  one_time_codes: [
    "select 'gth:c:' || key, '', unhex(hex(hash || char(10)) || hex(sealed)), ends_at from one_time_codes",
  ],
  code_leases: ["select 'gth:k:' || key, '', x'', ends_at from code_leases"],
  browsers: ["select 'gth:b:' || key, '', sealed, ends_at from browsers"],
}

/** Within a transaction. The rows replace those that were moved before a rollback. */
export function moveFormerRows(database: DatabaseSync, keyRing: KeyRing): void {
  for (const [table, selects] of Object.entries(formerRecords)) {
    if (!hasTable(database, table)) continue
    for (const select of selects) database.exec(`insert or replace into records ${select}`)
    database.exec(`drop table ${table}`)
  }
  if (!hasTable(database, 'session_successors')) return
  moveSuccessors(database, keyRing)
  database.exec('drop table session_successors')
}

function moveSuccessors(database: DatabaseSync, keyRing: KeyRing): void {
  const insert = database.prepare('insert or replace into records values (?, ?, ?, ?)')
  const rows = database.prepare('select id, successor, ends_at from session_successors order by since desc').all()
  for (const [successor, before] of Map.groupBy(rows, (row) => String(row['successor']))) {
    const endsAt = Number(before[0]?.['ends_at'])
    const ids = before.map((row) => String(row['id'])).slice(0, maxPredecessors)
    for (const id of ids) insert.run(keys.successor(id), '', storedSuccessor.seal(keyRing, successor, id), endsAt)
    const sealed = storedPredecessors.seal(keyRing, ids, successor, predecessorsField)
    insert.run(keys.sessionApps(successor), predecessorsField, sealed, endsAt)
  }
}

function hasTable(database: DatabaseSync, name: string): boolean {
  return database.prepare("select 1 from sqlite_master where type = 'table' and name = ?").get(name) !== undefined
}
