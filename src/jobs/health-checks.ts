/**
 * Looks now and then how each connection is, behind the back of everything else: neither the start nor a login waits for it, and an
 * upstream that is ill keeps no other from being looked at. What was found is kept in this process; what changes is told.
 */
import type { Connections, OpenConnection } from '../broker/connections.ts'
import { healthChanged, healthOf, type TimedHealth } from '../broker/health.ts'
import type { Health } from '../provider/provider.ts'
import type { Tenant } from '../tenant.ts'

export interface HealthCheckerParts {
  readonly tenants: readonly Tenant[]
  readonly connections: Connections
  readonly now: () => Date
  /** Told when a connection's health is another than before. */
  readonly onChange: (place: Place, health: Health) => void
  /** How long one look may take. Default: 10 seconds. */
  readonly timeoutMs?: number
}

export interface Place {
  readonly tenant: string
  readonly connection: string
}

export interface HealthChecker {
  /** As last seen by this process; undefined before the first look. */
  healthOf(tenant: string, connection: string): TimedHealth | undefined
  /** Looks at every connection that is due. */
  checkAll(): Promise<void>
  /** Looks from now on, first in two minutes, until stopped. */
  start(): void
  stop(): void
}

const firstCheckMs = 120_000
const checkIntervalMs = 300_000
/** Where there are very many connections, each is looked at less often. */
const minCheckGapMs = 1000
const tickMs = 15_000
const maxConcurrentChecks = 4
const checkTimeoutMs = 10_000

interface CheckedPlace extends Place {
  dueAt: number
  seen?: TimedHealth
}

export function startHealthChecker(parts: HealthCheckerParts): HealthChecker {
  const { connections, now, onChange, timeoutMs = checkTimeoutMs } = parts
  const all = parts.tenants.flatMap((tenant) =>
    tenant.connections.map(({ id }) => ({ tenant: tenant.id, connection: id })),
  )
  const everyMs = Math.max(checkIntervalMs, all.length * minCheckGapMs)
  const startedAt = now().getTime()
  const places: readonly CheckedPlace[] = all.map((place) => ({
    ...place,
    dueAt: startedAt + firstCheckMs + Math.random() * everyMs,
  }))
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined

  async function checkOne(place: CheckedPlace): Promise<void> {
    const open = () => connections.get(place.tenant, place.connection)
    const health = await healthWithin(timeoutMs, open, stopping.signal)
    if (stopping.signal.aborted) return
    const before = place.seen
    place.seen = { ...health, checkedAt: now() }
    place.dueAt = now().getTime() + everyMs * (0.9 + Math.random() * 0.2)
    if (healthChanged(before, health)) onChange({ tenant: place.tenant, connection: place.connection }, health)
  }

  async function look(): Promise<void> {
    const time = now().getTime()
    const next = places.filter(({ dueAt }) => dueAt <= time).values() // shared: each of the four takes the next one
    await Promise.all(
      Array.from({ length: maxConcurrentChecks }, async () => {
        for (const place of next) if (!stopping.signal.aborted) await checkOne(place)
      }),
    )
  }

  async function scheduleNext(): Promise<void> {
    await look()
    if (!stopping.signal.aborted) wakeLater()
  }

  function wakeLater(): void {
    timer = setTimeout(() => void scheduleNext(), tickMs).unref()
  }

  return {
    healthOf: (tenant, connection) =>
      places.find((place) => place.tenant === tenant && place.connection === connection)?.seen,
    checkAll: look,
    start: () => {
      if (places.length > 0) wakeLater()
    },
    stop: () => {
      stopping.abort()
      clearTimeout(timer)
    },
  }
}

/** Never throws. */
export async function healthWithin(timeoutMs: number, open: () => OpenConnection, stop?: AbortSignal): Promise<Health> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), timeoutMs)
  try {
    return await healthOf(open, stop === undefined ? late.signal : AbortSignal.any([late.signal, stop]))
  } finally {
    clearTimeout(timer)
  }
}
