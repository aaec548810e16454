/** The embedded default: both stores in one SQLite file, for a single node. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import type { DurableStore } from '../../broker/ports/durable.ts'
import type { StoreFigures } from '../../broker/ports/observed-store.ts'
import type { VolatileStore } from '../../broker/ports/volatile.ts'
import { type StoreOptions, withStoreTimeout } from '../failure.ts'
import { durableStore } from '../sql/durable.ts'
import { migrate } from '../sql/migrations/migrate.ts'
import { openTables, type Tables } from '../sql/schema.ts'
import { runOn, sqliteDialect } from './dialect.ts'
import { fileFigures } from './figures.ts'
import { isBusy, openFile, openingMs, type SqliteFile } from './file.ts'
import { volatileStore } from './volatile.ts'
import { createVolatileTables } from './volatile-tables.ts'

export interface EmbeddedOptions extends StoreOptions {
  /** Path of the file. It and its directory are created when missing. */
  readonly file: string
}

export interface EmbeddedStores {
  readonly durable: DurableStore
  readonly volatile: VolatileStore
  readonly figures: () => Promise<StoreFigures>
}

/** Opens the file and brings its tables up to date. The file is closed when both stores are. */
export async function openEmbedded({ file, keyRing, now, onUnavailable }: EmbeddedOptions): Promise<EmbeddedStores> {
  const opened = await openFile(file, onUnavailable)
  const db = openTables(sqliteDialect(opened))
  await migrateOpened(opened, db)
  await opened.transaction(() => createVolatileTables(opened.database, keyRing))

  const stillOpen = new Set(['durable', 'volatile'])
  const close = (which: string) => async () => {
    if (stillOpen.delete(which) && stillOpen.size === 0) await opened.exclusive(() => opened.database.close())
  }
  const sql = {
    db,
    run: runOn(opened),
    withStoreTimeout: <T>(work: () => Promise<T>) => withStoreTimeout(opened.failure, work),
    changesTogether: false,
    passesLocked: false,
    lock: async () => {}, // SQLite runs one writing transaction at a time
  }
  return {
    durable: { ...durableStore(sql, keyRing, close('durable')), ping: () => assertWritable(opened) },
    volatile: volatileStore(opened, keyRing, now, close('volatile')),
    figures: () => fileFigures(file),
  }
}

/** Shorter than other waits, as it keeps other statements waiting. */
const lockedMs = 300

/** Reads succeed while another process keeps the file locked; sign-ins do not. */
async function assertWritable({ database, turn, failure }: SqliteFile): Promise<void> {
  const own = await turn()
  try {
    for (const deadline = performance.now() + lockedMs; ; await sleep(10)) {
      try {
        database.exec('begin immediate')
        database.exec('rollback')
        return
      } catch (error) {
        if (!isBusy(error) || performance.now() >= deadline) throw error
      }
    }
  } catch (error) {
    throw failure(error)
  } finally {
    own.release()
  }
}

/** Brings the durable tables up to date; returns the names of the migrations that ran. */
export async function migrateEmbedded({ file }: { readonly file: string }): Promise<readonly string[]> {
  const opened = await openFile(file)
  const done = await migrateOpened(opened, openTables(sqliteDialect(opened)))
  opened.database.close()
  return done
}

async function migrateOpened(opened: SqliteFile, db: Kysely<Tables>): Promise<readonly string[]> {
  for (const deadline = Date.now() + openingMs; ; await sleep(50)) {
    try {
      return await migrate(db)
    } catch (error) {
      if (isBusy(error) && Date.now() < deadline) continue // another process migrates it
      opened.database.close()
      throw opened.failure(error)
    }
  }
}
