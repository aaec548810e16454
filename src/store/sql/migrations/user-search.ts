/** Adds what users are searched by, fills it from the stored profiles, and indexes it. */
import type { Kysely } from 'kysely'
import type { Profile } from '../../../profile/profile.ts'
import { searchColumns } from '../users/search-columns.ts'
import { createIndexes, isFilledAtOnce, userIndexes } from './search-indexes.ts'

/** Rows that one statement fills: SQLite takes much longer for one of 500, PostgreSQL for many. */
const batchSizes = { sqlite: 100, postgres: 500 } as const

export async function addUserSearch(db: Kysely<never>): Promise<void> {
  const { PostgresAdapter, sql } = await import('kysely')
  // compared by code points, as SQLite does: a range finds what begins with a text
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  const collation = isPostgres ? ' collate "C"' : ''
  for (const column of ['email_search', 'name_search'])
    await sql.raw(`alter table users add column ${column} text${collation}`).execute(db)
  if (!(await isFilledAtOnce(db, 'users'))) return
  await fillUserSearch(db, isPostgres ? 'postgres' : 'sqlite')
  await createIndexes(db, userIndexes)
}

interface ProfileRow {
  readonly tenant: string
  readonly id: string
  readonly profile: string
}

/**
 * Fills the search columns of users without both, also of rows that a process of an earlier release
 * wrote. Reads the table once, in batches. Returns how many it filled.
 */
export async function fillUserSearch(db: Kysely<never>, kind: keyof typeof batchSizes): Promise<number> {
  const { sql } = await import('kysely')
  let filled = 0
  let last: Pick<ProfileRow, 'tenant' | 'id'> = { tenant: '', id: '' }
  for (;;) {
    const { rows } = await sql<ProfileRow>`select tenant, id, profile from users
      where (tenant, id) > (${last.tenant}, ${last.id}) and email_search is null and name_search is null
      order by tenant, id limit ${batchSizes[kind]}`.execute(db)
    const end = rows.at(-1)
    if (end === undefined) return filled
    const values = rows.map(({ tenant, id, profile }) => {
      // not validated: only the store writes profiles
      const { emailSearch, nameSearch } = searchColumns(JSON.parse(profile) as Profile)
      return sql`(cast(${tenant} as text), cast(${id} as text), cast(${emailSearch} as text), cast(${nameSearch} as text))`
    })
    await sql`with filled (tenant, id, email, name) as (values ${sql.join(values)})
      update users set email_search = filled.email, name_search = filled.name from filled
      where users.tenant = filled.tenant and users.id = filled.id and email_search is null and name_search is null`.execute(
      db,
    )
    filled += rows.length
    last = end
  }
}
