/** Traces of logins: JSON, and the columns by which they are found. */
import { type ExpressionBuilder, type Insertable, type Kysely, type SqlBool, sql } from 'kysely'
import type { Traces } from '../../broker/ports/durable.ts'
import type { TraceFilter } from '../../broker/ports/sign-ins.ts'
import { requestRefusalCodes } from '../../broker/sign-ins/request-refusals.ts'
import { type Trace, traceOutcomes } from '../../broker/trace.ts'
import { fixers, isErrorCode } from '../../errors.ts'
import { type Prepared, prepared } from './prepared.ts'
import type { Sql, Tables, TraceRow } from './schema.ts'
import { wordOf } from './values.ts'

/** Inserts of more traces than this are not kept compiled. */
const maxTraces = 50

type NewTraceRow = Insertable<TraceRow>

export function sqlTraces(sqlOf: Sql): Traces {
  const { db } = sqlOf
  const inserts = new Map<number, Prepared<unknown>>()

  /** The compiled insert of `count` traces. Batches come in few sizes, so each is compiled once. */
  function insertOf(count: number): Prepared<unknown> {
    const insert = inserts.get(count) ?? prepared(sqlOf, () => insertRows(db, Array<NewTraceRow>(count).fill(anyRow)))
    if (count <= maxTraces) inserts.set(count, insert)
    return insert
  }

  async function putAll(traces: readonly Trace[]): Promise<void> {
    await insertOf(traces.length)(traces.map(rowOf).flatMap(Object.values))
  }

  const stored = () => db.selectFrom('traces').select(['reference', 'tenant', 'startedAt', 'content'])

  return {
    put: (trace) => putAll([trace]),
    putAll,
    find: async (reference) => {
      const row = await stored().where('reference', '=', reference).executeTakeFirst()
      return row === undefined ? null : traceOf(row)
    },
    search: async (filter) => {
      const found = stored().where(matches(filter)).orderBy('startedAt', 'desc').orderBy('reference', 'desc')
      return (await found.limit(filter.limit).execute()).map(traceOf)
    },
    forgetBefore: async (date, limit) => {
      const old = db.selectFrom('traces').select('reference').where('startedAt', '<', date)
      const oldest = old.orderBy('startedAt').orderBy('reference').limit(limit)
      const result = await db.deleteFrom('traces').where('reference', 'in', oldest).executeTakeFirst()
      return Number(result.numDeletedRows)
    },
  }
}

function matches({ since, until, after, limit: _, ...columns }: TraceFilter) {
  return (where: ExpressionBuilder<Tables, 'traces'>) =>
    where.and([
      ...searched.flatMap((column) => (columns[column] === undefined ? [] : [where(column, '=', columns[column])])),
      // literally as in the partial index, which a database recognizes by that
      ...(columns.outcome === undefined || columns.outcome === 'signed in'
        ? []
        : [sql<SqlBool>`outcome <> 'signed in'`]),
      ...(columns.code === undefined && columns.cause === undefined ? [isSignIn] : []),
      ...(since === undefined ? [] : [where('startedAt', '>=', since)]),
      ...(until === undefined ? [] : [where('startedAt', '<', until)]),
      ...(after === undefined
        ? []
        : [sql<SqlBool>`(started_at, reference) < (${after.startedAt}, ${after.reference})`]),
    ])
}

const isSignIn = sql<SqlBool>`(connection is null or connection <> 'unknown' or code is null
  or code not in (${sql.join(requestRefusalCodes)}))`

const searched = ['tenant', 'connection', 'outcome', 'code', 'cause', 'email', 'userId', 'app'] as const

/** A trace that only began replaces none: another process may have stored its end before. */
function insertRows(db: Kysely<Tables>, rows: readonly NewTraceRow[]) {
  return db
    .insertInto('traces')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column('reference')
        .doUpdateSet(({ ref }) => ({
          tenant: ref('excluded.tenant'),
          startedAt: ref('excluded.startedAt'),
          content: ref('excluded.content'),
          connection: ref('excluded.connection'),
          outcome: ref('excluded.outcome'),
          code: ref('excluded.code'),
          cause: ref('excluded.cause'),
          email: ref('excluded.email'),
          userId: ref('excluded.userId'),
          app: ref('excluded.app'),
        }))
        .where(sql<SqlBool>`excluded.outcome <> 'started'`),
    )
}

const anyRow: NewTraceRow = rowOf({
  reference: '',
  tenant: '',
  connection: '',
  startedAt: new Date(0),
  outcome: 'started',
  reasons: [],
  steps: [],
})

/** The members are in one order: they are the parameters of the insert. */
function rowOf({ reference, tenant, startedAt, ...rest }: Trace): NewTraceRow {
  const { connection, outcome, code = null, cause = null, email = null, userId = null, app = null } = rest
  const found = { connection, outcome, code, cause, email, userId, app }
  return { reference, tenant, startedAt, content: JSON.stringify(rest), ...found }
}

function traceOf({ content, ...row }: Pick<TraceRow, 'reference' | 'tenant' | 'startedAt' | 'content'>): Trace {
  // written by this file only, maybe of a later release that knows more codes
  const { code, fixer, ...rest } = JSON.parse(content) as Omit<Trace, keyof typeof row>
  const outcome = wordOf(traceOutcomes, rest.outcome, 'refused')
  return {
    ...row,
    ...rest,
    outcome,
    ...(code !== undefined && { code: isErrorCode(code) ? code : 'internal' }),
    ...(fixer !== undefined && { fixer: wordOf(fixers, fixer, 'operator') }),
  }
}
