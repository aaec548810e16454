/** The volatile store in the embedded file. Expired rows are deleted once a minute. */
import type { VolatileStore } from '../../broker/ports/volatile.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { blindKey } from '../keys.ts'
import { browsersIn, codesIn, transactionsIn } from '../records.ts'
import { sessionAppsIn } from '../session-apps.ts'
import { sqliteArtifacts } from './artifacts.ts'
import { sqliteCounters } from './counters.ts'
import { sqliteHealthResults, sqliteLeases, sqliteProcesses } from './deployment.ts'
import type { SqliteFile } from './file.ts'
import { sqliteRecords } from './records.ts'
import { sqliteSessions } from './sessions.ts'
import { volatileTables } from './volatile-tables.ts'

const purgeIntervalMs = 60_000

export function volatileStore(
  file: SqliteFile,
  keyRing: KeyRing,
  now: () => Date,
  closeFile: () => Promise<void>,
): VolatileStore {
  const on = { file, keyRing, now, time: () => now().getTime() }
  const records = sqliteRecords(on)
  const findSession = file.database.prepare('select 1 from sessions where id = ? and ends_at > ?')
  const findArtifact = file.database.prepare('select 1 from artifacts where grant_key = ? and ends_at > ? limit 1')
  const appStore = {
    records,
    hasSession: (id: string) => file.read(() => findSession.get(id, on.time()) !== undefined),
    hasArtifacts: (grantId: string) => file.read(() => findArtifact.get(blindKey(grantId), on.time()) !== undefined),
    several: <T>(work: () => Promise<T>) => work(),
  }
  const purges = volatileTables.map((table) => file.database.prepare(`delete from ${table} where ends_at <= ?`))
  const purge = () => file.exclusive(() => purges.map((statement) => statement.run(on.time())))
  // a purge that finds the file busy is repeated by the next one
  const timer = setInterval(() => purge().catch(() => {}), purgeIntervalMs).unref()
  return {
    artifacts: sqliteArtifacts(on),
    sessionApps: sessionAppsIn(appStore, keyRing, now),
    sessions: sqliteSessions(on),
    transactions: transactionsIn(records, keyRing),
    codes: codesIn(records, keyRing),
    counters: sqliteCounters(on),
    browsers: browsersIn(records, keyRing),
    healthResults: sqliteHealthResults(on),
    leases: sqliteLeases(on),
    processes: sqliteProcesses(on),
    ping: async () => {
      await file.exclusive(() => file.database.exec('select 1'))
    },
    close: async () => {
      clearInterval(timer)
      await closeFile()
    },
  }
}
