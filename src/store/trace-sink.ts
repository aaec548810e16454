/** Writes traces behind the back of the logins they belong to: a login neither waits for its trace nor fails with it. */
import type { Traces } from '../broker/ports.ts'
import type { Trace, TraceSink } from '../broker/trace.ts'

const gatherMs = 250
/** Traces waiting when the store does not answer; older ones are dropped first, with a line in the log. */
const mostWaiting = 1000

export interface TraceWriter {
  readonly sink: TraceSink
  /** Writes what is waiting. */
  flush(): Promise<void>
}

/** @param onProblem told when traces could not be written; the log line of a refusal still holds their reference and code */
export function openTraceWriter(traces: Traces, onProblem: (error: unknown) => void): TraceWriter {
  // by reference: the end of a quick login replaces its beginning before either is written
  const waiting = new Map<string, Trace>()
  let timer: NodeJS.Timeout | undefined

  async function flush(): Promise<void> {
    timer = undefined
    const batch = [...waiting.values()]
    waiting.clear()
    if (batch.length > 0) await traces.putAll(batch).catch(onProblem)
  }

  const sink = (trace: Trace) => {
    const [oldest] = waiting.keys()
    if (waiting.size >= mostWaiting && oldest !== undefined) waiting.delete(oldest)
    waiting.set(trace.reference, trace)
    if (timer === undefined) timer = setTimeout(() => void flush(), gatherMs)
  }
  return { sink, flush }
}
