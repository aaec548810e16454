/**
 * What is kept beside sessions in Redis, and the index by which an upstream ends them. Only sessions put with an origin have either.
 * Both live until the session's absolute limit, so that touching a session, which happens all the time, need not touch them.
 */
import type { NewSessionOrigin, SessionOrigin } from '../../broker/ports/sessions.ts'
import type { Session } from '../../broker/session/session.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { openOrigin, sealOrigin } from '../origin-codec.ts'
import type { RedisConnection } from './connection.ts'
import { keys, revokedSeconds } from './keys.ts'

export interface Origins {
  /** For `putSession`: the record's key and those of the names and their marks; the record, its end, and since when no name was ended. */
  record(
    session: Session,
    origin: NewSessionOrigin,
  ): { readonly keys: readonly string[]; readonly values: [Buffer, number, number] }
  /** To be done before the session is there: whoever ends by a name must find all that come to be. */
  note(session: Session, origin: SessionOrigin): Promise<unknown>
  /** Each answers null when a name no longer leads to the session: it was ended while it came to be. */
  scores(session: Session, origin: SessionOrigin): readonly Promise<unknown>[]
  /** Of a session that is put step by step: whether a name of it was ended since the upstream's answer came. */
  isEnded(tenant: string, origin: NewSessionOrigin): Promise<boolean>
  recordEnded(tenant: string, name: string): Promise<void>
  find(id: string): Promise<SessionOrigin | null>
  forget(tenant: string, ids: readonly string[]): Promise<void>
}

export function redisOrigins({ redis, read }: RedisConnection, keyRing: KeyRing, now: () => Date): Origins {
  const inSeconds = (time: Date) => Math.ceil(time.getTime() / 1000)

  async function find(id: string): Promise<SessionOrigin | null> {
    const sealed = await read(redis.getBuffer(keys.sessionOrigin(id)))
    return sealed && openOrigin(keyRing, id, sealed)
  }

  async function forgetOne(tenant: string, id: string): Promise<void> {
    const origin = await find(id)
    if (origin === null) return
    await Promise.all(origin.names.map((name) => redis.zrem(keys.namedSessions(tenant, name), id)))
    await redis.unlink(keys.sessionOrigin(id))
  }

  return {
    record: ({ id, tenant, expiresAt }, origin) => ({
      keys: [
        keys.sessionOrigin(id),
        ...origin.names.map((name) => keys.namedSessions(tenant, name)),
        ...origin.names.map((name) => keys.nameEnded(tenant, name)),
      ],
      values: [sealOrigin(keyRing, id, origin), inSeconds(expiresAt), (origin.since ?? now()).getTime()],
    }),
    note({ id, tenant, expiresAt }, origin) {
      const [end, time] = [inSeconds(expiresAt), inSeconds(now())]
      const sealed = sealOrigin(keyRing, id, origin)
      return Promise.all([
        redis.set(keys.sessionOrigin(id), sealed, 'EX', Math.max(1, end - time)),
        ...origin.names.map((name) => redis.noteSession(keys.namedSessions(tenant, name), id, end, time)),
      ])
    },
    scores: ({ id, tenant }, { names }) => names.map((name) => redis.zscore(keys.namedSessions(tenant, name), id)),
    async isEnded(tenant, { names, since = now() }) {
      const ended = await Promise.all(names.map((name) => read(redis.get(keys.nameEnded(tenant, name)))))
      return ended.some((at) => Number(at ?? 0) > since.getTime())
    },
    async recordEnded(tenant, name) {
      await redis.set(keys.nameEnded(tenant, name), now().getTime(), 'EX', revokedSeconds)
    },
    find,
    async forget(tenant, ids) {
      await Promise.all(ids.map((id) => forgetOne(tenant, id)))
    },
  }
}
