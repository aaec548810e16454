/** How every adapter fails: one error, `store_unavailable`, within a second, with the driver's own error as its cause. */
import { GatehouseError } from '../errors.ts'

/** Longest a port's answer takes, in milliseconds, whatever the store does. */
const patienceMs = 950

/** Runs several store commands under one time limit. What was begun may still happen afterwards; nobody waits for it. */
export async function reach<T>(store: string, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms`)), patienceMs)
  })
  try {
    return await Promise.race([work(), late])
  } catch (error) {
    throw unavailable(store, error)
  } finally {
    clearTimeout(timer)
  }
}

/** What to throw for a driver's error. Our own mistakes (a TypeError) stay what they are. */
export function unavailable(store: string, error: unknown): unknown {
  if (error instanceof GatehouseError || error instanceof TypeError) return error
  return new GatehouseError('store_unavailable', `${store} does not answer`, { cause: error })
}
