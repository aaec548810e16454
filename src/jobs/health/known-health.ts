/**
 * The last result of each connection in the memory of this process, read from the store every few
 * seconds. Results of this process are written in batches, and kept while the store is down.
 */
import { type ConnectionKey, placeOf } from '../../broker/connections.ts'
import type { HealthResults, ProbedHealth } from '../../broker/ports/health.ts'

export interface KnownHealthOptions {
  readonly results: HealthResults
  /** ID of this process. */
  readonly id: string
  readonly now: () => Date
}

export interface KnownResults {
  get(place: ConnectionKey): ProbedHealth | undefined
  /** Known at once here, and soon to the other processes. */
  add(result: ProbedHealth): void
  /** Reads what other processes found. Never throws. */
  refresh(): Promise<void>
  /** Writes what is not written yet. Never throws. */
  flush(): Promise<void>
  start(): void
  stop(): Promise<void>
}

const refreshMs = 2000
const flushMs = 1000
/** Finds results that a store lost, or whose clock went back. */
const fullReadMs = 300_000

export function knownResults({ results, id, now }: KnownHealthOptions): KnownResults {
  const known = new Map<string, ProbedHealth>()
  const unwritten = new Map<string, ProbedHealth>()
  /** Places whose own result was written since the last read began: that read may miss it. */
  const writtenMeanwhile = new Set<string>()
  let cursor: number | undefined
  let fullReadAt = 0
  let timers: readonly NodeJS.Timeout[] = []

  /** The store's order counts, not the times of results: the clock of a process may be set back. */
  const isOwnNewer = (place: string) => unwritten.has(place) || writtenMeanwhile.has(place)

  async function read(): Promise<void> {
    const time = now().getTime()
    if (time - fullReadAt >= fullReadMs) cursor = undefined
    writtenMeanwhile.clear()
    const changes = await results.since(cursor, id)
    if (cursor === undefined) fullReadAt = time
    cursor = changes.cursor
    for (const result of changes.results) if (!isOwnNewer(placeOf(result))) known.set(placeOf(result), result)
  }

  async function write(): Promise<void> {
    const batch = [...unwritten.values()]
    if (batch.length === 0) return
    await results.put(batch)
    for (const result of batch) {
      const place = placeOf(result)
      writtenMeanwhile.add(place)
      // a newer result may have arrived meanwhile
      if (unwritten.get(place) === result) unwritten.delete(place)
    }
  }

  const ignoreOutage = () => undefined // the store monitor logs it
  const refresh = oneAtATime(() => read().catch(ignoreOutage))
  const flush = oneAtATime(() => write().catch(ignoreOutage))

  return {
    get: (place) => known.get(placeOf(place)),
    add(result) {
      known.set(placeOf(result), result)
      unwritten.set(placeOf(result), result)
    },
    refresh,
    flush,
    start() {
      timers = [setInterval(refresh, refreshMs).unref(), setInterval(flush, flushMs).unref()]
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await flush()
      await flush()
    },
  }
}

/** Callers meanwhile get the same promise. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => {
    running ??= work().finally(() => {
      running = undefined
    })
    return running
  }
}
