import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A page reads its facts after the session, which may have waited for a failing store itself: the
 * page must still answer soon.
 */
const maxReadMs = 600

/** The value that `read` resolves to; undefined if it rejects, or takes longer than `maxMs`. */
export async function readWithin<T>(read: () => Promise<T>, maxMs = maxReadMs): Promise<T | undefined> {
  const stop = new AbortController()
  const late = sleep(maxMs, undefined, { ref: false, signal: stop.signal }).catch(() => undefined)
  try {
    return await Promise.race([read().catch(() => undefined), late])
  } finally {
    stop.abort()
  }
}
