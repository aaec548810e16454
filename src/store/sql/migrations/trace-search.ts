/**
 * Columns that find traces. Those of earlier releases have none of them: they are found by
 * reference, tenant and time.
 */
import type { Kysely } from 'kysely'
import { createIndexes, formerIndexes, isFilledAtOnce, traceIndexes } from './search-indexes.ts'

const columns = ['connection', 'outcome', 'code', 'cause', 'email', 'user_id', 'app']

export async function addTraceSearch(db: Kysely<never>): Promise<void> {
  const { sql } = await import('kysely')
  for (const column of columns) await sql.raw(`alter table traces add column ${column} text`).execute(db)
  if (!(await isFilledAtOnce(db, 'traces'))) return
  await createIndexes(db, traceIndexes)
  for (const name of formerIndexes) await sql.raw(`drop index ${name}`).execute(db)
}
