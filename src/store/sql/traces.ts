/** Traces of logins: JSON, and the columns by which they are found. */
import type { Kysely } from 'kysely'
import type { Traces } from '../../broker/ports/durable.ts'
import type { Trace } from '../../broker/trace.ts'
import { type Prepared, prepared } from './prepared.ts'
import type { Sql, Tables, TraceRow } from './schema.ts'

/** Inserts of more traces than this are not kept compiled. */
const maxTraces = 50

export function sqlTraces({ db }: Sql): Traces {
  const inserts = new Map<number, Prepared<unknown>>()

  /** The compiled insert of `count` traces. Batches come in few sizes, so each is compiled once. */
  function insertOf(count: number): Prepared<unknown> {
    const insert = inserts.get(count) ?? prepared(db, () => insertRows(db, Array<TraceRow>(count).fill(anyRow)))
    if (count <= maxTraces) inserts.set(count, insert)
    return insert
  }

  async function putAll(traces: readonly Trace[]): Promise<void> {
    await insertOf(traces.length)(traces.map(rowOf).flatMap(Object.values))
  }

  return {
    put: (trace) => putAll([trace]),
    putAll,
    find: async (reference) => {
      const row = await db.selectFrom('traces').selectAll().where('reference', '=', reference).executeTakeFirst()
      return row === undefined ? null : traceOf(row)
    },
    recent: async ({ tenant, limit }) => {
      const all = db.selectFrom('traces').selectAll().orderBy('startedAt', 'desc').orderBy('reference').limit(limit)
      return (await (tenant === undefined ? all : all.where('tenant', '=', tenant)).execute()).map(traceOf)
    },
    forgetBefore: async (date) => {
      const result = await db.deleteFrom('traces').where('startedAt', '<', date).executeTakeFirst()
      return Number(result.numDeletedRows)
    },
  }
}

function insertRows(db: Kysely<Tables>, rows: readonly TraceRow[]) {
  return db
    .insertInto('traces')
    .values(rows)
    .onConflict((conflict) =>
      conflict.column('reference').doUpdateSet(({ ref }) => ({
        tenant: ref('excluded.tenant'),
        startedAt: ref('excluded.startedAt'),
        content: ref('excluded.content'),
      })),
    )
}

const anyRow: TraceRow = { reference: '', tenant: '', startedAt: new Date(0), content: '' }

function rowOf({ reference, tenant, startedAt, ...rest }: Trace): TraceRow {
  return { reference, tenant, startedAt, content: JSON.stringify(rest) }
}

function traceOf({ content, ...row }: TraceRow): Trace {
  // written by this file only
  return { ...row, ...(JSON.parse(content) as Omit<Trace, keyof typeof row>) }
}
