/**
 * Counts sign-ins in memory from their traces and adds the counts to the store, in the background.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SignInStatistics, SignInStatisticsStore, StatisticsRows } from '../../broker/ports/sign-ins.ts'
import { countsOf } from '../../broker/sign-ins/count-trace.ts'
import { startOfSpan } from '../../broker/sign-ins/span.ts'
import type { Trace, TraceSink } from '../../broker/trace.ts'
import { isStoreUnavailable } from '../failure.ts'
import { hoursOf, openTallies, totalsOf } from './tallies.ts'

const flushMs = 5000
/** Maximum rows of each kind. Further counts are dropped. */
const maxRows = 50_000
/** Rows of each kind in one transaction: the store has a time limit. */
const batchRows = 400
const closingMs = 2500

export interface StatisticsCounter {
  readonly sink: TraceSink
  readonly statistics: SignInStatistics
  /** Stores the rest, or drops it. */
  close(): Promise<void>
}

interface CounterPorts {
  readonly store: SignInStatisticsStore
  readonly now: () => Date
  /** Makes IDs of batches. */
  readonly newId: () => string
  /** Called when the store becomes unavailable; counts are kept and tried again. */
  readonly onQueued: (error: unknown) => void
  /** Called with the number of rows beyond the limit, or that the store rejected. */
  readonly onDropped: (rows: number) => void
}

export function openSignInStatistics({ store, now, newId, onQueued, onDropped }: CounterPorts): StatisticsCounter {
  let counted = openTallies(maxRows)
  /** Counts that are not stored yet, with totals of all tenants. */
  const queued = openTallies(maxRows)
  const isCounted = recentReferences()
  let dropped = 0
  let isFailing = false
  let timer: NodeJS.Timeout | undefined
  /** A store that did not answer may have stored it: it is added again unchanged, with its id. */
  let unanswered: Batch | undefined
  let writing: Promise<void> | undefined
  let nextWrite: Promise<void> | undefined

  function sink(trace: Trace): void {
    const rows = rowsOf(trace, now())
    if (rows === null || isCounted(trace.reference)) return
    dropped += counted.add(rows)
    flushLater()
  }

  function flushLater(): void {
    timer ??= setTimeout(() => void flush(), flushMs).unref()
  }

  /** Callers that come during a write share the next one, and the failure of this one. */
  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    if (writing !== undefined) {
      nextWrite ??= writing.then(() => {
        nextWrite = undefined
        return isFailing ? undefined : flush()
      })
      return nextWrite
    }
    writing = write().finally(() => {
      writing = undefined
    })
    return writing
  }

  async function write(): Promise<void> {
    const rows = counted.rows()
    counted = openTallies(maxRows)
    const totals = totalsOf(rows)
    for (const each of [rows, hoursOf(rows), totals, hoursOf(totals)]) dropped += queued.add(each)
    if (unanswered === undefined || (await isStored(unanswered))) await writeQueued()
    if (dropped > 0) onDropped(dropped)
    dropped = 0
  }

  async function writeQueued(): Promise<void> {
    for (const rows of batchesOf(queued.rows())) {
      queued.remove(rows)
      if (!(await isStored({ id: newId(), rows }))) return
    }
  }

  /** False while the store is unavailable; rows that it rejects are dropped. */
  async function isStored(batch: Batch): Promise<boolean> {
    unanswered = batch
    try {
      await store.add(batch.rows, batch.id)
      isFailing = false
    } catch (error) {
      if (isStoreUnavailable(error)) {
        if (!isFailing) onQueued(error)
        isFailing = true
        flushLater()
        return false
      }
      dropped += sizeOf(batch.rows)
    }
    unanswered = undefined
    return true
  }

  /** How many rows are not stored. */
  const left = () =>
    sizeOf(queued.rows()) + sizeOf(counted.rows()) + (unanswered === undefined ? 0 : sizeOf(unanswered.rows))

  /** Includes what this process counted until now, unless the store is unavailable. */
  const current =
    <Given extends unknown[], Found>(read: (...given: Given) => Promise<Found>) =>
    async (...given: Given): Promise<Found> => {
      if (!isFailing) await flush()
      return read(...given)
    }

  return {
    sink,
    statistics: {
      counts: current((filter, seconds) => store.counts(filter, seconds)),
      failures: current((filter, limit) => store.failures(filter, limit)),
      steps: current((filter, seconds) => store.steps(filter, seconds)),
      recentOutcomes: current((tenants, since) => store.recentOutcomes(tenants, since)),
      lastOutcomes: current((tenant) => store.lastOutcomes(tenant)),
    },
    close: async () => {
      await Promise.race([flush(), sleep(closingMs, undefined, { ref: false })])
      clearTimeout(timer)
      if (left() > 0) onDropped(left())
    },
  }
}

function rowsOf(trace: Trace, at: Date): Partial<StatisticsRows> | null {
  const counts = countsOf(trace, at)
  if (counts === null) return null
  const { signedIn, refused, failure, durations, outcome, isLogin } = counts
  const span = { tenant: trace.tenant, connection: trace.connection, startsAt: startOfSpan(at) }
  return {
    failures: failure === undefined ? [] : [{ ...span, ...failure, count: 1, firstAt: at }],
    ...(isLogin && {
      counts: [{ ...span, signedIn, refused }],
      durations: durations.map((duration) => ({ ...span, spanSeconds: 300 as const, ...duration, count: 1 })),
      outcomes: [outcome],
    }),
  }
}

const maxReferences = 10_000

/** A login with a pending link ends twice in its trace, and counts once. */
function recentReferences(): (reference: string) => boolean {
  let [recent, earlier] = [new Set<string>(), new Set<string>()]
  return (reference) => {
    if (recent.has(reference) || earlier.has(reference)) return true
    if (recent.size >= maxReferences) [recent, earlier] = [new Set(), recent]
    recent.add(reference)
    return false
  }
}

interface Batch {
  readonly id: string
  readonly rows: StatisticsRows
}

const sizeOf = (rows: StatisticsRows) => Object.values(rows).flat().length

function* batchesOf({ counts, failures, durations, outcomes }: StatisticsRows): Generator<StatisticsRows> {
  const longest = Math.max(counts.length, failures.length, durations.length, outcomes.length)
  for (let start = 0; start < longest; start += batchRows) {
    const part = <Row>(rows: readonly Row[]) => rows.slice(start, start + batchRows)
    yield { counts: part(counts), failures: part(failures), durations: part(durations), outcomes: part(outcomes) }
  }
}
