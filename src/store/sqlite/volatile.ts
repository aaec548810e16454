/** The volatile store in the embedded file. Expired rows are deleted once a minute. */
import type { VolatileStore } from '../../broker/ports/volatile.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { sqliteArtifacts } from './artifacts.ts'
import { sqliteBrowsers } from './browsers.ts'
import { sqliteCodes } from './codes.ts'
import { sqliteCounters } from './counters.ts'
import type { SqliteFile } from './file.ts'
import { sqliteSessionApps } from './session-apps.ts'
import { sqliteSessions } from './sessions.ts'
import { sqliteTransactions } from './transactions.ts'
import { volatileTables } from './volatile-tables.ts'

const purgeIntervalMs = 60_000

export function volatileStore(
  file: SqliteFile,
  keyRing: KeyRing,
  now: () => Date,
  closeFile: () => Promise<void>,
): VolatileStore {
  const on = { file, keyRing, now, time: () => now().getTime() }
  const purges = volatileTables.map((table) => file.database.prepare(`delete from ${table} where ends_at <= ?`))
  const purge = () => file.exclusive(() => purges.map((statement) => statement.run(on.time())))
  // a purge that finds the file busy is repeated by the next one
  const timer = setInterval(() => purge().catch(() => {}), purgeIntervalMs).unref()
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
