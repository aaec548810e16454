/** PostgreSQL connections with time limits; a failed connection is discarded. */
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import pg from 'pg'
import type { ConnectionPool } from '../../broker/ports/observed-store.ts'
import type { PostgresAddress } from '../../primitives/postgres-url.ts'
import { toStored } from '../sql/values.ts'
import { firstPlan, nextPlan, type Plan, tlsOptions } from './plan.ts'

const connectMs = 700
const queryMs = 800
const maxConnections = 10

const int8 = pg.types.builtins.INT8

export interface PoolOptions {
  readonly address: PostgresAddress
  /** Longest a query may take, in milliseconds. */
  readonly timeoutMs?: number
  /** A query keeps no process from its end. Only the server limits its time. */
  readonly isBackground?: boolean
  /** Called when an idle connection is lost. */
  readonly onError?: (error: Error) => void
}

interface Planned {
  readonly plan: Plan
  readonly pool: pg.Pool
}

export interface ObservedPool extends PostgresPool {
  connections(): ConnectionPool
}

/** Opens no connection and reads no file before the first query. */
export function openPool(options: PoolOptions): ObservedPool {
  const { address, timeoutMs = queryMs, isBackground = false, onError = () => {} } = options
  let current: Planned | undefined
  const opened = new WeakMap<pg.PoolClient, PostgresPoolClient>()

  function planned(plan: Plan): Planned {
    const config = configOf(address, plan, timeoutMs)
    const pool = new pg.Pool(isBackground ? { ...config, query_timeout: undefined } : config)
    pool.on('error', onError)
    return { plan, pool }
  }

  async function connect(): Promise<PostgresPoolClient> {
    current ??= planned(firstPlan(address))
    const tried = [current.plan]
    for (let used = current; ; ) {
      try {
        const client = await used.pool.connect()
        if (isBackground) unref(client)
        const known = opened.get(client) ?? disposable(client, used.plan.limitAtStart ? undefined : timeoutMs)
        opened.set(client, known)
        return known
      } catch (error) {
        const next = nextPlan(address, used.plan, error)
        if (next === undefined || tried.some((plan) => isSame(plan, next))) throw error
        tried.push(next)
        used = replace(used, next)
      }
    }
  }

  /** The first of several concurrent callers replaces the pool. */
  function replace(used: Planned, plan: Plan): Planned {
    if (current !== undefined && current !== used && isSame(current.plan, plan)) return current
    const next = planned(plan)
    if (current !== undefined) void current.pool.end()
    current = next
    return next
  }

  function connections(): ConnectionPool {
    const pool = current?.pool
    const [total, idle] = [pool?.totalCount ?? 0, pool?.idleCount ?? 0]
    return { max: maxConnections, inUse: total - idle, idle, pending: pool?.waitingCount ?? 0 }
  }

  return { options: {}, connect, connections, end: async () => current?.pool.end() }
}

/** `unref` of pg.Client is not in its types. */
function unref(client: object): void {
  if ('unref' in client && typeof client.unref === 'function') client.unref()
}

function isSame(one: Plan, other: Plan): boolean {
  return one.tls === other.tls && one.limitAtStart === other.limitAtStart
}

function configOf(address: PostgresAddress, { tls, limitAtStart }: Plan, timeoutMs: number): pg.PoolConfig {
  const { host, port, user, password, database, applicationName, options, sslNegotiation, requireChannelBinding } =
    address
  return {
    host,
    port,
    user,
    password,
    database,
    options,
    ssl: tls && tlsOptions(address),
    ...(tls && sslNegotiation === 'direct' && { sslnegotiation: sslNegotiation }),
    ...(requireChannelBinding && { enableChannelBinding: true }),
    max: maxConnections,
    connectionTimeoutMillis: connectMs,
    ...(limitAtStart && { statement_timeout: timeoutMs }), // the server cancels it
    query_timeout: timeoutMs, // in case the server is silent
    keepAlive: true,
    allowExitOnIdle: true,
    application_name: applicationName,
    // bigint columns hold milliseconds, which a number represents exactly
    types: { getTypeParser: (type, format) => (type === int8 ? Number : pg.types.getTypeParser(type, format)) },
  }
}

/**
 * A failed connection is not reused: after a timeout it still waits for the old reply.
 * @param limitMs statement limit of each transaction; undefined if the connection has it
 */
function disposable(client: pg.PoolClient, limitMs: number | undefined): PostgresPoolClient {
  let broken = false
  client.on('error', () => {
    broken = true
  })
  async function run(statement: string, parameters: readonly unknown[]) {
    try {
      return await client.query(limited(statement, limitMs), parameters.map(toStored))
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
    release: () => client.release(broken),
  }
}

/** `set local` ends with the transaction, so it does not leak to other users of the connection. */
function limited(statement: string, limitMs: number | undefined): string {
  return limitMs !== undefined && statement === 'begin' ? `begin; set local statement_timeout = ${limitMs}` : statement
}
