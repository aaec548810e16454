/** The code that needs Kysely, loaded on first use or once the server listens. */
import {
  Kysely,
  type LogEvent,
  PostgresAdapter,
  PostgresDialect,
  type PostgresPool,
  sql,
  type UnknownRow,
} from 'kysely'
import type { KeyRing } from '../../crypto/keyring.ts'
import { durableParts } from '../sql/durable.ts'
import type { DurableParts } from '../sql/lazy-store.ts'
import { runMigrations } from '../sql/migrations/migrate.ts'
import { openTables, rowsInCoreTerms, type Tables } from '../sql/schema.ts'

export function partsOn(
  pool: PostgresPool,
  keyRing: KeyRing,
  withStoreTimeout: <T>(work: () => Promise<T>) => Promise<T>,
): DurableParts {
  return durableParts(
    {
      db: openTables(new PostgresDialect({ pool })),
      run: async (statement, parameters) => {
        const client = await pool.connect()
        try {
          return rowsInCoreTerms((await client.query<UnknownRow>(statement, parameters)).rows)
        } finally {
          client.release()
        }
      },
      withStoreTimeout,
      changesTogether: true,
      passesLocked: true,
      lock,
    },
    keyRing,
  )
}

/** Migrates in one transaction with a lock: Kysely's session lock does not work behind a pooler. */
export async function migrateOn(pool: PostgresPool): Promise<readonly string[]> {
  const failures: unknown[] = []
  const log = (event: LogEvent) => void (event.level === 'error' && failures.push(event.error))
  const database = new Kysely<Tables>({ dialect: new MigrationDialect({ pool }), log })
  try {
    return await database.transaction().execute(async (transaction) => {
      await sql`select pg_advisory_xact_lock(${sql.lit(migrationLock)})`.execute(transaction)
      return runMigrations(transaction)
    })
  } catch (error) {
    // Kysely continues after a failure; later errors only say that the transaction is aborted
    throw failures[0] ?? error
  }
}

/** The number that Kysely locks. */
const migrationLock = BigInt('3853314791062309107')

class MigrationDialect extends PostgresDialect {
  override createAdapter(): PostgresAdapter {
    return new LockedAdapter()
  }
}

/** The transaction holds the lock. */
class LockedAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

async function lock(transaction: Kysely<Tables>, thing: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${thing}, 0))`.execute(transaction)
}
