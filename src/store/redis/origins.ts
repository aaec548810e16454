/**
 * Origins of sessions in Redis, and the index by which an upstream ends them. Only sessions put
 * with an origin have either. Both live until the session's absolute limit, so touching a session
 * does not touch them.
 */
import type { NewSessionOrigin, SessionOrigin } from '../../broker/ports/volatile.ts'
import type { Session } from '../../broker/session/session.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { inSeconds, keys, revokedSeconds } from '../keys.ts'
import { storedOrigin } from '../session-codec.ts'
import type { RedisConnection } from './connection.ts'

export function redisOrigins({ redis, script, read }: RedisConnection, keyRing: KeyRing, now: () => Date) {
  async function find(id: string): Promise<SessionOrigin | null> {
    return storedOrigin.open(keyRing, await read(redis.getBuffer(keys.sessionOrigin(id))), id)
  }

  async function forgetOne(tenant: string, id: string): Promise<void> {
    const origin = await find(id)
    if (origin === null) return
    await Promise.all(origin.names.map((name) => redis.zrem(keys.namedSessions(tenant, name), id)))
    await redis.unlink(keys.sessionOrigin(id))
  }

  return {
    /** Keys and values for `putSession`. */
    record: ({ id, tenant, expiresAt }: Session, origin: NewSessionOrigin) => ({
      keys: [
        keys.sessionOrigin(id),
        ...origin.names.map((name) => keys.namedSessions(tenant, name)),
        ...origin.names.map((name) => keys.nameEnded(tenant, name)),
      ],
      values: [storedOrigin.seal(keyRing, origin, id), inSeconds(expiresAt), (origin.since ?? now()).getTime()],
    }),
    /** Call it before the session is stored, so that `deleteByName` misses none. */
    put({ id, tenant, expiresAt }: Session, origin: SessionOrigin): Promise<unknown> {
      const [end, time] = [inSeconds(expiresAt), inSeconds(now())]
      const sealed = storedOrigin.seal(keyRing, origin, id)
      return Promise.all([
        redis.set(keys.sessionOrigin(id), sealed, 'EX', Math.max(1, end - time)),
        ...origin.names.map((name) => script('indexSession', [keys.namedSessions(tenant, name)], id, end, time)),
      ])
    },
    /** Null for each name whose sessions were ended meanwhile. */
    scores: ({ id, tenant }: Session, { names }: SessionOrigin) =>
      names.map((name) => redis.zscore(keys.namedSessions(tenant, name), id)),
    /** Whether a name was ended after `since`. */
    async isEnded(tenant: string, { names, since = now() }: NewSessionOrigin): Promise<boolean> {
      const ended = await Promise.all(names.map((name) => read(redis.get(keys.nameEnded(tenant, name)))))
      return ended.some((at) => Number(at ?? 0) > since.getTime())
    },
    async recordEnded(tenant: string, name: string): Promise<void> {
      await redis.set(keys.nameEnded(tenant, name), now().getTime(), 'EX', revokedSeconds)
    },
    find,
    async forget(tenant: string, ids: readonly string[]): Promise<void> {
      await Promise.all(ids.map((id) => forgetOne(tenant, id)))
    },
  }
}
