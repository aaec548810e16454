/** Writes traces in batches, in the background: a login never fails for its trace. */
import type { Traces } from '../broker/ports/durable.ts'
import { type Trace, type TraceSink, traceBatchMs } from '../broker/trace.ts'
import { isStoreUnavailable } from './failure.ts'

const retryMs = 1000
/** Beyond this the oldest trace is dropped. */
const maxQueued = 1000
/** Of one statement, which has the time limit of the store. */
const maxBatch = 50

export interface TraceWriter {
  readonly sink: TraceSink
  /** How many wait for the store. */
  queued(): number
  /** Tries once more to write the queue, then drops the rest. */
  close(): Promise<void>
}

export interface TraceProblems {
  /** Called when the store becomes unavailable. */
  onQueued(error: unknown): void
  /** Called with the number of traces that were not stored. */
  onDropped(count: number): void
}

export function openTraceWriter(traces: Traces, { onQueued, onDropped }: TraceProblems): TraceWriter {
  // keyed by reference, so that a later version of a trace replaces the queued one
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

  async function write(): Promise<void> {
    const unstored = queued
    queued = new Map()
    try {
      while (unstored.size > 0) await writeBatch(unstored)
      isUnavailable = false
    } catch (error) {
      requeue(unstored, error)
    }
  }

  /** Removes what is stored or dropped from `unstored`. Throws if the store is unavailable. */
  async function writeBatch(unstored: Map<string, Trace>): Promise<void> {
    const batch = [...unstored.values()].slice(0, maxBatch)
    try {
      await traces.putAll(batch)
    } catch (error) {
      if (isStoreUnavailable(error)) throw error
      // the store rejects one of them: write them one by one
      for (const trace of batch) {
        await putOrDrop(trace)
        unstored.delete(trace.reference)
      }
    }
    for (const { reference } of batch) unstored.delete(reference)
  }

  async function putOrDrop(trace: Trace): Promise<void> {
    try {
      await traces.put(trace)
    } catch (error) {
      if (isStoreUnavailable(error)) throw error
      dropped += 1
    }
  }

  function requeue(unstored: ReadonlyMap<string, Trace>, error: unknown): void {
    if (!isUnavailable) onQueued(error)
    isUnavailable = true
    queued = new Map([...unstored, ...queued]) // newer versions win
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
    if (queued.size > 0) writeIn(isUnavailable ? retryMs : traceBatchMs)
  }

  function writeIn(ms: number): void {
    timer ??= setTimeout(() => void flush(), ms)
  }

  return {
    queued: () => queued.size,
    sink(trace) {
      queued.set(trace.reference, trace)
      dropOldest()
      writeIn(traceBatchMs)
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
