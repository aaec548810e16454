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
  // AbortSignal.any would cost more than the rest of a short probe
  const limit = new AbortController()
  const abort = () => limit.abort()
  const timer = setTimeout(abort, timeoutMs)
  stop?.addEventListener('abort', abort)
  if (stop?.aborted) abort()
  try {
    return await healthOf(open, limit.signal, known)
  } finally {
    clearTimeout(timer)
    stop?.removeEventListener('abort', abort)
  }
}
