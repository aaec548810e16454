/** Origins of sessions and the names by which an upstream ends them, in the embedded file. */
import type { NewSessionOrigin, SessionOrigin } from '../../broker/ports/volatile.ts'
import type { Session } from '../../broker/session/session.ts'
import { blindKey, revokedSeconds } from '../keys.ts'
import { storedOrigin } from '../session-codec.ts'
import { sealedOf, type VolatileFile } from './file.ts'

export function sqliteOrigins({ file, keyRing, time }: VolatileFile) {
  const { database, read } = file
  const insert = database.prepare('insert or replace into session_origins values (?, ?, ?)')
  const insertName = database.prepare('insert or replace into session_names values (?, ?, ?)')
  const recordEnded = database.prepare('insert or replace into ended_names values (?, ?, ?)')
  const findEnded = database.prepare('select 1 from ended_names where key = ? and ended_at > ?')
  const find = database.prepare('select sealed from session_origins where id = ? and ends_at > ?')
  const findNamed = database.prepare(`
    select id, sealed from sessions where id in (select session_id from session_names where key = ?) and ends_at > ?`)
  const takeNamed = database.prepare(`
    delete from sessions where id in (select session_id from session_names where key = ?) and ends_at > ?
    returning id, sealed`)
  // deletes only rows whose session is gone
  const clear = (table: string, column: string) =>
    database.prepare(
      `delete from ${table} where ${column} = :id and not exists (select 1 from sessions where sessions.id = :id)`,
    )
  const clearOrigin = clear('session_origins', 'id')
  const clearNames = clear('session_names', 'session_id')

  return {
    /** Within a transaction. False when a name was ended after `since`. */
    insert({ id, tenant, expiresAt }: Session, origin: NewSessionOrigin): boolean {
      const { names } = origin
      const since = origin.since?.getTime() ?? time()
      if (names.some((name) => findEnded.get(blindKey(tenant, name), since) !== undefined)) return false
      const end = expiresAt.getTime()
      insert.run(id, storedOrigin.seal(keyRing, origin, id), end)
      for (const name of names) insertName.run(blindKey(tenant, name), id, end)
      return true
    },
    named: (tenant: string, name: string) => read(() => findNamed.all(blindKey(tenant, name), time())),
    /** Within a transaction: deletes the sessions of this name. */
    takeNamed(tenant: string, name: string) {
      const [key, now] = [blindKey(tenant, name), time()]
      recordEnded.run(key, now, now + revokedSeconds * 1000)
      return takeNamed.all(key, now)
    },
    async find(id: string): Promise<SessionOrigin | null> {
      return storedOrigin.open(keyRing, sealedOf(await read(() => find.get(id, time()))), id)
    },
    /** Within a turn. */
    forget(rows: readonly Readonly<Record<string, unknown>>[]): void {
      for (const { id } of rows) {
        clearOrigin.run({ id: String(id) })
        clearNames.run({ id: String(id) })
      }
    },
  }
}
