/** What is kept beside sessions in the embedded file, and the names by which an upstream ends them. Written with the session, or not at all. */
import type { NewSessionOrigin, SessionOrigin } from '../../broker/ports/sessions.ts'
import type { Session } from '../../broker/session/session.ts'
import { blindKey } from '../one-time-codec.ts'
import { openOrigin, sealOrigin } from '../origin-codec.ts'
import { blob, revokedMs, type VolatileFile } from './volatile.ts'

export function sqliteOrigins({ file, keyRing, now }: VolatileFile) {
  const { database, read: readNow } = file
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
  // whatever has no session any more: ended here, by another process, or by itself
  const clear = (table: string, column: string) =>
    database.prepare(
      `delete from ${table} where ${column} = :id and not exists (select 1 from sessions where sessions.id = :id)`,
    )
  const clearOrigin = clear('session_origins', 'id')
  const clearNames = clear('session_names', 'session_id')

  return {
    /** Within a transaction. False, and nothing stored, when a name was ended since the upstream's answer came. */
    note({ id, tenant, expiresAt }: Session, origin: NewSessionOrigin): boolean {
      const { names, since = now() } = origin
      const isEnded = (name: string) => findEnded.get(blindKey(tenant, name), since.getTime()) !== undefined
      if (names.some(isEnded)) return false
      const end = expiresAt.getTime()
      insert.run(id, sealOrigin(keyRing, id, origin), end)
      for (const name of names) insertName.run(blindKey(tenant, name), id, end)
      return true
    },
    named: (tenant: string, name: string) => readNow(() => findNamed.all(blindKey(tenant, name), now().getTime())),
    /** Within a transaction: removes the sessions of this name. */
    takeNamed: (tenant: string, name: string) => {
      const time = now().getTime()
      recordEnded.run(blindKey(tenant, name), time, time + revokedMs)
      return takeNamed.all(blindKey(tenant, name), time)
    },
    async find(id: string): Promise<SessionOrigin | null> {
      const sealed = blob((await readNow(() => find.get(id, now().getTime())))?.['sealed'])
      return sealed && openOrigin(keyRing, id, sealed)
    },
    /** Within a turn. */
    forget(ids: readonly string[]): void {
      for (const id of ids) {
        clearOrigin.run({ id })
        clearNames.run({ id })
      }
    },
  }
}
