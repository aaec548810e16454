/** What is kept beside sessions in the embedded file, and the names by which an upstream ends them. Written with the session, or not at all. */
import type { SessionOrigin } from '../../broker/ports.ts'
import type { Session } from '../../broker/session.ts'
import { blindKey } from '../one-time-codec.ts'
import { openOrigin, sealOrigin } from '../origin-codec.ts'
import { blob, type VolatileFile } from './volatile.ts'

export function sqliteOrigins({ file, keyRing, now }: VolatileFile) {
  const { database, glance } = file
  const insert = database.prepare('insert or replace into session_origins values (?, ?, ?)')
  const insertName = database.prepare('insert or replace into session_names values (?, ?, ?)')
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
    /** Within a transaction. */
    note({ id, tenant, expiresAt }: Session, origin: SessionOrigin): void {
      const end = expiresAt.getTime()
      insert.run(id, sealOrigin(keyRing, id, origin), end)
      for (const name of origin.names) insertName.run(blindKey(tenant, name), id, end)
    },
    named: (tenant: string, name: string) => glance(() => findNamed.all(blindKey(tenant, name), now().getTime())),
    /** Within a transaction: removes the sessions of this name. */
    takeNamed: (tenant: string, name: string) => takeNamed.all(blindKey(tenant, name), now().getTime()),
    async find(id: string): Promise<SessionOrigin | null> {
      const sealed = blob((await glance(() => find.get(id, now().getTime())))?.['sealed'])
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
