/**
 * The file, its connection, and a queue for it. A transaction of the durable store spans several
 * turns of the event loop; the queue keeps other statements out of it.
 */
import { closeSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KeyRing } from '../../crypto/keyring.ts'
import { GatehouseError } from '../../errors.ts'
import { makeFolder } from '../../primitives/directory.ts'
import { type Explain, type Failing, failing } from '../failure.ts'

const storeName = 'the embedded store'

/** Limit of a turn, waiting for it included. */
const timeoutMs = 800
/** SQLite's own wait blocks the process, so it is short; after it we retry. */
const blockingMs = 2
/** Limit of waiting for another process that opens the file. */
export const openingMs = 5000

/** Exclusive use of the connection. */
export interface Turn {
  /** Runs statements; retries while another process writes, until the time limit. */
  run<T>(statements: () => T): Promise<T>
  release(): void
}

/** The file that all parts of the volatile store use. */
export interface VolatileFile {
  readonly file: SqliteFile
  readonly keyRing: KeyRing
  readonly now: () => Date
  /** Milliseconds since 1970, as `ends_at` holds them. */
  readonly time: () => number
}

export interface SqliteFile {
  /** The error to throw for an error of SQLite. */
  readonly failure: Failing
  readonly database: DatabaseSync
  turn(): Promise<Turn>
  /** Runs statements in a turn of their own; a failure becomes `store_unavailable`. */
  exclusive<T>(statements: () => T): Promise<T>
  /** Like `exclusive`, in a transaction. */
  transaction<T>(statements: () => T): Promise<T>
  /** Reads volatile rows without a turn: no durable transaction changes them. */
  read<T>(statement: () => T): Promise<T>
}

/** Creates a missing file with mode 0600, which -wal and -shm inherit. */
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

  const transaction = <T>(statements: () => T) => exclusive(() => inTransaction(database, statements))

  async function read<T>(statement: () => T): Promise<T> {
    try {
      return statement()
    } catch (error) {
      if (isBusy(error)) return exclusive(statement)
      throw failure(error)
    }
  }

  return { failure, database, turn, exclusive, transaction, read }
}

function inTransaction<T>(database: DatabaseSync, statements: () => T): T {
  database.exec('begin immediate')
  try {
    const result = statements()
    database.exec('commit')
    return result
  } catch (error) {
    database.exec('rollback')
    throw error
  }
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

/** SQLITE_BUSY: another process writes. The higher bits hold details. */
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

/** Sentences by primary result code (https://sqlite.org/rescode.html). */
const sentences: Readonly<Record<number, string>> = {
  5: 'another process writes to the embedded file and does not finish',
  8: 'the embedded file is read-only: let this process write to it and to its folder',
  10: 'the disk under the embedded file fails: see the system log',
  11: 'the embedded file is damaged: restore it from a backup',
  13: 'the disk under the embedded file is full: free space',
  14: 'the embedded file cannot be opened: check its path and permissions',
  26: 'the embedded file is not an SQLite database: correct storage.file, or restore it from a backup',
}
/** SQL errors, constraint, mismatch, misuse and range: bugs. */
const ours = [1, 19, 20, 21, 25]

const explainSqlite: Explain = (error) => {
  const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) % 256 : 0
  if (code === 18) return { code: 'request_invalid', sentence: 'a value is too big for the embedded file' }
  if (ours.includes(code)) return { code: 'internal', sentence: `the embedded file refused a statement (${code})` }
  const sentence = sentences[code]
  return sentence === undefined ? undefined : { sentence }
}

/** Null for a value that is not a blob. */
export function blob(value: unknown): Buffer | null {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : null
}

/** The `sealed` column of a row. */
export function sealedOf(row: Readonly<Record<string, unknown>> | undefined): Buffer | null {
  return blob(row?.['sealed'])
}
