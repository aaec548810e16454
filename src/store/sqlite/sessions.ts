/** Sessions in the embedded file: one row each, which is its user's list as well. */
import type { Sessions } from '../../broker/ports.ts'
import { endsAt, isLive } from '../../broker/session.ts'
import { decodeSession, encodeSession } from '../session-codec.ts'
import { sqliteOrigins } from './origins.ts'
import { atOnce, blob, type VolatileFile } from './volatile.ts'

export function sqliteSessions(on: VolatileFile): Sessions {
  const { file, keyRing, now } = on
  const { database, alone, glance } = file
  const origins = sqliteOrigins(on)
  const insert = database.prepare('insert into sessions values (?, ?, ?, ?, ?)')
  const find = database.prepare('select sealed from sessions where id = ? and ends_at > ?')
  const touch = database.prepare('update sessions set sealed = ?, ends_at = ? where id = ? and ends_at > ?')
  const end = database.prepare('delete from sessions where id = ? and ends_at > ?')
  const clear = database.prepare('delete from sessions where tenant = ? and user_id = ? and ends_at <= ?')
  const list = database.prepare('select id, sealed from sessions where tenant = ? and user_id = ?')
  const endAll = database.prepare(
    'delete from sessions where tenant = ? and user_id = ? and id <> ? and ends_at > ? returning id',
  )
  const time = () => now().getTime()
  const opened = ({ id, sealed }: Record<string, unknown>) =>
    decodeSession(String(id), blob(sealed) ?? Buffer.alloc(0), keyRing)

  return {
    put: async (session, origin) => {
      const { id, tenant, userId } = session
      const sealed = encodeSession(session, keyRing)
      const put = () => insert.run(id, tenant, userId, sealed, endsAt(session).getTime())
      // one statement or one transaction: no endAll, no endNamed can come in between
      if (origin === undefined) await alone(put)
      else await alone(() => atOnce(database, () => [origins.note(session, origin), put()]))
      return true
    },
    find: async (id) => {
      const sealed = blob((await glance(() => find.get(id, time())))?.['sealed'])
      return sealed && decodeSession(id, sealed, keyRing)
    },
    touch: async (session, seenAt, expiresAt) => {
      const sealed = encodeSession({ ...session, seenAt }, keyRing)
      await alone(() => touch.run(sealed, expiresAt.getTime(), session.id, time()))
    },
    end: ({ id }) =>
      alone(() =>
        atOnce(database, () => {
          const ended = end.run(id, time()).changes === 1
          origins.forget([id])
          return ended
        }),
      ),
    list: async (tenant, userId) => {
      const rows = await alone(() => {
        clear.run(tenant, userId, time())
        return list.all(tenant, userId)
      })
      return rows
        .map(opened)
        .filter((session) => session !== null)
        .filter((session) => isLive(session, now()))
        .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime())
    },
    endAll: (tenant, userId, exceptId = '') =>
      alone(() =>
        atOnce(database, () => {
          const ended = endAll.all(tenant, userId, exceptId, time())
          origins.forget(ended.map(({ id }) => String(id)))
          return ended.length
        }),
      ),
    named: async (tenant, name) =>
      (await origins.named(tenant, name)).map(opened).filter((session) => session !== null),
    endNamed: async (tenant, name) => {
      const ended = await alone(() =>
        atOnce(database, () => {
          const rows = origins.takeNamed(tenant, name)
          origins.forget(rows.map(({ id }) => String(id)))
          return rows
        }),
      )
      return ended.map(opened).filter((session) => session !== null)
    },
    origin: (id) => origins.find(id),
  }
}
