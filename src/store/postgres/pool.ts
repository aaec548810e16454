/** PostgreSQL connections that give up in time, and are thrown away once they failed. */
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import pg from 'pg'

const connectMs = 700
const queryMs = 800
const mostConnections = 10

const int8 = pg.types.builtins.INT8

export interface PoolOptions {
  readonly url: string
  /** Longest a query may take, in milliseconds. */
  readonly longestMs?: number
  /** Told of an idle connection that was lost. */
  readonly onError?: (error: Error) => void
}

/** No connection is made before the first query. */
export function openPool({ url, longestMs = queryMs, onError = () => {} }: PoolOptions): PostgresPool {
  const pool = new pg.Pool({
    connectionString: url,
    max: mostConnections,
    connectionTimeoutMillis: connectMs,
    statement_timeout: longestMs, // the server stops working on it
    query_timeout: longestMs, // and we stop waiting, should the server be silent
    keepAlive: true,
    allowExitOnIdle: true,
    application_name: 'gatehouse',
    // times are kept as whole milliseconds, which a number holds exactly
    types: { getTypeParser: (type, format) => (type === int8 ? Number : pg.types.getTypeParser(type, format)) },
  })
  pool.on('error', onError)
  return { options: {}, connect: async () => disposable(await pool.connect()), end: () => pool.end() }
}

/** A connection goes back to the pool only if nothing was wrong with it: after a time-out it still waits for the old answer. */
function disposable(client: pg.PoolClient): PostgresPoolClient {
  let broken = false
  client.on('error', noteBroken)
  function noteBroken() {
    broken = true
  }
  async function run(statement: string, parameters: readonly unknown[]) {
    try {
      return await client.query(statement, [...parameters])
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) broken = true
      throw error
    }
  }
  function query<R>(statement: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>
  function query(statement: unknown, parameters: readonly unknown[] = []): unknown {
    if (typeof statement !== 'string') throw new TypeError('cursors are not supported')
    return run(statement, parameters)
  }
  return {
    query,
    release: () => {
      client.off('error', noteBroken)
      client.release(broken)
    },
  }
}
