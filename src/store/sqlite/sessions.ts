/** Sessions in the embedded file, one row each. */
import type { Sessions } from '../../broker/ports/volatile.ts'
import { endsAt, type Session } from '../../broker/session/session.ts'
import { blindKey, revokedSeconds } from '../keys.ts'
import { decodeSession, encodeSession, liveSessions } from '../session-codec.ts'
import { sealedOf, type VolatileFile } from './file.ts'
import { sqliteOrigins } from './origins.ts'

export function sqliteSessions(on: VolatileFile): Sessions {
  const { file, keyRing, now, time } = on
  const { database, exclusive, transaction, read } = file
  const origins = sqliteOrigins(on)
  const insert = database.prepare('insert into sessions values (?, ?, ?, ?, ?)')
  const findEpoch = database.prepare('select epoch from user_epochs where key = ? and ends_at > ?')
  const raiseEpoch = database.prepare(`
    insert into user_epochs values (?, ?, ?) on conflict (key) do update
    set epoch = max(epoch, excluded.epoch), ends_at = excluded.ends_at`)
  const find = database.prepare('select sealed from sessions where id = ? and ends_at > ?')
  const touch = database.prepare('update sessions set sealed = ?, ends_at = ? where id = ? and ends_at > ?')
  const remove = database.prepare('delete from sessions where id = ? and ends_at > ?')
  const clear = database.prepare('delete from sessions where tenant = ? and user_id = ? and ends_at <= ?')
  const list = database.prepare('select id, sealed from sessions where tenant = ? and user_id = ?')
  const removeAll = database.prepare(
    'delete from sessions where tenant = ? and user_id = ? and id <> ? and ends_at > ? returning id',
  )

  function opened(rows: readonly Readonly<Record<string, unknown>>[]): readonly Session[] {
    const sessions = rows.map((row) => decodeSession(String(row['id']), sealedOf(row) ?? Buffer.alloc(0), keyRing))
    return sessions.filter((session) => session !== null)
  }

  return {
    put: (session, origin, epoch = 0) => {
      const { id, tenant, userId } = session
      const sealed = encodeSession(session, keyRing)
      return transaction(() => {
        if (Number(findEpoch.get(blindKey(tenant, userId), time())?.['epoch'] ?? 0) > epoch) return false
        if (origin !== undefined && !origins.insert(session, origin)) return false
        insert.run(id, tenant, userId, sealed, endsAt(session).getTime())
        return true
      })
    },
    raiseEpoch: async (tenant, userId, epoch) => {
      await exclusive(() => raiseEpoch.run(blindKey(tenant, userId), epoch, time() + revokedSeconds * 1000))
    },
    find: async (id) => {
      const sealed = sealedOf(await read(() => find.get(id, time())))
      return sealed && decodeSession(id, sealed, keyRing)
    },
    touch: async (session, lastSeenAt, expiresAt) => {
      const sealed = encodeSession({ ...session, lastSeenAt }, keyRing)
      await exclusive(() => touch.run(sealed, expiresAt.getTime(), session.id, time()))
    },
    delete: ({ id }) =>
      transaction(() => {
        const isDeleted = remove.run(id, time()).changes === 1
        origins.forget([{ id }])
        return isDeleted
      }),
    list: async (tenant, userId) => {
      const rows = await exclusive(() => {
        clear.run(tenant, userId, time())
        return list.all(tenant, userId)
      })
      return liveSessions(opened(rows), now())
    },
    deleteAll: (tenant, userId, exceptId = '') =>
      transaction(() => {
        const rows = removeAll.all(tenant, userId, exceptId, time())
        origins.forget(rows)
        return rows.length
      }),
    findByName: async (tenant, name) => opened(await origins.named(tenant, name)),
    deleteByName: async (tenant, name) => {
      const rows = await transaction(() => {
        const taken = origins.takeNamed(tenant, name)
        origins.forget(taken)
        return taken
      })
      return opened(rows)
    },
    origin: (id) => origins.find(id),
  }
}
