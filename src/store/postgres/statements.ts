/** What needs Kysely: loaded when it is first needed, or once the server listens. */
import { Kysely, PostgresDialect, type PostgresPool, sql } from 'kysely'
import type { KeyRing } from '../../keyring.ts'
import { durableParts } from '../sql/durable.ts'
import { migrate } from '../sql/migrate.ts'
import type { DurableParts } from '../sql/once-loaded.ts'
import type { Tables } from '../sql/schema.ts'

const databaseOf = (pool: PostgresPool) => new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })

export function partsOn(
  pool: PostgresPool,
  keyRing: KeyRing,
  reach: <T>(work: () => Promise<T>) => Promise<T>,
): DurableParts {
  return durableParts({ db: databaseOf(pool), reach, changesTogether: true, passesLocked: true, lock }, keyRing)
}

export function migrateOn(pool: PostgresPool): Promise<readonly string[]> {
  return migrate(databaseOf(pool))
}

/** Held until the transaction ends. */
async function lock(transaction: Kysely<Tables>, thing: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${thing}, 0))`.execute(transaction)
}
