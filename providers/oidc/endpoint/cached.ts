/** Something fetched from an upstream and kept: fetched when first needed, one request at a time, the last good copy outliving failures. */

export interface Cached<T> {
  /** The kept copy, renewed in the background once it is no longer fresh; the first caller (and whoever comes with it) waits. */
  get(): Promise<T>
  /** Fetches now, whatever is kept. */
  renew(): Promise<T>
  /** The fetch that is under way. */
  readonly renewing: Promise<T> | undefined
  /** The last good copy, however old. */
  readonly cached: T | undefined
}

export interface CacheOptions {
  readonly now: () => Date
  /** How long a copy is used without asking again. */
  readonly freshMs: number
  /** How long the last good copy is used while renewing it fails. */
  readonly keepMs: number
}

/** After a failure nobody asks again for 1 s, then 2, 4, 8, and never more often than every 10 s: an upstream that is down is not hammered. */
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
        if (!paused) renew().catch(() => undefined) // the kept copy serves; health says what failed
        return copy.value
      }
      if (paused && loading === undefined) throw failure?.error
      return renew()
    },
  }
}
