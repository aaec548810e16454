/**
 * Ports for the sign-ins on admin pages: traces by search, and counts of outcomes and durations.
 */
import type { Fixer } from '../../errors.ts'
import type { Trace } from '../trace.ts'

/** Position in a list of traces, sorted by start, newest first, then by reference. */
export type TracePosition = Pick<Trace, 'startedAt' | 'reference'>

export interface TraceFilter {
  /** Default: of every tenant. */
  readonly tenant?: string | undefined
  readonly connection?: string | undefined
  readonly outcome?: Trace['outcome'] | undefined
  readonly code?: string | undefined
  /** Cause from `causeOf` (sign-ins/cause.ts). */
  readonly cause?: string | undefined
  /** Canonical address. */
  readonly email?: string | undefined
  readonly userId?: string | undefined
  /** Id of the app that the sign-in was for. */
  readonly app?: string | undefined
  readonly since?: Date | undefined
  readonly until?: Date | undefined
  /** Position after which the page starts. */
  readonly after?: TracePosition | undefined
  readonly limit: number
}

export interface TraceSearch {
  /** Newest first. Refused requests (sign-ins/request-refusals.ts) only by their code or cause. */
  search(filter: TraceFilter): Promise<readonly Trace[]>
}

/** Which counts to read. */
export interface StatisticsFilter {
  /** Default: of all tenants together. */
  readonly tenant?: string | undefined
  readonly connection?: string | undefined
  /** Within a span of five minutes: all of the span is read. */
  readonly since: Date
  /** Default: until now. */
  readonly until?: Date | undefined
}

/** Outcomes of a time span. */
export interface SignInCount {
  readonly startsAt: Date
  readonly signedIn: number
  readonly refused: number
}

/** Failed sign-ins with one cause. Of all tenants together, tenant and connection are `*`. */
export interface FailureGroup {
  readonly tenant: string
  readonly connection: string
  readonly code: string
  /** Cause from `causeOf`. */
  readonly cause: string
  readonly fixer: Fixer
  readonly count: number
  readonly firstAt: Date
  readonly lastAt: Date
  /** Finds the trace of the last one. */
  readonly lastReference: string
}

/** Durations of one step, such as `token request`, in a time span. */
export interface StepDurations {
  readonly startsAt: Date
  readonly step: string
  readonly count: number
  /** Milliseconds; upper bounds of the histogram's buckets. */
  readonly p50: number
  readonly p95: number
}

export interface LastOutcome {
  readonly tenant: string
  readonly connection: string
  readonly lastSignInAt: Date | undefined
  readonly lastRefusal: LastTrouble | undefined
  /** The last sign-in that worked although a check of its trace failed, such as `email`. */
  readonly lastWarning?: Pick<FailureGroup, 'cause' | 'lastAt' | 'lastReference'> | undefined
}

/** Outcomes of one connection in a time span. */
export interface RecentOutcomes {
  readonly tenant: string
  readonly connection: string
  /** Most frequent first. */
  readonly failures: readonly FailureGroup[]
  readonly signedIn: number
}

export type LastTrouble = Pick<FailureGroup, 'code' | 'cause' | 'fixer' | 'lastAt' | 'lastReference'>

/** Counted in memory from traces, and stored behind the response every few seconds. */
export interface SignInStatistics {
  /** Oldest first, in spans of `bucketSeconds` (a multiple of 300), without empty ones. */
  counts(filter: StatisticsFilter, bucketSeconds: number): Promise<readonly SignInCount[]>
  /** Most frequent first. */
  failures(filter: StatisticsFilter, limit: number): Promise<readonly FailureGroup[]>
  /**
   * Step durations of one connection, or of all of a tenant together, oldest first. Spans of whole
   * hours are read from whole hours, others from spans of five minutes.
   */
  steps(filter: StatisticsFilter, bucketSeconds: number): Promise<readonly StepDurations[]>
  /** Outcomes of all connections of these tenants that had a failure since then. */
  recentOutcomes(tenants: readonly string[], since: Date): Promise<readonly RecentOutcomes[]>
  /** Last outcomes of each connection that was ever used. */
  lastOutcomes(tenant?: string): Promise<readonly LastOutcome[]>
}

/** Counts of a connection in five minutes. The store adds them up. */
interface InSpan {
  readonly tenant: string
  readonly connection: string
  readonly startsAt: Date
}

export type CountRow = InSpan & Pick<SignInCount, 'signedIn' | 'refused'>
export type FailureRow = InSpan & FailureGroup
/** A step's histogram (sign-ins/histogram.ts) is stored by five minutes and by hour. */
export interface DurationRow extends InSpan {
  readonly spanSeconds: 300 | 3600
  readonly step: string
  readonly bucket: number
  readonly count: number
}

export interface StatisticsRows {
  readonly counts: readonly CountRow[]
  readonly failures: readonly FailureRow[]
  readonly durations: readonly DurationRow[]
  readonly outcomes: readonly LastOutcome[]
}

export interface SignInStatisticsStore extends SignInStatistics {
  /**
   * All or none, also from several processes at once. A batch of an id that is stored already is
   * ignored: the store may have stored it without an answer in time.
   */
  add(rows: StatisticsRows, id: string): Promise<void>
  /**
   * Deletes at most `limit` rows of spans before this time, but no last outcomes. Returns how many
   * were deleted.
   */
  forgetBefore(date: Date, limit: number): Promise<number>
}
