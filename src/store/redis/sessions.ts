/**
 * Sessions in Redis: the sealed record under its id, and an index of ids for each user. The two may live on different nodes, so the
 * order of steps keeps them true: the index knows of a session before it exists, and never forgets it before it is gone.
 */
import type { NewSessionOrigin, Sessions } from '../../broker/ports/sessions.ts'
import { endsAt, isLive, type Session } from '../../broker/session/session.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { cachingDecoder, decodeSession, encodeSession } from '../session-codec.ts'
import { isCrossSlot, type RedisConnection } from './connection.ts'
import { indexSlackSeconds, keys } from './keys.ts'
import { redisOrigins } from './origins.ts'

export function redisSessions(connection: RedisConnection, keyRing: KeyRing, now: () => Date): Sessions {
  const { redis, one, read, several } = connection
  const origins = redisOrigins(connection, keyRing, now)

  const decode = cachingDecoder(keyRing)
  let isSharded = redis.isCluster

  async function find(id: string): Promise<Session | null> {
    return decode(id, await read(redis.getBuffer(keys.session(id))))
  }

  async function remove(ids: readonly string[]): Promise<number> {
    const removed = await Promise.all(ids.map((id) => redis.unlink(keys.session(id))))
    return removed.reduce((sum, count) => sum + count, 0)
  }

  /** Removes them; those that were there, each for one caller only. */
  async function take(ids: readonly string[]): Promise<readonly Session[]> {
    const taken = await Promise.all(
      ids.map(async (id) => {
        const value = await read(redis.getdelBuffer(keys.session(id)))
        return value && decodeSession(id, value, keyRing)
      }),
    )
    return taken.filter((session) => session !== null)
  }

  const secondsUntil = (time: Date) => Math.max(1, Math.ceil((time.getTime() - now().getTime()) / 1000))
  const inSeconds = (time: Date) => Math.ceil(time.getTime() / 1000)

  /** One server does it all at once: a tenth of the commands, and nobody comes between. */
  async function putAtomically(
    session: Session,
    origin: NewSessionOrigin | undefined,
    epoch: number,
  ): Promise<boolean> {
    const { id, tenant, userId } = session
    const beside = origin === undefined ? { keys: [], values: [] } : origins.record(session, origin)
    const ofUser = [keys.userSessions(tenant, userId), keys.userEpoch(tenant, userId)]
    const places = [keys.session(id), ...ofUser, ...beside.keys]
    const [end, value] = [endsAt(session), encodeSession(session, keyRing)]
    const values = [id, inSeconds(now()), value, secondsUntil(end), inSeconds(end), epoch, ...beside.values]
    return (await redis.putSession(places.length, ...places, ...values)) === 1
  }

  /** The epoch is compared after the session is in the index: who raises it later finds the session there. */
  async function putStepwise(session: Session, origin: NewSessionOrigin | undefined, epoch: number): Promise<boolean> {
    const { id, tenant, userId } = session
    const index = keys.userSessions(tenant, userId)
    const end = endsAt(session)
    const value = encodeSession(session, keyRing)
    const note = redis.noteSession(index, id, inSeconds(end), inSeconds(now()))
    await Promise.all(origin === undefined ? [note] : [note, origins.note(session, origin)])
    await redis.set(keys.session(id), value, 'EX', secondsUntil(end))
    const named = origin === undefined ? [] : origins.scores(session, origin)
    const [oldest, isEnded, ...scores] = await Promise.all([
      read(redis.get(keys.userEpoch(tenant, userId))),
      origin === undefined ? false : origins.isEnded(tenant, origin),
      redis.zscore(index, id),
      ...named,
    ])
    // gone from an index: the sessions of it were ended between these steps, and this one might have been missed
    if (!isEnded && Number(oldest ?? 0) <= epoch && scores.every((score) => score !== null)) return true
    await redis.unlink(keys.session(id))
    await redis.zrem(index, id)
    if (origin !== undefined) await origins.forget(tenant, [id])
    return false
  }

  return {
    put: (session, origin, epoch = 0) =>
      several(async () => {
        if (isSharded) return putStepwise(session, origin, epoch)
        try {
          return await putAtomically(session, origin, epoch)
        } catch (error) {
          if (!isCrossSlot(error)) throw error
          isSharded = true // behind one address, by a proxy
          return putStepwise(session, origin, epoch)
        }
      }),

    raiseEpoch: async (tenant, userId, epoch) => {
      await one(redis.raiseEpoch(keys.userEpoch(tenant, userId), epoch))
    },

    find,

    touch: (session, seenAt, expiresAt) =>
      several(async () => {
        const { id, tenant, userId } = session
        await redis.prolongNote(keys.userSessions(tenant, userId), id, inSeconds(expiresAt), inSeconds(now()))
        // sealed anew, so under the newest key; XX: an ended session stays ended
        const value = encodeSession({ ...session, seenAt }, keyRing)
        await redis.set(keys.session(id), value, 'EX', secondsUntil(expiresAt), 'XX')
      }),

    delete: ({ id, tenant, userId }) =>
      several(async () => {
        const ended = await redis.unlink(keys.session(id))
        await Promise.all([redis.zrem(keys.userSessions(tenant, userId), id), origins.forget(tenant, [id])])
        return ended === 1
      }),

    list: (tenant, userId) =>
      several(async () => {
        const index = keys.userSessions(tenant, userId)
        const time = inSeconds(now())
        const ids = (await read(redis.zrange(index, '0', '-1'))) ?? []
        const found = await Promise.all(ids.map(find))
        // only what ended by itself: one that is not found yet may be on its way in
        await read(redis.zremrangebyscore(index, '-inf', time - indexSlackSeconds))
        return found
          .filter((session) => session !== null)
          .filter((session) => isLive(session, now()))
          .sort((one, other) => other.createdAt.getTime() - one.createdAt.getTime())
      }),

    deleteAll: (tenant, userId, exceptId) =>
      several(async () => {
        const index = keys.userSessions(tenant, userId)
        const ids = ((await read(redis.zrange(index, '0', '-1'))) ?? []).filter((id) => id !== exceptId)
        if (ids.length === 0) return 0
        // first while the index still knows them, so that a failure half way can be repeated
        const ended = await remove(ids)
        await redis.zrem(index, ...ids)
        // again: one that came in meanwhile was either seen by this, or sees itself that it is off the index
        const [late] = await Promise.all([remove(ids), origins.forget(tenant, ids)])
        return ended + late
      }),

    findByName: (tenant, name) =>
      several(async () => {
        const ids = (await read(redis.zrange(keys.namedSessions(tenant, name), '0', '-1'))) ?? []
        const found = await Promise.all(ids.map(find))
        return found.filter((session) => session !== null)
      }),

    deleteByName: (tenant, name) =>
      several(async () => {
        const index = keys.namedSessions(tenant, name)
        await origins.recordEnded(tenant, name) // first: a login under way is in the index by now, or sees this
        const ids = (await read(redis.zrange(index, '0', '-1'))) ?? []
        if (ids.length === 0) return []
        // the same order as endAll, for the same reasons
        const ended = await take(ids)
        await redis.zrem(index, ...ids)
        const late = await take(ids)
        await Promise.all(
          [...ended, ...late].map(({ id, userId }) => redis.zrem(keys.userSessions(tenant, userId), id)),
        )
        await origins.forget(tenant, ids)
        return [...ended, ...late]
      }),

    origin: (id) => several(() => origins.find(id)),
  }
}
