import { firstDay } from '../broker/apps/sign-in-statistics.ts'
import { undoMs } from '../broker/factors/recovery/undo-link.ts'
import { type ConnectionExpiry, expiryProblem } from '../broker/health/expiries.ts'
import type { KeyFetches } from '../broker/keys/key-fetches.ts'
import type { OpenSigningKeys } from '../broker/keys/signing-keys.ts'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import { countedMs } from '../broker/sign-ins/counted-failures.ts'
import { GatehouseError } from '../errors.ts'
import { errorForLog } from '../http/problem.ts'
import { sendExpiryAlerts } from '../jobs/health/expiry-alerts.ts'
import { resealSeeds } from '../jobs/reseal-seeds.ts'
import { maintainTokens } from '../jobs/token-upkeep.ts'
import { deleteDueUsers } from '../jobs/user-deletions.ts'
import type { Tenant } from '../tenant.ts'
import { forgetOldAuditEvents } from './audit-retention.ts'
import { batchForgetter } from './forget-in-batches.ts'
import type { Log } from './log.ts'
import type { Storage } from './storage.ts'

const migrationRetryMs = 1000

const cleanupMs = 3_600_000
/** Longer than any recovery is pending. */
const recoveryKeptMs = 90 * 86_400_000
const forgottenAtOnce = 500
/** First cleanup soon after the start: a process may not run for an hour. */
const firstCleanupMs = 60_000
const keyMaintenanceMs = 30_000
/** Interval of due deletions, and so the wait of a deletion that a crash interrupted. */
const deletionMs = 4000

/** If the database is down at start, migration is retried; readiness fails meanwhile. */
export function migrateUntilDone(
  storage: Storage,
  log: Log,
  wanted: () => boolean,
  afterwards: () => Promise<void>,
): void {
  const run = async (): Promise<void> => {
    try {
      const names = await storage.migrate()
      if (names.length > 0) log.info({ migrations: names }, 'database migrated')
      void afterwards()
    } catch (error) {
      log.warn({ error: errorForLog(error) }, 'database migration failed; trying again')
      if (wanted()) setTimeout(() => void run(), migrationRetryMs).unref()
    }
  }
  void run()
}

export async function pingMigrated({ durable, isMigrated }: Pick<Storage, 'durable' | 'isMigrated'>): Promise<void> {
  if (!isMigrated()) throw new GatehouseError('store_unavailable', 'the database is not migrated yet')
  await durable.ping()
}

export interface Upkeep {
  readonly keys: OpenSigningKeys
  readonly keyFetches: KeyFetches
  readonly storage: Storage
  readonly traceSeconds: number
  readonly tenants: ReadonlyMap<string, Tenant>
  readonly parts: CorePorts
  readonly log: Log
  readonly now: () => Date
}

/** Regular maintenance; returns how to stop it. */
export function startUpkeep({ keys, keyFetches, storage, traceSeconds, tenants, parts, log, now }: Upkeep): () => void {
  const warn = (sentence: string) => (error: unknown) =>
    log.warn({ error: errorForLog(error) }, `${sentence}; the next run tries again`)
  const [oldTraces, oldStatistics, oldAuditEvents] = [batchForgetter(), batchForgetter(), batchForgetter()]
  const [removedAuthenticators, endedDevices] = [batchForgetter(), batchForgetter()]
  const cleanUp = () => {
    const before = new Date(now().getTime() - traceSeconds * 1000)
    const { audit, appSignIns, recoveries, signInStatistics, traces, undoLinks } = storage.durable
    oldTraces.run((limit) => traces.forgetBefore(before, limit)).catch(warn('deleting old traces failed'))
    const statisticsBefore = new Date(now().getTime() - countedMs)
    oldStatistics
      .run((limit) => signInStatistics.forgetBefore(statisticsBefore, limit))
      .catch(warn('deleting old statistics of sign-ins failed'))
    recoveries
      .forgetBefore(new Date(now().getTime() - recoveryKeptMs), forgottenAtOnce)
      .catch(warn('deleting old recoveries failed'))
    undoLinks.forgetBefore(now(), forgottenAtOnce).catch(warn('deleting old undo links failed'))
    appSignIns.forgetBefore(firstDay(now())).catch(warn('deleting old sign-in counts failed'))
    const { authenticators, rememberedDevices } = storage.durable
    removedAuthenticators
      .run((limit) => authenticators.forgetRemovedBefore(new Date(now().getTime() - undoMs), limit))
      .catch(warn('deleting removed authenticators failed'))
    endedDevices
      .run((limit) => rememberedDevices.forgetBefore(now(), limit))
      .catch(warn('deleting ended devices failed'))
    forgetOldAuditEvents(audit, tenants, now(), oldAuditEvents).catch(warn('deleting old audit events failed'))
    sendExpiryAlerts({
      ports: parts,
      states: storage.durable.publishedStates,
      alerts: storage.durable.expiryAlerts,
      tenants: [...tenants.values()],
      onAlert: logExpiry(log, now),
    }).catch(warn('alerts about what expires failed'))
    resealSeeds(parts).catch(warn('encrypting seeds of authenticator apps with the newest key failed'))
    maintainTokens(parts, tenants.values()).catch(warn('reminders about API tokens failed'))
  }
  const firstCleanup = setTimeout(cleanUp, firstCleanupMs).unref()
  const cleanup = setInterval(cleanUp, cleanupMs).unref()
  const deletions = setInterval(() => {
    deleteDueUsers(parts, log).catch(warn('deleting users failed'))
  }, deletionMs).unref()
  const maintenance = setInterval(() => {
    keys.maintain().catch(warn('signing key maintenance failed'))
    keyFetches.share().catch(warn('sharing who fetched the signing keys failed'))
  }, keyMaintenanceMs).unref()
  return () => {
    clearTimeout(firstCleanup)
    clearInterval(cleanup)
    clearInterval(deletions)
    clearInterval(maintenance)
    for (const forgetter of [oldTraces, oldStatistics, oldAuditEvents, removedAuthenticators, endedDevices])
      forgetter.stop()
  }
}

function logExpiry(log: Log, now: () => Date) {
  return (expiry: ConnectionExpiry): void => {
    const { tenant, connection, kind, expiresAt } = expiry
    const problem = expiryProblem(expiry, now())
    log.warn({ tenant, connection, kind, expiresAt, fix: problem?.fix }, problem?.title ?? `the ${kind} expires`)
  }
}
