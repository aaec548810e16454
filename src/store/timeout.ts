/** How every adapter fails: one error, `store_unavailable`, within a second, with the driver's own error as its cause. */
import { GatehouseError } from '../errors.ts'
import { type Explain, storeFailure } from './failure.ts'

/** Longest a port's answer takes, in milliseconds, whatever the store does. */
const timeoutMs = 950

/** What to throw for a driver's error. */
export type Failing = (error: unknown) => unknown

/** @param onUnavailable told of each failure that means the store is away */
export function failing(
  store: string,
  explain: Explain,
  onUnavailable: (error: GatehouseError) => void = () => {},
): Failing {
  return (error) => {
    const failure = storeFailure(store, explain, error)
    if (failure instanceof GatehouseError && failure.code === 'store_unavailable') onUnavailable(failure)
    return failure
  }
}

/** Runs several store commands under one time limit. What was begun may still happen afterwards; nobody waits for it. */
export async function withStoreTimeout<T>(failure: Failing, work: () => Promise<T>, withinMs = timeoutMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${withinMs} ms`)), withinMs)
  })
  try {
    return await Promise.race([work(), late])
  } catch (error) {
    throw failure(error)
  } finally {
    clearTimeout(timer)
  }
}
