/** Which migrations are left to run: one query, without Kysely, which takes 200 ms to load. */
import { migrations } from './migrations.ts'

type Query = (statement: string) => Promise<readonly { readonly name: string }[]>

export async function isUpToDate(query: Query): Promise<boolean> {
  return (await pendingMigrations(query)).length === 0
}

/**
 * Ignores migrations of a newer release. From 0.1.0 on they only add tables and columns, so both
 * releases may serve at once; 0010, which drops and renames, is older.
 */
export async function pendingMigrations(query: Query): Promise<readonly string[]> {
  const all = Object.keys(migrations)
  try {
    const done = new Set((await query('select name from kysely_migration')).map(({ name }) => name))
    return all.filter((name) => !done.has(name))
  } catch (error) {
    if (isMissingTable(error)) return all
    throw error
  }
}

function isMissingTable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && error.code === '42P01') || error.message.includes('no such table')
}
