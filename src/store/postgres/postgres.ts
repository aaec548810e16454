/** The durable store on PostgreSQL. */
import { Kysely, PostgresDialect, sql } from 'kysely'
import type { DurableStore } from '../../broker/ports.ts'
import type { KeyRing } from '../../keyring.ts'
import { reach, unavailable } from '../reach.ts'
import { durableStore } from '../sql/durable.ts'
import { migrate } from '../sql/migrate.ts'
import type { Tables } from '../sql/schema.ts'
import { openPool } from './pool.ts'

const storeName = 'PostgreSQL'
/** A migration may rewrite a table, or wait for another process that does. */
const migrationMs = 10 * 60_000

export interface PostgresOptions {
  /** Such as `postgres://user:password@host:5432/database`. */
  readonly url: string
  readonly keyRing: KeyRing
  readonly now: () => Date
  /** Told of connections lost while nobody used them. */
  readonly onError?: (error: Error) => void
}

/** Does no I/O: connections are made when needed, so a database that comes back is simply used again. */
export function openPostgres({ url, keyRing, onError }: PostgresOptions): DurableStore {
  const pool = openPool(onError === undefined ? { url } : { url, onError })
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= db.destroy()
    return closing
  }
  return durableStore({ db, reach: (work) => reach(storeName, work), changesTogether: true, lockEmail }, keyRing, close)
}

/** Brings the tables up to date; the names of the migrations that ran. Throws `store_unavailable`. */
export async function migratePostgres({ url }: { readonly url: string }): Promise<readonly string[]> {
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: openPool({ url, longestMs: migrationMs }) }) })
  try {
    await reach(storeName, () => sql`select 1`.execute(db)) // a silent server is noticed at once
    return await migrate(db)
  } catch (error) {
    throw unavailable(storeName, error)
  } finally {
    await db.destroy()
  }
}

/** Held until the transaction ends; another `create` for this address waits, then sees the user. */
async function lockEmail(transaction: Kysely<Tables>, tenant: string, email: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${tenant}\n${email}`}, 0))`.execute(transaction)
}
