/** Statistics of sign-ins: rows of five minutes that processes add to, and sums of them. */
import { type Kysely, type SqlBool, sql } from 'kysely'
import { deploymentTenant } from '../../../broker/audit/record.ts'
import { placeOf } from '../../../broker/connections.ts'
import type {
  FailureGroup,
  LastOutcome,
  LastTrouble,
  RecentOutcomes,
  SignInStatisticsStore,
  StatisticsFilter,
  StatisticsRows,
  StepDurations,
} from '../../../broker/ports/sign-ins.ts'
import { quantileOf } from '../../../broker/sign-ins/histogram.ts'
import { spanMs, startOfSpan } from '../../../broker/sign-ins/span.ts'
import { fixers } from '../../../errors.ts'
import type { LastOutcomeRow, Sql, Tables } from '../schema.ts'
import { wordOf } from '../values.ts'
import { addRows } from './add-rows.ts'

export function sqlSignInStatistics({ db }: Sql): SignInStatisticsStore {
  return {
    add: (rows: StatisticsRows, id: string) =>
      db.transaction().execute(async (transaction) => {
        const batch = transaction.insertInto('sign_in_batches').values({ id, startsAt: startOfSpan(new Date()) })
        const result = await batch.onConflict((conflict) => conflict.doNothing()).executeTakeFirst()
        if (result.numInsertedOrUpdatedRows === 1n) await addRows(transaction, rows)
      }),
    counts: async (filter, bucketSeconds) =>
      db
        .selectFrom('sign_in_counts')
        .select([startsAt(bucketSeconds), sum('signed_in').as('signedIn'), sum('refused').as('refused')])
        .where(matches(filter, await connectionsOf(db, filter)))
        .groupBy(sql`1`)
        .orderBy(sql`1`)
        .execute(),
    failures: async ({ tenant = deploymentTenant, connection, since, until = endOfTime }, limit) => {
      const rows = await failureGroups(db, [tenant], since)
        .where('startsAt', '<', until)
        .$if(connection !== undefined, (found) => found.where('connection', '=', connection ?? ''))
        .limit(limit)
        .execute()
      return rows.map(failureOf)
    },
    recentOutcomes: async (tenants, since) => {
      if (tenants.length === 0) return []
      const failures = (await failureGroups(db, tenants, since).limit(maxGroups).execute()).map(failureOf)
      const names = [...new Set(failures.map(({ connection }) => connection))]
      const counts = db
        .selectFrom('sign_in_counts')
        .select(['tenant', 'connection', sum('signed_in').as('signedIn')])
        .where('tenant', 'in', tenants)
        // named: the key begins with tenant and connection
        .where('connection', 'in', [...names, ''])
        .where('startsAt', '>=', startOfSpan(since))
        .groupBy(['tenant', 'connection'])
      return outcomesWith(failures, await counts.execute())
    },
    steps: async (filter, bucketSeconds) => {
      const spanSeconds = bucketSeconds % 3600 === 0 ? 3600 : 300
      const rows = await db
        .selectFrom('step_durations')
        .select([startsAt(bucketSeconds), 'step', 'bucket', sum('count').as('count')])
        .where(
          matches({ ...filter, since: startOfSpan(filter.since, spanSeconds * 1000) }, await connectionsOf(db, filter)),
        )
        .where('spanSeconds', '=', spanSeconds)
        .groupBy([sql`1`, 'step', 'bucket'])
        .orderBy(sql`1`)
        .orderBy('step')
        .execute()
      return durationsOf(rows)
    },
    lastOutcomes: async (tenant) => {
      // converting the values of thousands of connections would take longer than the query
      const rows = db.withoutPlugins().selectFrom('last_outcomes').selectAll().orderBy('tenant').orderBy('connection')
      const found = await (tenant === undefined ? rows : rows.where('tenant', '=', tenant)).execute()
      return outcomesOf(found as unknown as readonly OutcomeRow[])
    },
    forgetBefore: async (date, limit) => {
      let deleted = 0
      for (const [table, key] of keys)
        if (deleted < limit) deleted += await forget(db, table, key, date, limit - deleted)
      return deleted
    },
  }
}

/** Maximum groups of one query: visitors can cause many. */
const maxGroups = 5000

/** Most frequent first. */
function failureGroups(db: Kysely<Tables>, tenants: readonly string[], since: Date) {
  return db
    .selectFrom('sign_in_failures')
    .select(['tenant', 'connection', 'code', 'cause'])
    .select(({ fn }) => [
      fn.max('fixer').as('fixer'),
      fn.min('firstAt').as('firstAt'),
      fn.max('lastAt').as('lastAt'),
      sum('count').as('count'),
      // the reference of the latest row: times have 13 digits
      sql<string>`substr(max(cast(last_at as text) || last_reference), 14)`.as('lastReference'),
    ])
    .where('tenant', 'in', tenants)
    .where('startsAt', '>=', startOfSpan(since))
    .groupBy(['tenant', 'connection', 'code', 'cause'])
    .orderBy('count', 'desc')
    .orderBy('lastAt', 'desc')
}

const failureOf = ({ fixer, ...row }: Omit<FailureGroup, 'fixer'> & { readonly fixer: string }): FailureGroup => ({
  ...row,
  fixer: wordOf(fixers, fixer, 'operator'),
})

