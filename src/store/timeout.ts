/** Every adapter fails with `store_unavailable` within a second; `cause` is the driver's error. */
import type { GatehouseError } from '../errors.ts'
import { type Explain, isStoreUnavailable, storeFailure } from './failure.ts'

const timeoutMs = 950

/** Returns the error to throw for a driver's error. */
export type Failing = (error: unknown) => unknown

/** @param onUnavailable called for each failure that makes the store unavailable */
export function failing(
  store: string,
  explain: Explain,
  onUnavailable: (error: GatehouseError) => void = () => {},
): Failing {
  return (error) => {
    const failure = storeFailure(store, explain, error)
    if (isStoreUnavailable(failure)) onUnavailable(failure)
    return failure
  }
}

/** Runs work with a time limit. Work that is late continues, and its result is ignored. */
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
