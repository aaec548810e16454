import type { OpenSigningKeys } from '../broker/keys/signing-keys.ts'
import type { DurableStore } from '../broker/ports/stores.ts'
import type { Deployment } from '../config/deployment/deployment.ts'
import { GatehouseError } from '../errors.ts'
import { errorForLog } from '../http/problem.ts'
import type { Log } from './log.ts'
import type { Storage } from './storage.ts'

const migrationRetryMs = 1000

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
      if (names.length > 0) log.info({ migrations: names }, 'the database was brought up to date')
      migrated.done = true
      void afterwards()
    } catch (error) {
      log.warn({ error: errorForLog(error) }, 'the database could not be brought up to date; trying again')
      if (wanted()) setTimeout(() => void run(), migrationRetryMs).unref()
    }
  }
  void run()
  return migrated
}

export async function pingMigrated(durable: DurableStore, migrated: Migrated): Promise<void> {
  if (!migrated.done) throw new GatehouseError('store_unavailable', 'the database is not brought up to date yet')
  await durable.ping()
}

export function maintainSigningKeys(keys: OpenSigningKeys, log: Log): void {
  keys
    .maintain()
    .catch((error) => log.warn({ error: errorForLog(error) }, 'the signing keys could not be looked after'))
}

export function deleteOldTraces(durable: DurableStore, { traces }: Deployment, log: Log, now: Date): void {
  const before = new Date(now.getTime() - traces.keepSeconds * 1000)
  durable.traces
    .forgetBefore(before)
    .catch((error) => log.warn({ error: errorForLog(error) }, 'old traces could not be deleted'))
}
