/** The health of connections: would a login work now, and if not, who can fix it? */
import { type Fixer, GatehouseError } from '../errors.ts'
import type { Health, HealthCheck } from '../provider/provider.ts'
import type { OpenConnection } from './connections.ts'

export interface TimedHealth extends Health {
  readonly checkedAt: Date
}

/**
 * Never throws, and returns by the time the signal aborts.
 * @param open such as `connections.get`
 */
export async function healthOf(open: () => OpenConnection, signal: AbortSignal): Promise<Health> {
  const { promise: late, resolve } = Promise.withResolvers<Health>()
  const stop = () => resolve(down('it did not answer in time'))
  signal.addEventListener('abort', stop)
  try {
    if (signal.aborted) stop()
    const ask = async () => open().upstream.health(signal)
    const health = await Promise.race([ask(), late])
    return Array.isArray(health?.checks) ? health : down('its provider tells nothing')
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

export function fixerOf({ fixer = 'tenant admin' }: HealthCheck): Fixer {
  return fixer
}

/** Whether status or failed checks differ. Before the first probe a connection is healthy. */
export function healthChanged(before: Health | undefined, now: Health): boolean {
  const summary = (health: Health) => JSON.stringify([health.status, ...failedChecks(health).map(({ name }) => name)])
  return summary(before ?? { status: 'up', checks: [] }) !== summary(now)
}
