/**
 * The one file, its one connection, and whose turn it is. Statements run at once and in order, but a transaction of the durable part
 * spans several turns of the event loop; whoever else used the connection meanwhile would fall into it. So everyone takes a turn.
 */
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { GatehouseError } from '../../errors.ts'
import { unavailable } from '../reach.ts'

export const storeName = 'the embedded store'

/** How long a statement waits for another process that writes, in milliseconds. */
const busyMs = 800
/** How long opening waits for another process that opens, in milliseconds. */
const openingMs = 5000

export interface SqliteFile {
  readonly database: DatabaseSync
  /** Waits for the connection; the answer gives it back. */
  turn(): Promise<() => void>
  /** Runs statements in a turn of their own; a failure becomes `store_unavailable`. */
  alone<T>(statements: () => T): Promise<T>
}

/** Created readable for its owner only, since it holds people; the files beside it (-wal, -shm) inherit that. */
export async function openFile(file: string): Promise<SqliteFile> {
  const database = await openDatabase(file)
  let last: Promise<void> = Promise.resolve()

  async function turn(): Promise<() => void> {
    const before = last
    const { promise, resolve } = Promise.withResolvers<void>()
    last = promise
    await before
    return resolve
  }

  async function alone<T>(statements: () => T): Promise<T> {
    const done = await turn()
    try {
      return statements()
    } catch (error) {
      throw unavailable(storeName, error)
    } finally {
      done()
    }
  }

  return { database, turn, alone }
}

async function openDatabase(file: string): Promise<DatabaseSync> {
  for (const deadline = Date.now() + openingMs; ; await sleep(50)) {
    try {
      return tryOpen(file)
    } catch (error) {
      const busy = error instanceof Error && /locked|busy/.test(error.message)
      if (busy && Date.now() < deadline) continue
      const why = error instanceof Error ? error.message : String(error)
      throw new GatehouseError('store_unavailable', `cannot open the storage file ${file}: ${why}`, { cause: error })
    }
  }
}

function tryOpen(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  closeSync(openSync(file, 'a', 0o600))
  const database = new DatabaseSync(file, { timeout: busyMs })
  try {
    database.exec('pragma journal_mode = wal; pragma synchronous = full')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
