/** Port for the state of a store as pages and commands show it to operators. */

export type StoreKind = 'redis' | 'postgres' | 'sqlite'

export const storeLabels = {
  redis: 'Redis',
  postgres: 'PostgreSQL',
  sqlite: 'the embedded file',
} as const satisfies Readonly<Record<StoreKind, string>>

/** All calls of this process have failed since this time. */
export interface StoreOutage {
  readonly since: Date
  /** Cause and fix. Contains no password. */
  readonly sentence: string
}

export interface ConnectionPool {
  readonly max: number
  /** Connections that run a statement. */
  readonly inUse: number
  readonly idle: number
  /** Statements that wait for a connection. */
  readonly pending: number
}

/** Figures from the server or the file system. Undefined: not applicable, or not reported. */
export interface StoreFigures {
  readonly version?: string | undefined
  readonly pool?: ConnectionPool | undefined
  readonly databaseBytes?: number | undefined
  /** Size of SQLite's write-ahead log. */
  readonly walBytes?: number | undefined
  readonly memoryBytes?: number | undefined
  /** Redis refuses writes above this memory. Undefined: no limit. */
  readonly maxMemoryBytes?: number | undefined
  /** Connections of all clients to the server. */
  readonly clients?: number | undefined
}

export interface ObservedStore {
  readonly kind: StoreKind
  /** Makes the calls of `/readyz` and returns how long they took. Throws `store_unavailable`. */
  latencyMs(): Promise<number>
  /** Throws `store_unavailable`. */
  figures(): Promise<StoreFigures>
  outage(): StoreOutage | undefined
  /** Time of the server. Absent for SQLite, which has no clock. Throws `store_unavailable`. */
  clock?(): Promise<Date>
}
