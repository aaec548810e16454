/**
 * Adds counts to their rows. Sorted by key, so that concurrent processes wait for each other's row
 * locks in one order.
 */
import { type Insertable, type Kysely, type SqlBool, sql } from 'kysely'
import type { CountRow, DurationRow, FailureRow, LastOutcome, StatisticsRows } from '../../../broker/ports/sign-ins.ts'
import type { LastOutcomeRow, Tables } from '../schema.ts'

export async function addRows(db: Kysely<Tables>, rows: StatisticsRows): Promise<void> {
  const outcomes = rows.outcomes.flatMap(outcomeRows)
  if (rows.counts.length > 0) await addCounts(db, rows.counts)
  if (rows.failures.length > 0) await addFailures(db, rows.failures)
  if (rows.durations.length > 0) await addDurations(db, rows.durations)
  if (outcomes.length > 0) await putOutcomes(db, outcomes)
}

async function addCounts(db: Kysely<Tables>, rows: readonly CountRow[]): Promise<void> {
  const insert = db
    .insertInto('sign_in_counts')
    .values(sorted(rows, ({ tenant, connection, startsAt }) => [tenant, connection, startsAt.getTime()]))
  const added = insert.onConflict((conflict) =>
    conflict.columns(['tenant', 'connection', 'startsAt']).doUpdateSet({
      signedIn: sql<number>`sign_in_counts.signed_in + excluded.signed_in`,
      refused: sql<number>`sign_in_counts.refused + excluded.refused`,
    }),
  )
  await added.execute()
}

async function addFailures(db: Kysely<Tables>, rows: readonly FailureRow[]): Promise<void> {
  const keyOf = ({ tenant, startsAt, connection, cause }: FailureRow) => [tenant, startsAt.getTime(), connection, cause]
  const insert = db.insertInto('sign_in_failures').values(sorted(rows, keyOf))
  const isFirst = sql`excluded.first_at < sign_in_failures.first_at`
  const isLast = sql`excluded.last_at >= sign_in_failures.last_at`
  const added = insert.onConflict((conflict) =>
    conflict.columns(['tenant', 'startsAt', 'connection', 'cause']).doUpdateSet({
      count: sql<number>`sign_in_failures.count + excluded.count`,
      firstAt: sql<Date>`case when ${isFirst} then excluded.first_at else sign_in_failures.first_at end`,
      lastAt: sql<Date>`case when ${isLast} then excluded.last_at else sign_in_failures.last_at end`,
      lastReference: sql<string>`case when ${isLast} then excluded.last_reference else sign_in_failures.last_reference end`,
    }),
  )
  await added.execute()
}

async function addDurations(db: Kysely<Tables>, rows: readonly DurationRow[]): Promise<void> {
  const keyOf = ({ tenant, connection, spanSeconds, startsAt, step, bucket }: DurationRow) => [
    tenant,
    connection,
    spanSeconds,
    startsAt.getTime(),
    step,
    bucket,
  ]
  const insert = db.insertInto('step_durations').values(sorted(rows, keyOf))
  const added = insert.onConflict((conflict) =>
    conflict
      .columns(['tenant', 'connection', 'spanSeconds', 'startsAt', 'step', 'bucket'])
      .doUpdateSet({ count: sql<number>`step_durations.count + excluded.count` }),
  )
  await added.execute()
}

async function putOutcomes(db: Kysely<Tables>, rows: readonly Insertable<LastOutcomeRow>[]): Promise<void> {
  const insert = db
    .insertInto('last_outcomes')
    .values(sorted(rows, ({ tenant, connection, kind }) => [tenant, connection, kind]))
  const put = insert.onConflict((conflict) =>
    conflict
      .columns(['tenant', 'connection', 'kind'])
      .doUpdateSet(({ ref }) => ({
        lastAt: ref('excluded.lastAt'),
        code: ref('excluded.code'),
        cause: ref('excluded.cause'),
        fixer: ref('excluded.fixer'),
        lastReference: ref('excluded.lastReference'),
      }))
      .where(sql<SqlBool>`excluded.last_at >= last_outcomes.last_at`),
  )
  await put.execute()
}

function outcomeRows(outcome: LastOutcome): readonly Insertable<LastOutcomeRow>[] {
  const { tenant, connection, lastSignInAt: lastAt, lastRefusal, lastWarning } = outcome
  const none = { code: '', cause: '', fixer: '', lastReference: '' }
  return [
    ...(lastAt === undefined ? [] : [{ tenant, connection, kind: 'signed in' as const, lastAt, ...none }]),
    ...(lastRefusal === undefined ? [] : [{ tenant, connection, kind: 'refused' as const, ...lastRefusal }]),
    ...(lastWarning === undefined ? [] : [{ tenant, connection, kind: 'warned' as const, ...none, ...lastWarning }]),
  ]
}

type Key = readonly (string | number)[]

function sorted<Row>(rows: readonly Row[], keyOf: (row: Row) => Key): readonly Row[] {
  const keyed = rows.map((row) => ({ row, key: keyOf(row) }))
  return keyed.toSorted((one, other) => compare(one.key, other.key)).map(({ row }) => row)
}

function compare(one: Key, other: Key): number {
  const at = one.findIndex((value, index) => value !== other[index])
  const [mine = '', yours = ''] = [one[at], other[at]]
  return at < 0 ? 0 : mine < yours ? -1 : 1
}
