/** Brings the durable tables up to date, under a lock of the database. */
import { type Kysely, sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Tables } from '../schema.ts'
import { migrations } from './migrations.ts'
import { isUpToDate } from './up-to-date.ts'

/** Returns the names of the migrations that ran. */
export async function migrate(db: Kysely<Tables>): Promise<readonly string[]> {
  const query = async (statement: string) => (await sql.raw<{ name: string }>(statement).execute(db)).rows
  return (await isUpToDate(query)) ? [] : runMigrations(db)
}

export async function runMigrations(db: Kysely<Tables>): Promise<readonly string[]> {
  const provider = { getMigrations: async () => ({ ...migrations }) }
  const { error, results } = await new Migrator({ db: db.withoutPlugins(), provider }).migrateToLatest()
  if (error !== undefined) throw error
  return (results ?? []).filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName)
}
