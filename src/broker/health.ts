/** The health of connections: would a login work now, and if not, who can fix it? */
import { type Fixer, GatehouseError } from '../errors.ts'
import type { Health, HealthCheck } from '../provider/provider.ts'
import type { OpenConnection } from './connections.ts'
import type { ProbedHealth, TimedHealth } from './ports/health.ts'
import { fixFor } from './sign-ins/fixes.ts'

/**
 * Never throws, and returns by the time the signal aborts.
 * @param open such as `connections.get`
 * @param known findings that still count
 */
export async function healthOf(
  open: () => OpenConnection,
  signal: AbortSignal,
  known: readonly HealthCheck[] = [],
): Promise<Health> {
  const { promise: late, resolve } = Promise.withResolvers<Health>()
  const stop = () => resolve(down('it did not answer in time'))
  signal.addEventListener('abort', stop)
  try {
    if (signal.aborted) stop()
    const ask = async () => open().upstream.health(signal, known)
    const health = await Promise.race([ask(), late])
    return Array.isArray(health?.checks) ? health : down('its provider returned no checks')
  } catch (error) {
    return down(error instanceof GatehouseError ? error.message : `its provider failed: ${error}`)
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function down(detail: string): Health {
  return { status: 'down', checks: [{ name: 'health', ok: false, detail, fixer: 'operator' }] }
}

/** Failed checks and warnings. */
export function failedChecks({ checks }: Health): readonly HealthCheck[] {
  return checks.filter(({ ok, warning }) => !ok || warning)
}

export function fixerOf({ fixer, cause }: HealthCheck): Fixer {
  return fixer ?? (cause === undefined ? 'tenant admin' : fixFor(cause).fixer)
}

/** How often each connection is probed: every 48 seconds, with more than 500 less often. */
export function probeIntervalMs(connections: number): number {
  return Math.max(minProbeIntervalMs, connections * msPerConnection)
}

/** With the time to probe, store and read, a result is at most 60 seconds old. */
const minProbeIntervalMs = 48_000
/** Bounds the cost: about ten probes start in a second. */
const msPerConnection = 96

/** Three probes are missing, or the clock was set back since the last one. */
export function isStale({ checkedAt }: TimedHealth, now: Date, intervalMs: number): boolean {
  return Math.abs(now.getTime() - checkedAt.getTime()) > 3 * intervalMs
}

/** @param before the last result, of any process */
export function changedAtOf(before: ProbedHealth | undefined, health: TimedHealth): Date {
  return before === undefined || healthChanged(before, health) ? health.checkedAt : before.changedAt
}

/**
 * Whether status, failed checks, their causes or slowness differ. Before the first probe a
 * connection is healthy.
 */
export function healthChanged(before: Health | undefined, now: Health): boolean {
  const summary = (health: Health) =>
    JSON.stringify([
      health.status,
      ...failedChecks(health).map(({ name, cause }) => [name, cause]),
      slowestCheck(health) !== undefined,
    ])
  return summary(before ?? { status: 'up', checks: [] }) !== summary(now)
}

/** Longer answers make users wait. */
const slowAnswerMs = 2000

/** The slowest check of a slow upstream. One slow answer among fast ones does not make it slow. */
export function slowestCheck({ checks }: Health): TimedCheck | undefined {
  const timed = checks.flatMap(({ name, tookMs }) => (tookMs === undefined ? [] : [{ name, tookMs }]))
  const slow = timed.filter(({ tookMs }) => tookMs >= slowAnswerMs).toSorted((one, other) => other.tookMs - one.tookMs)
  return slow.length >= Math.min(2, timed.length) ? slow[0] : undefined
}

type TimedCheck = Required<Pick<HealthCheck, 'name' | 'tookMs'>>
