/** Kysely on `node:sqlite`: our driver, Kysely's SQL for SQLite. */
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
  type UnknownRow,
} from 'kysely'
import { rowsInCoreTerms } from '../sql/schema.ts'
import { toStored } from '../sql/values.ts'
import type { SqliteFile, Turn } from './file.ts'

export function sqliteDialect(file: SqliteFile): Dialect {
  return {
    createAdapter: () => new TransactionalAdapter(),
    createDriver: () => driver(file),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

/** See `Sql.run`. */
export const runOn = (file: SqliteFile) => (sql: string, parameters: readonly unknown[]) =>
  file.turn().then(async (turn) => {
    try {
      return rowsInCoreTerms(
        (await new SqliteConnection(file.database, turn).executeQuery<UnknownRow>({ sql, parameters })).rows,
      )
    } finally {
      turn.release()
    }
  })

/** Migrations run in one transaction; its `begin immediate` locks out other processes. */
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

  executeQuery<R>({ sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>): Promise<QueryResult<R>> {
    return this.turn.run(() => {
      const statement = this.#database.prepare(sql)
      const values = parameters.map(toStored)
      if (statement.columns().length > 0) return { rows: statement.all(...values) as R[] }
      const { changes } = statement.run(...values)
      return { rows: [], numAffectedRows: BigInt(changes) }
    })
  }

  // biome-ignore lint/correctness/useYield: required by the interface, never called
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
    // immediate: a read transaction cannot wait for another process when it writes later
    beginTransaction: run('begin immediate'),
    commitTransaction: run('commit'),
    rollbackTransaction: run('rollback'),
    releaseConnection: async (connection) => {
      if (connection instanceof SqliteConnection) connection.turn.release()
    },
    destroy: async () => {},
  }
}
