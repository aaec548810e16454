/** Sessions in the embedded file: one row each, which is its user's list as well. */
import type { Sessions } from '../../broker/ports.ts'
import { endsAt, isLive } from '../../broker/session.ts'
import { decodeSession, encodeSession } from '../session-codec.ts'
import { blob, type VolatileFile } from './volatile.ts'

export function sqliteSessions({ file, keyRing, now }: VolatileFile): Sessions {
  const { database, alone, glance } = file
  const insert = database.prepare('insert into sessions values (?, ?, ?, ?, ?)')
  const find = database.prepare('select sealed from sessions where id = ? and ends_at > ?')
  const touch = database.prepare('update sessions set sealed = ?, ends_at = ? where id = ? and ends_at > ?')
  const end = database.prepare('delete from sessions where id = ? and ends_at > ?')
  const clear = database.prepare('delete from sessions where tenant = ? and user_id = ? and ends_at <= ?')
  const list = database.prepare('select id, sealed from sessions where tenant = ? and user_id = ?')
  const endAll = database.prepare('delete from sessions where tenant = ? and user_id = ? and id <> ? and ends_at > ?')
  const time = () => now().getTime()

  return {
    put: async (session) => {
      const { id, tenant, userId } = session
      const sealed = encodeSession(session, keyRing)
      await alone(() => insert.run(id, tenant, userId, sealed, endsAt(session).getTime()))
      return true // one statement: no endAll can come in between
    },
    find: async (id) => {
      const sealed = blob((await glance(() => find.get(id, time())))?.['sealed'])
      return sealed && decodeSession(id, sealed, keyRing)
    },
    touch: async (session, seenAt, expiresAt) => {
      const sealed = encodeSession({ ...session, seenAt }, keyRing)
      await alone(() => touch.run(sealed, expiresAt.getTime(), session.id, time()))
    },
    end: ({ id }) => alone(() => end.run(id, time()).changes === 1),
    list: async (tenant, userId) => {
      const rows = await alone(() => {
        clear.run(tenant, userId, time())
        return list.all(tenant, userId)
      })
      return rows
        .map(({ id, sealed }) => decodeSession(String(id), blob(sealed) ?? Buffer.alloc(0), keyRing))
        .filter((session) => session !== null)
        .filter((session) => isLive(session, now()))
        .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime())
    },
    endAll: (tenant, userId, exceptId = '') =>
      alone(() => Number(endAll.run(tenant, userId, exceptId, time()).changes)),
  }
}
