/** The durable store on PostgreSQL. */
import type { PostgresPool } from 'kysely'
import type { DurableStore } from '../../broker/ports/durable.ts'
import type { StoreFigures } from '../../broker/ports/observed-store.ts'
import { type PostgresAddress, readPostgresUrl } from '../../primitives/postgres-url.ts'
import { failing, type StoreOptions, withStoreTimeout } from '../failure.ts'
import { type DurableParts, lazyStore } from '../sql/lazy-store.ts'
import { isUpToDate, pendingMigrations } from '../sql/migrations/up-to-date.ts'
import type { SearchCompletion } from './complete-search.ts'
import { explainPostgres, wrongEncoding } from './failure.ts'
import { openPool } from './pool.ts'

const storeName = 'PostgreSQL'
/** A migration may rewrite a table, or wait for another process. */
const migrationMs = 10 * 60_000

/** An index of a large table, built beside other work. */
const completionMs = 3_600_000

export interface PostgresOptions extends StoreOptions {
  /** Such as `postgres://user:password@host:5432/database`. */
  readonly url: string
}

export interface PostgresStore extends DurableStore {
  /** Loads the code of the statements ahead of the first one. */
  load(): Promise<unknown>
  /** The pool's also while the server does not answer. */
  figures(): Promise<StoreFigures>
  clock(): Promise<Date>
  pendingMigrations(): Promise<readonly string[]>
}

/** Does no I/O: connections open when needed. */
export function openPostgres({ url, keyRing, onUnavailable = () => {} }: PostgresOptions): PostgresStore {
  const address = addressOf(url)
  const failure = failing(storeName, explainPostgres(address), onUnavailable)
  const pool = openPool({ address, onError: (error) => void failure(error) })
  const inTime = <T>(work: () => Promise<T>) => withStoreTimeout(failure, work)
  let parts: Promise<DurableParts> | undefined
  const load = () => {
    parts ??= import('./statements.ts').then(({ partsOn }) => partsOn(pool, keyRing, inTime))
    return parts
  }
  let closed: Promise<void> | undefined
  return {
    ...lazyStore(load),
    load,
    ping: () =>
      inTime(async () => {
        const { isReadOnly } = await checkDatabase(pool)
        if (isReadOnly) throw Object.assign(new Error('read-only'), { code: '25006' })
      }),
    figures: async () => {
      const figures = await inTime(() => readFigures(pool)).catch(() => undefined)
      return { ...figures, pool: pool.connections() }
    },
    clock: () =>
      inTime(async () => {
        const [row] = await query<{ readonly ms: number }>(pool, clockQuery)
        return new Date(row?.ms ?? Number.NaN)
      }),
    pendingMigrations: () => inTime(() => pendingMigrations((statement) => query(pool, statement))),
    close: () => {
      closed ??= pool.end()
      return closed
    },
  }
}

/** Returns the names of the migrations that ran. Throws `store_unavailable`. */
export async function migratePostgres({
  url,
  onUnavailable,
}: Pick<PostgresOptions, 'url' | 'onUnavailable'>): Promise<readonly string[]> {
  const address = addressOf(url)
  const failure = failing(storeName, explainPostgres(address), onUnavailable)
  const pool = openPool({ address, timeoutMs: migrationMs })
  try {
    // with a short limit, for a silent server
    await withStoreTimeout(failure, () => checkDatabase(pool))
    if (await isUpToDate((statement) => query(pool, statement))) return []
    const { migrateOn } = await import('./statements.ts')
    return await migrateOn(pool)
  } catch (error) {
    throw failure(error)
  } finally {
    await pool.end()
  }
}

/** Runs after `migratePostgres`, in one process at a time. Throws `store_unavailable`. */
export async function completePostgresSearch(
  { url, onUnavailable }: Pick<PostgresOptions, 'url' | 'onUnavailable'>,
  onIndex: (name: string) => void,
): Promise<SearchCompletion> {
  const address = addressOf(url)
  const failure = failing(storeName, explainPostgres(address), onUnavailable)
  const pool = openPool({ address, timeoutMs: completionMs, isBackground: true })
  try {
    const { completeSearch } = await import('./complete-search.ts')
    return await completeSearch(pool, onIndex)
  } catch (error) {
    throw failure(error)
  } finally {
    await pool.end()
  }
}

const clockQuery = 'select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms'

interface DatabaseState {
  readonly read_only: string
  readonly encoding: string
}

const stateQuery =
  "select current_setting('transaction_read_only') as read_only, current_setting('server_encoding') as encoding"

/** Throws for a database that cannot store all characters. */
async function checkDatabase(pool: PostgresPool): Promise<{ readonly isReadOnly: boolean }> {
  const [row] = await query<DatabaseState>(pool, stateQuery)
  const encoding = row?.encoding ?? 'UTF8'
  if (!['UTF8', 'SQL_ASCII'].includes(encoding)) throw new Error(`${wrongEncoding} ${encoding}`)
  return { isReadOnly: row?.read_only === 'on' }
}

interface FiguresRow {
  readonly version: string
  readonly bytes: number
  readonly clients: number
}

const figuresQuery =
  "select current_setting('server_version') as version, pg_database_size(current_database()) as bytes, " +
  '(select count(*) from pg_stat_activity where datname = current_database()) as clients'

async function readFigures(pool: PostgresPool): Promise<StoreFigures> {
  const [row] = await query<FiguresRow>(pool, figuresQuery)
  return { version: row?.version, databaseBytes: row?.bytes, clients: row?.clients }
}

function addressOf(url: string): PostgresAddress {
  const read = readPostgresUrl(url)
  if (!read.ok) throw new TypeError(`the address of PostgreSQL ${read.wrong}`)
  return read.address
}

async function query<R>(pool: PostgresPool, statement: string): Promise<readonly R[]> {
  const client = await pool.connect()
  try {
    return (await client.query<R>(statement, [])).rows
  } finally {
    client.release()
  }
}
