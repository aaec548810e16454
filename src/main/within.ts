import { setTimeout as sleep } from 'node:timers/promises'

/** Of one fact. The administrator's session may have waited for a store before. */
export const factMs = 600

/** Undefined if reading fails or is late. */
export async function known<T>(read: () => Promise<T>, withinMs = factMs): Promise<T | undefined> {
  const stop = new AbortController()
  const late = sleep(withinMs, undefined, { ref: false, signal: stop.signal }).catch(() => undefined)
  try {
    return await Promise.race([read().catch(() => undefined), late])
  } finally {
    stop.abort()
  }
}
