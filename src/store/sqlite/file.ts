/**
 * The one file, its one connection, and whose turn it is. Statements run at once and in order, but a transaction of the durable part
 * spans several turns of the event loop; whoever else used the connection meanwhile would fall into it. So everyone takes a turn.
 */
import { closeSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { GatehouseError } from '../../errors.ts'
import { makeFolder } from '../../primitives/directory.ts'
import { type Failing, failing } from '../timeout.ts'
import { explainSqlite } from './failure.ts'

const storeName = 'the embedded store'

/** How long a turn and its statements wait for others, in milliseconds: counted from when it was asked for. */
const timeoutMs = 800
/** SQLite's own waiting stops the whole process, so it may only be short; beyond that we wait between attempts. */
const blockingMs = 2
/** How long opening waits for another process that opens, in milliseconds. */
export const openingMs = 5000

/** The connection, for one user at a time. */
export interface Turn {
  /** Runs statements in one go; again while another process writes, until patience ends. */
  run<T>(statements: () => T): Promise<T>
  release(): void
}

export interface SqliteFile {
  /** What to throw for an error of it. */
  readonly failure: Failing
  readonly database: DatabaseSync
  turn(): Promise<Turn>
  /** Runs statements in a turn of their own; a failure becomes `store_unavailable`. */
  exclusive<T>(statements: () => T): Promise<T>
  /** Reads volatile rows at once: no transaction ever changes those, so it does not matter whose turn it is. */
  read<T>(statement: () => T): Promise<T>
}

/** Created readable for its owner only, since it holds people; the files beside it (-wal, -shm) inherit that. */
export async function openFile(file: string, onUnavailable?: (error: Error) => void): Promise<SqliteFile> {
  const failure = failing(storeName, explainSqlite, onUnavailable)
  const database = await openDatabase(file)
  let last: Promise<void> = Promise.resolve()

  async function turn(): Promise<Turn> {
    const deadline = performance.now() + timeoutMs
    const before = last
    const { promise, resolve } = Promise.withResolvers<void>()
    last = promise
    await before
    return { run: (statements) => retryWhileBusy(statements, deadline), release: resolve }
  }

  async function exclusive<T>(statements: () => T): Promise<T> {
    const ownTurn = await turn()
    try {
      return await ownTurn.run(statements)
    } catch (error) {
      throw failure(error)
    } finally {
      ownTurn.release()
    }
  }

  async function readNow<T>(statement: () => T): Promise<T> {
    try {
      return statement()
    } catch (error) {
      if (isBusy(error)) return exclusive(statement)
      throw failure(error)
    }
  }

  return { failure, database, turn, exclusive, read: readNow }
}

async function retryWhileBusy<T>(statements: () => T, deadline: number): Promise<T> {
  for (;;) {
    try {
      return statements()
    } catch (error) {
      if (!isBusy(error) || performance.now() >= deadline) throw error
      await sleep(1 + Math.random() * 10)
    }
  }
}

/** Another process writes: SQLITE_BUSY, with or without more detail in the higher bits. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === 5
}

async function openDatabase(file: string): Promise<DatabaseSync> {
  for (const deadline = Date.now() + openingMs; ; await sleep(50)) {
    try {
      return tryOpen(file)
    } catch (error) {
      if (isBusy(error) && Date.now() < deadline) continue
      const why = error instanceof Error ? error.message : String(error)
      throw new GatehouseError('store_unavailable', `cannot open the storage file ${file}: ${why}`, { cause: error })
    }
  }
}

function tryOpen(file: string): DatabaseSync {
  makeFolder(dirname(file))
  closeSync(openSync(file, 'a', 0o600))
  const database = new DatabaseSync(file, { timeout: blockingMs })
  try {
    database.exec('pragma journal_mode = wal; pragma synchronous = full')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
