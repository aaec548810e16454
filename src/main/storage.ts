import type { DurableStore } from '../broker/ports/durable.ts'
import type { ObservedStore, StoreKind } from '../broker/ports/observed-store.ts'
import type { VolatileStore } from '../broker/ports/volatile.ts'
import type { Deployment } from '../config/deployment/deployment.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { storeMonitors } from '../store/monitor.ts'
import type { SearchCompletion } from '../store/postgres/complete-search.ts'
import type { Log } from './log.ts'

export const systemClock = () => new Date()

const embeddedName = 'the embedded file'

export interface Storage {
  readonly durable: DurableStore
  readonly volatile: VolatileStore
  /** Runs pending migrations; returns their names. */
  readonly migrate: () => Promise<readonly string[]>
  /** Whether `migrate` has succeeded: until then, tables may be missing. */
  readonly isMigrated: () => boolean
  /** Names of those that `migrate` would run. */
  readonly pendingMigrations: () => Promise<readonly string[]>
  /** Fills and indexes what migrations left for later; `onIndex` is called before each index. */
  readonly completeSearch: (onIndex: (name: string) => void) => Promise<SearchCompletion>
  /** The configured stores. The embedded file is both in one. */
  readonly observed: readonly ObservedStore[]
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
    const { volatile, figures, ...opened } = await openEmbedded({
      file,
      keyRing,
      now,
      onUnavailable: monitors.failureReporter(embeddedName),
    })
    const durable = monitors.monitor(embeddedName, opened.durable)
    const ping = () => Promise.all([durable.ping(), volatile.ping()])
    const outage = () => monitors.outageOf(embeddedName)
    const observed = [{ kind: 'sqlite' as const, latencyMs: () => timed(ping), figures, outage }]
    const none = async () => [] // opening the file has run them
    const completeSearch = async () => ({ indexes: 0, rows: 0 })
    const load = async () => {}
    const migrations = { migrate: none, isMigrated: () => true, pendingMigrations: none }
    return { durable, volatile, observed, ...migrations, completeSearch, load }
  }
  const [{ openRedis }, { completePostgresSearch, openPostgres, migratePostgres }] = await Promise.all([
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
  let isMigrated = false
  return {
    durable: monitors.monitor('PostgreSQL', durable),
    volatile: monitors.monitor('Redis', volatile),
    migrate: async () => {
      const onUnavailable = monitors.failureReporter('PostgreSQL')
      const names = await migratePostgres({ url: postgres.reveal(), onUnavailable })
      isMigrated = true
      return names
    },
    isMigrated: () => isMigrated,
    completeSearch: (onIndex) =>
      completePostgresSearch(
        { url: postgres.reveal(), onUnavailable: monitors.failureReporter('PostgreSQL') },
        onIndex,
      ),
    observed: [
      observe('redis', volatile, () => monitors.outageOf('Redis')),
      observe('postgres', durable, () => monitors.outageOf('PostgreSQL')),
    ],
    pendingMigrations: durable.pendingMigrations,
    load: durable.load,
  }
}

type Observable = Required<Pick<ObservedStore, 'figures' | 'clock'>> & { ping(): Promise<void> }

function observe(kind: StoreKind, store: Observable, outage: ObservedStore['outage']): ObservedStore {
  const latencyMs = () => timed(() => store.ping())
  return { kind, latencyMs, figures: () => store.figures(), clock: () => store.clock(), outage }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}
