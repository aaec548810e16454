/** Whether any migration is left to run: one query, without Kysely, which takes 200 ms to load. */
import { migrations } from './migrations.ts'

/** Ignores migrations of a newer release: they only add, so both releases may serve at once. */
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
