/** A store as operators observe it, besides its use by the core. */

export type StoreKind = 'redis' | 'postgres' | 'sqlite'

export const storeLabels = {
  redis: 'Redis',
  postgres: 'PostgreSQL',
  sqlite: 'the embedded file',
} as const satisfies Readonly<Record<StoreKind, string>>

/** The time since which every call fails, as this process has seen it. */
export interface StoreOutage {
  readonly since: Date
  /** Cause and remedy. Contains no password. */
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

/** As the server or the file system reports them. Undefined: not applicable, or not reported. */
export interface StoreFigures {
  readonly version?: string | undefined
  readonly pool?: ConnectionPool | undefined
  readonly databaseBytes?: number | undefined
  /** Of the write-ahead log of SQLite. */
  readonly walBytes?: number | undefined
  readonly memoryBytes?: number | undefined
  /** Redis refuses writes beyond it. Undefined: no limit. */
  readonly maxMemoryBytes?: number | undefined
  /** Connections to the server by all its clients. */
  readonly clients?: number | undefined
}

export interface ObservedStore {
  readonly kind: StoreKind
  /** Milliseconds of the calls that readiness makes. Throws `store_unavailable`. */
  latencyMs(): Promise<number>
  /** Throws `store_unavailable`. */
  figures(): Promise<StoreFigures>
  outage(): StoreOutage | undefined
  /** Absent if it has no clock of its own. Throws `store_unavailable`. */
  clock?(): Promise<Date>
}
