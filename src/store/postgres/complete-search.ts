/**
 * Finishes work that migrations leave for later, because it would lock large tables. Searches work
 * meanwhile, slower.
 */
import { Kysely, PostgresDialect, type PostgresPool, sql } from 'kysely'
import { fillAppSearch } from '../sql/migrations/app-search.ts'
import { formerIndexes, searchIndexes } from '../sql/migrations/search-indexes.ts'
import { fillUserSearch } from '../sql/migrations/user-search.ts'

export interface SearchCompletion {
  readonly indexes: number
  readonly rows: number
}

/**
 * Fills search columns in batches, and builds missing indexes without locks that others wait for.
 */
export async function completeSearch(pool: PostgresPool, onIndex: (name: string) => void): Promise<SearchCompletion> {
  const db = new Kysely<never>({ dialect: new PostgresDialect({ pool }) })
  const rows = (await fillUserSearch(db, 'postgres')) + (await fillAppSearch(db))
  let indexes = 0
  for (const [name, on] of Object.entries(searchIndexes)) {
    const isValid = await validity(db, name)
    if (isValid === true) continue
    onIndex(name)
    // an interrupted build left an invalid index
    if (isValid === false) await sql.raw(`drop index concurrently if exists ${name}`).execute(db)
    await sql.raw(`create index concurrently if not exists ${name} on ${on}`).execute(db)
    indexes += 1
  }
  for (const name of formerIndexes) await sql.raw(`drop index concurrently if exists ${name}`).execute(db)
  return { indexes, rows }
}

/** Undefined: there is none of this name. */
async function validity(db: Kysely<never>, name: string): Promise<boolean | undefined> {
  const found = await sql<{ readonly isValid: boolean }>`
    select indisvalid as "isValid" from pg_index where indexrelid = to_regclass(${name})`.execute(db)
  return found.rows[0]?.isValid
}
