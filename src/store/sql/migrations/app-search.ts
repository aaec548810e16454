/**
 * Adds the names that apps are searched by. Developers register few: a search reads all of a
 * tenant.
 */
import type { Kysely } from 'kysely'
import { searchText } from '../users/search-columns.ts'
import { appIndexes, createIndexes, isFilledAtOnce } from './search-indexes.ts'

export async function addAppSearch(db: Kysely<never>): Promise<void> {
  const { sql } = await import('kysely')
  await sql`alter table apps add column name_search text`.execute(db)
  if (!(await isFilledAtOnce(db, 'apps'))) return
  await fillAppSearch(db)
  await createIndexes(db, appIndexes)
}

/**
 * Fills the search columns, also of rows that a process of an earlier release wrote. Returns how
 * many.
 */
export async function fillAppSearch(db: Kysely<never>): Promise<number> {
  const { sql } = await import('kysely')
  const { rows } = await sql<{
    readonly id: string
    readonly content: string
  }>`select id, content from apps where name_search is null`.execute(db)
  for (const { id, content } of rows) {
    const { name } = JSON.parse(content) as { readonly name: string } // written by the store only
    await sql`update apps set name_search = ${searchText(name)} where id = ${id}`.execute(db)
  }
  return rows.length
}
