import type { DurableStore } from '../broker/ports/durable.ts'
import type { VolatileStore } from '../broker/ports/volatile.ts'
import type { Deployment } from '../config/deployment/deployment.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { storeMonitors } from '../store/monitor.ts'
import type { Log } from './log.ts'

export const systemClock = () => new Date()

const embeddedName = 'the embedded file'

export interface Storage {
  readonly durable: DurableStore
  readonly volatile: VolatileStore
  /** Runs pending migrations; returns their names. */
  readonly migrate: () => Promise<readonly string[]>
  /** Loads code that the start did not need. */
  readonly load: () => Promise<unknown>
}

/** Redis and PostgreSQL if configured, else the embedded file. Loads only adapters in use. */
export async function openStorage(
  deployment: Deployment,
  keyRing: KeyRing,
  log: Log,
  now: () => Date = systemClock,
): Promise<Storage> {
  const { redis, postgres, file } = deployment.storage
  if (redis === undefined || postgres === undefined) {
    const { openEmbedded } = await import('../store/sqlite/embedded.ts')
    const monitors = storeMonitors(log, now)
    const { durable, volatile } = await openEmbedded({
      file,
      keyRing,
      now,
      onUnavailable: monitors.failureReporter(embeddedName),
    })
    return { durable: monitors.monitor(embeddedName, durable), volatile, migrate: async () => [], load: async () => {} }
  }
  const [{ openRedis }, { openPostgres, migratePostgres }] = await Promise.all([
    import('../store/redis/redis.ts'),
    import('../store/postgres/postgres.ts'),
  ])
  const monitors = storeMonitors(log, now)
  const durable = openPostgres({
    url: postgres.reveal(),
    keyRing,
    now,
    onUnavailable: monitors.failureReporter('PostgreSQL'),
  })
  const volatile = openRedis({ url: redis.reveal(), keyRing, now, onUnavailable: monitors.failureReporter('Redis') })
  return {
    durable: monitors.monitor('PostgreSQL', durable),
    volatile: monitors.monitor('Redis', volatile),
    migrate: () => migratePostgres({ url: postgres.reveal(), onUnavailable: monitors.failureReporter('PostgreSQL') }),
    load: durable.load,
  }
}
