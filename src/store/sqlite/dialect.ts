/** Kysely on `node:sqlite`: the driver is ours, the SQL Kysely's own for SQLite. */
import type { DatabaseSync } from 'node:sqlite'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { SqliteFile, Turn } from './file.ts'

export function sqliteDialect(file: SqliteFile): Dialect {
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => driver(file),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

/** SQLite's schema changes are transactional: migrations run in one `begin immediate`, which is their lock between processes. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync
  readonly turn: Turn

  constructor(database: DatabaseSync, turn: Turn) {
    this.#database = database
    this.turn = turn
  }

  executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    return this.turn.run(() => {
      const statement = this.#database.prepare(sql)
      const values = parameters as (string | number | null)[] // the columns of schema.ts have no other types
      if (statement.columns().length > 0) return { rows: statement.all(...values) as R[] }
      const { changes } = statement.run(...values)
      return { rows: [], numAffectedRows: BigInt(changes) }
    })
  }

  // biome-ignore lint/correctness/useYield: the interface asks for it, nobody streams
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new TypeError('streaming is not supported')
  }
}

function driver(file: SqliteFile): Driver {
  const run = (statement: string) => async (connection: DatabaseConnection) => {
    await connection.executeQuery(CompiledQuery.raw(statement))
  }
  return {
    init: async () => {},
    acquireConnection: async () => new SqliteConnection(file.database, await file.turn()),
    // immediate: a transaction that reads first and writes later could not wait for another process's write
    beginTransaction: run('begin immediate'),
    commitTransaction: run('commit'),
    rollbackTransaction: run('rollback'),
    releaseConnection: async (connection) => {
      if (connection instanceof SqliteConnection) connection.turn.release()
    },
    destroy: async () => {},
  }
}
