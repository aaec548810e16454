/** Whether there is anything to migrate: one query, and no need of Kysely, which takes a fifth of a second to load. */
import { migrations } from './migrations.ts'

/** A newer release may have run migrations this one does not know; they only add, so both may serve at once. */
export async function isUpToDate(
  query: (statement: string) => Promise<readonly { readonly name: string }[]>,
): Promise<boolean> {
  try {
    const done = new Set((await query('select name from kysely_migration')).map(({ name }) => name))
    return Object.keys(migrations).every((name) => done.has(name))
  } catch (error) {
    if (isMissingTable(error)) return false
    throw error
  }
}

function isMissingTable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && error.code === '42P01') || error.message.includes('no such table')
}
