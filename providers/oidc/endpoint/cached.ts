/** A cached upstream document: fetched at first use, kept while renewals fail. */

export interface Cached<T> {
  /** The cached copy, renewed in the background once stale. Only the first callers wait. */
  get(): Promise<T>
  /** Fetches now. */
  renew(): Promise<T>
  /** The pending fetch. */
  readonly renewing: Promise<T> | undefined
  /** The last good copy, of any age. */
  readonly cached: T | undefined
}

export interface CacheOptions {
  readonly now: () => Date
  /** How long a copy counts as fresh. */
  readonly freshMs: number
  /** How long a stale copy is used while renewals fail. */
  readonly keepMs: number
}

/** Back-off after failures: 1, 2, 4, 8, then every 10 seconds. */
const maxPauseMs = 10_000
const pauseMs = (failures: number) => Math.min(maxPauseMs, 1000 * 2 ** (failures - 1))

export function cached<T>(load: () => Promise<T>, { now, freshMs, keepMs }: CacheOptions): Cached<T> {
  let copy: { readonly value: T; readonly loadedAt: number } | undefined
  let failure: { readonly error: unknown; readonly count: number; readonly retryAt: number } | undefined
  let loading: Promise<T> | undefined

  async function renewOnce(): Promise<T> {
    try {
      const value = await load()
      copy = { value, loadedAt: now().getTime() }
      failure = undefined
      return value
    } catch (error) {
      const count = (failure?.count ?? 0) + 1
      failure = { error, count, retryAt: now().getTime() + pauseMs(count) }
      throw error
    } finally {
      loading = undefined
    }
  }

  function renew(): Promise<T> {
    loading ??= renewOnce()
    return loading
  }

  return {
    renew,
    get renewing() {
      return loading
    },
    get cached() {
      return copy?.value
    },
    async get() {
      const paused = failure !== undefined && now().getTime() < failure.retryAt
      const age = copy === undefined ? Number.POSITIVE_INFINITY : now().getTime() - copy.loadedAt
      if (copy !== undefined && age < freshMs) return copy.value
      if (copy !== undefined && age < keepMs) {
        // the cached copy serves; health reports the failure
        if (!paused) renew().catch(() => undefined)
        return copy.value
      }
      if (paused && loading === undefined) throw failure?.error
      return renew()
    },
  }
}

export type Reason = 'unknown key' | 'wrong signature' | 'unexpected algorithm'

export interface RenewalAllowance {
  /** Undefined if used up, otherwise its return: only useless fetches count (RP-42). */
  take(reason: Reason): (() => void) | undefined
}

const everyMs = 60_000

/**
 * Allows a renewal once a minute per reason, so a wrong signature does not delay one for a new key
 * ID.
 */
export function renewalAllowance(now: () => Date): RenewalAllowance {
  const used = new Map<Reason, { readonly until: number }>()
  return {
    take(reason) {
      const time = now().getTime()
      if (time < (used.get(reason)?.until ?? Number.NEGATIVE_INFINITY)) return undefined
      const taken = { until: time + everyMs }
      used.set(reason, taken)
      return () => {
        if (used.get(reason) === taken) used.delete(reason)
      }
    },
  }
}