function outcomesWith(
  failures: readonly FailureGroup[],
  counts: readonly Pick<RecentOutcomes, 'tenant' | 'connection' | 'signedIn'>[],
): readonly RecentOutcomes[] {
  const signedIn = new Map(counts.map((row) => [placeOf(row), row.signedIn]))
  return [...Map.groupBy(failures, placeOf)].flatMap(([place, groups]) => {
    const [first] = groups
    if (first === undefined) return []
    const { tenant, connection } = first
    return [{ tenant, connection, failures: groups, signedIn: signedIn.get(place) ?? 0 }]
  })
}

/**
 * Connections of the filter: the given one, all of the tenant, or the one that stands for all
 * tenants. Queries name them because the key begins with tenant and connection.
 */
async function connectionsOf(db: Kysely<Tables>, filter: StatisticsFilter): Promise<readonly string[]> {
  const { tenant, connection } = filter
  if (connection !== undefined) return [connection]
  if (tenant === undefined) return [deploymentTenant]
  const used = db.selectFrom('last_outcomes').select('connection').distinct().where('tenant', '=', tenant)
  return (await used.execute()).map((row) => row.connection)
}

function matches(
  { tenant = deploymentTenant, since, until = endOfTime }: StatisticsFilter,
  connections: readonly string[],
) {
  // with an empty name: a list in SQL is never empty
  const names = sql.join([...connections, ''])
  const time = sql`starts_at >= ${startOfSpan(since)} and starts_at < ${until}`
  return sql<SqlBool>`tenant = ${tenant} and connection in (${names}) and ${time}`
}

const endOfTime = new Date(8.64e15)

/**
 * Start of a row's span of this length. The number is part of the text, so that `group by 1` is the
 * same expression.
 */
function startsAt(bucketSeconds: number) {
  const ms = sql.lit(Math.max(spanMs, Math.round(bucketSeconds) * 1000))
  return sql<Date>`starts_at - starts_at % ${ms}`.as('startsAt')
}

/** PostgreSQL sums to `numeric`, which is read as text. */
const sum = (column: 'count' | 'refused' | 'signed_in') => sql<number>`cast(sum(${sql.ref(column)}) as integer)`

interface BucketRow {
  readonly startsAt: Date
  readonly step: string
  readonly bucket: number
  readonly count: number
}

/** @param rows sorted by start and step */
function durationsOf(rows: readonly BucketRow[]): readonly StepDurations[] {
  const groups = Map.groupBy(rows, ({ startsAt, step }) => `${startsAt.getTime()} ${step}`)
  return [...groups.values()].flatMap((buckets) => {
    const [first] = buckets
    if (first === undefined) return []
    const count = buckets.reduce((total, bucket) => total + bucket.count, 0)
    const { startsAt, step } = first
    return [{ startsAt, step, count, p50: quantileOf(buckets, 0.5), p95: quantileOf(buckets, 0.95) }]
  })
}

/** A row as the database holds it. */
interface OutcomeRow extends Pick<LastOutcomeRow, 'tenant' | 'connection' | 'kind' | 'code' | 'cause' | 'fixer'> {
  readonly last_at: number
  readonly last_reference: string
}

/** @param rows sorted by tenant and connection */
function outcomesOf(rows: readonly OutcomeRow[]): readonly LastOutcome[] {
  const outcomes: { -readonly [Name in keyof LastOutcome]: LastOutcome[Name] }[] = []
  for (const row of rows) {
    const { tenant, connection, kind, cause } = row
    let outcome = outcomes.at(-1)
    if (outcome?.tenant !== tenant || outcome.connection !== connection) {
      outcome = { tenant, connection, lastSignInAt: undefined, lastRefusal: undefined, lastWarning: undefined }
      outcomes.push(outcome)
    }
    const lastAt = new Date(row.last_at)
    if (kind === 'signed in') outcome.lastSignInAt = lastAt
    else if (kind === 'warned') outcome.lastWarning = { cause, lastAt, lastReference: row.last_reference }
    else outcome.lastRefusal = troubleOf(row, lastAt)
  }
  return outcomes
}

function troubleOf({ code, cause, fixer, last_reference: lastReference }: OutcomeRow, lastAt: Date): LastTrouble {
  return { code, cause, fixer: wordOf(fixers, fixer, 'operator'), lastAt, lastReference }
}

/** Tables of spans, and their keys. */
const keys = [
  ['sign_in_counts', 'tenant, connection, starts_at'],
  ['sign_in_failures', 'tenant, starts_at, connection, cause'],
  ['step_durations', 'tenant, connection, span_seconds, starts_at, step, bucket'],
  ['sign_in_batches', 'id'],
] as const

async function forget(db: Kysely<Tables>, table: string, key: string, before: Date, limit: number): Promise<number> {
  const [from, columns] = [sql.table(table), sql.raw(key)]
  const old = sql`select ${columns} from ${from} where starts_at < ${before} order by starts_at limit ${limit}`
  const { numAffectedRows = 0n } = await sql`delete from ${from} where (${columns}) in (${old})`.execute(db)
  return Number(numAffectedRows)
}
