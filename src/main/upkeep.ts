import { firstDay } from '../broker/apps/sign-in-statistics.ts'
import type { OpenSigningKeys } from '../broker/keys/signing-keys.ts'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import type { DurableStore } from '../broker/ports/durable.ts'
import { GatehouseError } from '../errors.ts'
import { errorForLog } from '../http/problem.ts'
import { maintainTokens } from '../jobs/token-upkeep.ts'
import type { Tenant } from '../tenant.ts'
import { forgetOldAuditEvents } from './audit-retention.ts'
import type { Log } from './log.ts'
import type { Storage } from './storage.ts'

const migrationRetryMs = 1000

const cleanupMs = 3_600_000
/** Once soon after the start: a process may not run for an hour. */
const firstCleanupMs = 60_000
const keyMaintenanceMs = 30_000

interface Migrated {
  done: boolean
}

/** If the database is down at start, migration is retried; readiness fails meanwhile. */
export function migrateUntilDone(
  storage: Storage,
  log: Log,
  wanted: () => boolean,
  afterwards: () => Promise<void>,
): Migrated {
  const migrated: Migrated = { done: false }
  const run = async (): Promise<void> => {
    try {
      const names = await storage.migrate()
      if (names.length > 0) log.info({ migrations: names }, 'database migrated')
      migrated.done = true
      void afterwards()
    } catch (error) {
      log.warn({ error: errorForLog(error) }, 'database migration failed; trying again')
      if (wanted()) setTimeout(() => void run(), migrationRetryMs).unref()
    }
  }
  void run()
  return migrated
}

export async function pingMigrated(durable: DurableStore, migrated: Migrated): Promise<void> {
  if (!migrated.done) throw new GatehouseError('store_unavailable', 'the database is not migrated yet')
  await durable.ping()
}

export interface Upkeep {
  readonly keys: OpenSigningKeys
  readonly storage: Storage
  readonly traceSeconds: number
  readonly tenants: ReadonlyMap<string, Tenant>
  readonly parts: CorePorts
  readonly log: Log
  readonly now: () => Date
}

/** Regular maintenance; returns how to stop it. */
export function startUpkeep({ keys, storage, traceSeconds, tenants, parts, log, now }: Upkeep): () => void {
  const warn = (sentence: string) => (error: unknown) => log.warn({ error: errorForLog(error) }, sentence)
  const cleanUp = () => {
    const before = new Date(now().getTime() - traceSeconds * 1000)
    storage.durable.traces.forgetBefore(before).catch(warn('deleting old traces failed'))
    const { audit, appSignIns } = storage.durable
    appSignIns.forgetBefore(firstDay(now())).catch(warn('deleting old sign-in counts failed'))
    forgetOldAuditEvents(audit, tenants, now()).catch(warn('deleting old audit events failed'))
    maintainTokens(parts, tenants.values()).catch(warn('reminders about API tokens failed'))
  }
  const firstCleanup = setTimeout(cleanUp, firstCleanupMs).unref()
  const cleanup = setInterval(cleanUp, cleanupMs).unref()
  const maintenance = setInterval(() => {
    keys.maintain().catch(warn('signing key maintenance failed'))
  }, keyMaintenanceMs).unref()
  return () => {
    clearTimeout(firstCleanup)
    clearInterval(cleanup)
    clearInterval(maintenance)
  }
}
