/** Writes traces behind the back of the logins they belong to: a login neither waits for its trace nor fails with it. */
import type { Traces } from '../broker/ports/traces.ts'
import type { Trace, TraceSink } from '../broker/trace.ts'
import { GatehouseError } from '../errors.ts'

const batchDelayMs = 250
const retryMs = 1000
/** Traces waiting when the store does not answer; older ones are dropped first. */
const maxQueued = 1000

export interface TraceWriter {
  readonly sink: TraceSink
  /** Tries once more to write what is waiting; what cannot be written then is dropped. */
  close(): Promise<void>
}

/** The log line of a refusal still holds its reference and code. */
export interface TraceProblems {
  /** The store went away: from now on traces wait. */
  onQueued(error: unknown): void
  /** So many traces are nowhere. */
  onDropped(count: number): void
}

export function openTraceWriter(traces: Traces, { onQueued, onDropped }: TraceProblems): TraceWriter {
  // by reference: the end of a quick login replaces its beginning before either is written
  let queued = new Map<string, Trace>()
  let dropped = 0
  let isUnavailable = false
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  function dropOldest(): void {
    for (const oldest of queued.keys()) {
      if (queued.size <= maxQueued) return
      queued.delete(oldest)
      dropped += 1
    }
  }

  function drop(): void {
    dropped += 1
  }

  async function write(): Promise<void> {
    const batch = queued
    queued = new Map()
    try {
      if (batch.size > 0) await traces.putAll([...batch.values()])
      isUnavailable = false
    } catch (error) {
      if (isStoreUnavailable(error)) return requeue(batch, error)
      for (const trace of batch.values()) await traces.put(trace).catch(drop) // one may be the fault of all
    }
  }

  function requeue(batch: ReadonlyMap<string, Trace>, error: unknown): void {
    if (!isUnavailable) onQueued(error)
    isUnavailable = true
    queued = new Map([...batch, ...queued]) // what came meanwhile replaces its own beginning
    dropOldest()
  }

  function reportDropped(): void {
    if (dropped > 0) onDropped(dropped)
    dropped = 0
  }

  async function flush(): Promise<void> {
    timer = undefined
    writing = writing.then(write)
    await writing
    reportDropped()
    if (queued.size > 0) writeIn(isUnavailable ? retryMs : batchDelayMs)
  }

  function writeIn(ms: number): void {
    timer ??= setTimeout(() => void flush(), ms)
  }

  return {
    sink(trace) {
      queued.set(trace.reference, trace)
      dropOldest()
      writeIn(batchDelayMs)
    },
    async close() {
      await writing
      await write()
      clearTimeout(timer)
      dropped += queued.size
      queued.clear()
      reportDropped()
    },
  }
}

function isStoreUnavailable(error: unknown): boolean {
  return error instanceof GatehouseError && error.code === 'store_unavailable'
}
