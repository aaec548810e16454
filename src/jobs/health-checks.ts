/**
 * Probes the health of each connection in the background: no start and no login waits for it, and a
 * failing upstream delays no other. Results are kept in this process.
 */
import pLimit from 'p-limit'
import type { Connections, OpenConnection } from '../broker/connections.ts'
import { healthChanged, healthOf, type TimedHealth } from '../broker/health.ts'
import type { Health } from '../provider/provider.ts'
import type { Tenant } from '../tenant.ts'

export interface HealthCheckerOptions {
  readonly tenants: readonly Tenant[]
  readonly connections: Connections
  readonly now: () => Date
  readonly onChange: (place: Place, health: Health) => void
  /** Limit of one probe. Default: 10 seconds. */
  readonly timeoutMs?: number
}

export interface Place {
  readonly tenant: string
  readonly connection: string
}

export interface HealthChecker {
  /** The last result in this process; undefined before the first probe. */
  healthOf(tenant: string, connection: string): TimedHealth | undefined
  /** Probes every connection that is due. */
  checkAll(): Promise<void>
  /** Probes repeatedly, first after two minutes. */
  start(): void
  stop(): void
}

const firstCheckMs = 120_000
const checkIntervalMs = 300_000
/** With very many connections, each is probed less often. */
const minCheckGapMs = 1000
const tickMs = 15_000
const maxConcurrentChecks = 4
const checkTimeoutMs = 10_000

interface CheckedPlace extends Place {
  dueAt: number
  seen?: TimedHealth
}

export function createHealthChecker(options: HealthCheckerOptions): HealthChecker {
  const { connections, now, onChange, timeoutMs = checkTimeoutMs } = options
  const all = options.tenants.flatMap((tenant) =>
    tenant.connections.map(({ id }) => ({ tenant: tenant.id, connection: id })),
  )
  const everyMs = Math.max(checkIntervalMs, all.length * minCheckGapMs)
  const startedAt = now().getTime()
  const places = all.map((place): CheckedPlace => {
    return { ...place, dueAt: startedAt + firstCheckMs + Math.random() * everyMs }
  })
  const limit = pLimit(maxConcurrentChecks)
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined

  async function checkOne(place: CheckedPlace): Promise<void> {
    const { tenant, connection } = place
    if (stopping.signal.aborted) return
    const health = await healthWithin(timeoutMs, () => connections.get(tenant, connection), stopping.signal)
    if (stopping.signal.aborted) return
    const before = place.seen
    place.seen = { ...health, checkedAt: now() }
    place.dueAt = now().getTime() + everyMs * (0.9 + Math.random() * 0.2)
    if (healthChanged(before, health)) onChange({ tenant, connection }, health)
  }

  async function checkAll(): Promise<void> {
    const time = now().getTime()
    const due = places.filter(({ dueAt }) => dueAt <= time)
    await Promise.all(due.map((place) => limit(() => checkOne(place))))
  }

  function schedule(): void {
    if (!stopping.signal.aborted) timer = setTimeout(() => void checkAll().then(schedule), tickMs).unref()
  }

  return {
    healthOf: (tenant, connection) =>
      places.find((place) => place.tenant === tenant && place.connection === connection)?.seen,
    checkAll,
    start: () => {
      if (places.length > 0) schedule()
    },
    stop: () => {
      stopping.abort()
      clearTimeout(timer)
    },
  }
}

/** Never throws. */
export async function healthWithin(timeoutMs: number, open: () => OpenConnection, stop?: AbortSignal): Promise<Health> {
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), timeoutMs)
  try {
    return await healthOf(open, stop === undefined ? timeout.signal : AbortSignal.any([timeout.signal, stop]))
  } finally {
    clearTimeout(timer)
  }
}
