/** Brings the durable tables up to date. Several processes may start together: the database's own lock lets one do it. */
import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { migrations } from './migrations.ts'
import type { Tables } from './schema.ts'

/** The names of the migrations that ran: none when there was nothing to do, which takes one query. */
export async function migrate(db: Kysely<Tables>): Promise<readonly string[]> {
  const done = await doneMigrations(db)
  if (Object.keys(migrations).every((name) => done.has(name))) return []
  const provider = { getMigrations: async () => ({ ...migrations }) }
  const { error, results } = await new Migrator({ db, provider }).migrateToLatest()
  if (error !== undefined) throw error
  return (results ?? []).filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName)
}

/** A newer release may have run migrations this one does not know; they only add, so both may serve at once. */
async function doneMigrations(db: Kysely<Tables>): Promise<ReadonlySet<string>> {
  try {
    const rows = await db
      .withTables<{ kysely_migration: { name: string } }>()
      .selectFrom('kysely_migration')
      .select('name')
      .execute()
    return new Set(rows.map(({ name }) => name))
  } catch (error) {
    if (isMissingTable(error)) return new Set()
    throw error
  }
}

function isMissingTable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && error.code === '42P01') || error.message.includes('no such table')
}
