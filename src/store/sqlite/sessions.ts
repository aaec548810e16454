/** Sessions in the embedded file: one row each, which is its user's list as well. */
import type { Sessions } from '../../broker/ports/sessions.ts'
import { endsAt, isLive } from '../../broker/session/session.ts'
import { blindKey } from '../one-time-codec.ts'
import { decodeSession, encodeSession } from '../session-codec.ts'
import { sqliteOrigins } from './origins.ts'
import { blob, inTransaction, revokedMs, type VolatileFile } from './volatile.ts'

export function sqliteSessions(on: VolatileFile): Sessions {
  const { file, keyRing, now } = on
  const { database, exclusive, read: readNow } = file
  const origins = sqliteOrigins(on)
  const insert = database.prepare('insert into sessions values (?, ?, ?, ?, ?)')
  const oldest = database.prepare('select epoch from user_epochs where key = ? and ends_at > ?')
  const raise = database.prepare(`
    insert into user_epochs values (?, ?, ?) on conflict (key) do update
    set epoch = max(epoch, excluded.epoch), ends_at = excluded.ends_at`)
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
    put: (session, origin, epoch = 0) => {
      const { id, tenant, userId } = session
      const sealed = encodeSession(session, keyRing)
      // one transaction: no endAll, no endNamed and no raiseEpoch can come in between
      return exclusive(() =>
        inTransaction(database, () => {
          if (Number(oldest.get(blindKey(tenant, userId), time())?.['epoch'] ?? 0) > epoch) return false
          if (origin !== undefined && !origins.note(session, origin)) return false
          insert.run(id, tenant, userId, sealed, endsAt(session).getTime())
          return true
        }),
      )
    },
    raiseEpoch: async (tenant, userId, epoch) => {
      await exclusive(() => raise.run(blindKey(tenant, userId), epoch, time() + revokedMs))
    },
    find: async (id) => {
      const sealed = blob((await readNow(() => find.get(id, time())))?.['sealed'])
      return sealed && decodeSession(id, sealed, keyRing)
    },
    touch: async (session, seenAt, expiresAt) => {
      const sealed = encodeSession({ ...session, seenAt }, keyRing)
      await exclusive(() => touch.run(sealed, expiresAt.getTime(), session.id, time()))
    },
    delete: ({ id }) =>
      exclusive(() =>
        inTransaction(database, () => {
          const ended = end.run(id, time()).changes === 1
          origins.forget([id])
          return ended
        }),
      ),
    list: async (tenant, userId) => {
      const rows = await exclusive(() => {
        clear.run(tenant, userId, time())
        return list.all(tenant, userId)
      })
      return rows
        .map(opened)
        .filter((session) => session !== null)
        .filter((session) => isLive(session, now()))
        .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime())
    },
    deleteAll: (tenant, userId, exceptId = '') =>
      exclusive(() =>
        inTransaction(database, () => {
          const ended = endAll.all(tenant, userId, exceptId, time())
          origins.forget(ended.map(({ id }) => String(id)))
          return ended.length
        }),
      ),
    findByName: async (tenant, name) =>
      (await origins.named(tenant, name)).map(opened).filter((session) => session !== null),
    deleteByName: async (tenant, name) => {
      const ended = await exclusive(() =>
        inTransaction(database, () => {
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
