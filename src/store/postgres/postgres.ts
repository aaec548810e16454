/** The durable store on PostgreSQL. */
import type { PostgresPool } from 'kysely'
import type { DurableStore } from '../../broker/ports.ts'
import type { KeyRing } from '../../keyring.ts'
import { later } from '../../later.ts'
import { reach, unavailable } from '../reach.ts'
import { onceLoaded } from '../sql/once-loaded.ts'
import { isUpToDate } from '../sql/up-to-date.ts'
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

export interface PostgresStore extends DurableStore {
  /** Loads the code of its statements, which the first of them would wait for. */
  load(): Promise<unknown>
}

/** Does no I/O: connections are made when needed, so a database that comes back is simply used again. */
export function openPostgres({ url, keyRing, onError }: PostgresOptions): PostgresStore {
  const pool = openPool(onError === undefined ? { url } : { url, onError })
  const inTime = <T>(work: () => Promise<T>) => reach(storeName, work)
  const load = later(async () => (await import('./statements.ts')).partsOn(pool, keyRing, inTime))
  return {
    ...onceLoaded(load),
    load,
    ping: () =>
      inTime(async () => {
        await query(pool, 'select 1')
      }),
    close: later(async () => pool.end()),
  }
}

/** Brings the tables up to date; the names of the migrations that ran. Throws `store_unavailable`. */
export async function migratePostgres({ url }: { readonly url: string }): Promise<readonly string[]> {
  const pool = openPool({ url, longestMs: migrationMs })
  try {
    await reach(storeName, () => query(pool, 'select 1')) // a silent server is noticed at once
    if (await isUpToDate((statement) => query(pool, statement))) return []
    const { migrateOn } = await import('./statements.ts')
    return await migrateOn(pool)
  } catch (error) {
    throw unavailable(storeName, error)
  } finally {
    await pool.end()
  }
}

async function query<R>(pool: PostgresPool, statement: string): Promise<readonly R[]> {
  const client = await pool.connect()
  try {
    return (await client.query<R>(statement, [])).rows
  } finally {
    client.release()
  }
}
