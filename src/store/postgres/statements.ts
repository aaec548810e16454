/** What needs Kysely: loaded when it is first needed, or once the server listens. */
import { Kysely, type LogEvent, PostgresAdapter, PostgresDialect, type PostgresPool, sql } from 'kysely'
import type { KeyRing } from '../../crypto/keyring.ts'
import { durableParts } from '../sql/durable.ts'
import type { DurableParts } from '../sql/lazy-store.ts'
import { runMigrations } from '../sql/migrations/migrate.ts'
import type { Tables } from '../sql/schema.ts'

const databaseOf = (pool: PostgresPool) => new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })

export function partsOn(
  pool: PostgresPool,
  keyRing: KeyRing,
  withStoreTimeout: <T>(work: () => Promise<T>) => Promise<T>,
): DurableParts {
  return durableParts(
    { db: databaseOf(pool), withStoreTimeout, changesTogether: true, passesLocked: true, lock },
    keyRing,
  )
}

/**
 * All in one transaction that holds a lock: a pooler may give each transaction another connection, so a lock of the session, as
 * Kysely takes it, would be left behind at one of them.
 */
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
    throw failures[0] ?? error // Kysely asks on after a failure, and is told that the transaction is aborted
  }
}

/** The number that Kysely itself locks. */
const migrationLock = BigInt('3853314791062309107')

class MigrationDialect extends PostgresDialect {
  override createAdapter(): PostgresAdapter {
    return new LockedAdapter()
  }
}

/** The transaction has the lock. */
class LockedAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {}
  override async releaseMigrationLock(): Promise<void> {}
}

/** Held until the transaction ends. */
async function lock(transaction: Kysely<Tables>, thing: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${thing}, 0))`.execute(transaction)
}
