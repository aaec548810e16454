/** One probe of one connection. */
import type { OpenConnection } from '../../broker/connections.ts'
import { healthOf } from '../../broker/health.ts'
import type { Health, HealthCheck } from '../../provider/provider.ts'

/** Never throws. */
export async function healthWithin(
  timeoutMs: number,
  open: () => OpenConnection,
  stop?: AbortSignal,
  known?: readonly HealthCheck[],
): Promise<Health> {
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), timeoutMs)
  try {
    return await healthOf(open, stop === undefined ? timeout.signal : AbortSignal.any([timeout.signal, stop]), known)
  } finally {
    clearTimeout(timer)
  }
}
