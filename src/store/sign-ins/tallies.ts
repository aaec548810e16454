/** Rows of sign-in statistics in memory, by key: rows of one key are added up. */
import { deploymentTenant } from '../../broker/audit/record.ts'
import type {
  CountRow,
  DurationRow,
  FailureRow,
  LastOutcome,
  LastTrouble,
  StatisticsRows,
} from '../../broker/ports/sign-ins.ts'
import { startOfSpan } from '../../broker/sign-ins/span.ts'

interface Tally<Row> {
  /** False if it is full and has no row of this key. */
  readonly add: (row: Row) => boolean
  readonly rows: () => readonly Row[]
  readonly remove: (rows: readonly Row[]) => void
}

/** @param merge adds the second row to the first, a copy */
function tally<Row extends object>(
  max: number,
  keyOf: (row: Row) => string,
  merge: (sum: { -readonly [Name in keyof Row]: Row[Name] }, row: Row) => void,
): Tally<Row> {
  const byKey = new Map<string, { -readonly [Name in keyof Row]: Row[Name] }>()
  return {
    add: (row) => {
      const key = keyOf(row)
      const before = byKey.get(key)
      if (before === undefined && byKey.size >= max) return false
      if (before === undefined) byKey.set(key, { ...row })
      else merge(before, row)
      return true
    },
    rows: () => [...byKey.values()],
    remove: (rows) => {
      for (const row of rows) byKey.delete(keyOf(row))
    },
  }
}

export interface Tallies {
  /** Returns how many rows were beyond the limit. */
  readonly add: (rows: Partial<StatisticsRows>) => number
  readonly rows: () => StatisticsRows
  readonly remove: (rows: StatisticsRows) => void
}

/** @param max most rows of each kind */
export function openTallies(max: number): Tallies {
  const counts = tally<CountRow>(max, spanKey, (sum, row) => {
    sum.signedIn += row.signedIn
    sum.refused += row.refused
  })
  const failures = tally<FailureRow>(
    max,
    (row) => `${spanKey(row)}\n${row.cause}`,
    (sum, row) => void Object.assign(sum, mergeFailures(sum, row)),
  )
  const durations = tally<DurationRow>(
    max,
    (row) => `${spanKey(row)}\n${row.spanSeconds}\n${row.bucket}\n${row.step}`,
    (sum, row) => {
      sum.count += row.count
    },
  )
  const outcomes = tally<LastOutcome>(
    max,
    ({ tenant, connection }) => `${tenant}\n${connection}`,
    (sum, row) => void Object.assign(sum, mergeOutcomes(sum, row)),
  )
  return {
    add: (rows) =>
      refusedBy(counts, rows.counts) +
      refusedBy(failures, rows.failures) +
      refusedBy(durations, rows.durations) +
      refusedBy(outcomes, rows.outcomes),
    rows: () => ({
      counts: counts.rows(),
      failures: failures.rows(),
      durations: durations.rows(),
      outcomes: outcomes.rows(),
    }),
    remove: (rows) => {
      counts.remove(rows.counts)
      failures.remove(rows.failures)
      durations.remove(rows.durations)
      outcomes.remove(rows.outcomes)
    },
  }
}

const refusedBy = <Row>(kind: Tally<Row>, rows: readonly Row[] = []) => rows.filter((row) => !kind.add(row)).length

interface SpanOfConnection {
  readonly tenant: string
  readonly connection: string
  readonly startsAt: Date
}

const spanKey = ({ tenant, connection, startsAt }: SpanOfConnection) =>
  `${tenant}\n${connection}\n${startsAt.getTime()}`

function mergeFailures(one: FailureRow, other: FailureRow): FailureRow {
  const { firstAt } = one.firstAt <= other.firstAt ? one : other
  const { lastAt, lastReference } = other.lastAt >= one.lastAt ? other : one
  return { ...one, count: one.count + other.count, firstAt, lastAt, lastReference }
}

function mergeOutcomes(one: LastOutcome, other: LastOutcome): LastOutcome {
  return {
    ...one,
    lastSignInAt: latest(one.lastSignInAt, other.lastSignInAt),
    lastRefusal: latestTrouble(one.lastRefusal, other.lastRefusal),
    lastWarning: latestTrouble(one.lastWarning, other.lastWarning),
  }
}

const latest = (one: Date | undefined, other: Date | undefined) =>
  one === undefined || (other !== undefined && other >= one) ? other : one

function latestTrouble<Trouble extends Pick<LastTrouble, 'lastAt'>>(
  one: Trouble | undefined,
  other: Trouble | undefined,
) {
  return one === undefined || (other !== undefined && other.lastAt >= one.lastAt) ? other : one
}

/** Durations of five minutes as those of their hour. */
export function hoursOf({ durations }: Pick<StatisticsRows, 'durations'>): Pick<StatisticsRows, 'durations'> {
  const hour = (row: DurationRow) =>
    ({ ...row, spanSeconds: 3600, startsAt: startOfSpan(row.startsAt, 3_600_000) }) as const
  return { durations: durations.map(hour) }
}

/** The same rows as counted for all tenants together. */
export function totalsOf({ counts, failures, durations }: StatisticsRows): Omit<StatisticsRows, 'outcomes'> {
  const all = { tenant: deploymentTenant, connection: deploymentTenant }
  return {
    counts: counts.map((row) => ({ ...row, ...all })),
    failures: failures.map((row) => ({ ...row, ...all })),
    durations: durations.map((row) => ({ ...row, ...all })),
  }
}
