/**
 * Sessions in Redis: the sealed record under its id, and an index of ids for each user. In a
 * cluster they may be on different nodes, so a session is indexed before it is stored, and stays
 * indexed until it is deleted.
 */
import type { NewSessionOrigin, Sessions } from '../../broker/ports/volatile.ts'
import { endsAt, type Session } from '../../broker/session/session.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { indexSlackSeconds, inSeconds, keys } from '../keys.ts'
import { cachingDecoder, decodeSession, encodeSession, liveSessions } from '../session-codec.ts'
import type { RedisConnection } from './connection.ts'
import { redisOrigins } from './origins.ts'

type Put = readonly [session: Session, origin: NewSessionOrigin | undefined, epoch: number]

export function redisSessions(connection: RedisConnection, keyRing: KeyRing, now: () => Date): Sessions {
  const { redis, script, one, read, several, atomicOrStepwise } = connection
  const origins = redisOrigins(connection, keyRing, now)
  const decode = cachingDecoder(keyRing)

  const secondsUntil = (time: Date) => Math.max(1, Math.ceil((time.getTime() - now().getTime()) / 1000))

  async function find(id: string): Promise<Session | null> {
    return decode(id, await read(redis.getBuffer(keys.session(id))))
  }

  async function findAll(ids: readonly string[]): Promise<readonly Session[]> {
    return (await Promise.all(ids.map(find))).filter((session) => session !== null)
  }

  const idsIn = async (index: string) => (await read(redis.zrange(index, '0', '-1'))) ?? []

  /** The ids that this call deleted. */
  async function remove(ids: readonly string[]): Promise<readonly string[]> {
    const removed = await Promise.all(ids.map((id) => redis.unlink(keys.session(id))))
    return ids.filter((_, at) => removed[at] === 1)
  }

  /** The sessions that this call deleted. */
  async function take(ids: readonly string[]): Promise<readonly Session[]> {
    const taken = await Promise.all(
      ids.map(async (id) => {
        const value = await read(redis.getdelBuffer(keys.session(id)))
        return value && decodeSession(id, value, keyRing)
      }),
    )
    return taken.filter((session) => session !== null)
  }

  /**
   * Deletes before the index forgets the ids, so a failed call can be repeated; and again after it.
   * A session that is stored in between is deleted by the second pass, or finds itself missing from
   * the index.
   */
  async function removeIndexed<T>(
    index: string,
    ids: readonly string[],
    removeThem: (ids: readonly string[]) => Promise<readonly T[]>,
  ): Promise<readonly T[]> {
    const removed = await removeThem(ids)
    await redis.zrem(index, ...ids)
    return [...removed, ...(await removeThem(ids))]
  }

  async function putAtomically(...[session, origin, epoch]: Put): Promise<boolean> {
    const { id, tenant, userId } = session
    const ofOrigin = origin === undefined ? { keys: [], values: [] } : origins.record(session, origin)
    const ofUser = [keys.userSessions(tenant, userId), keys.userEpoch(tenant, userId)]
    const places = [keys.session(id), ...ofUser, ...ofOrigin.keys]
    const [end, value] = [endsAt(session), encodeSession(session, keyRing)]
    const values = [id, inSeconds(now()), value, secondsUntil(end), inSeconds(end), epoch, ...ofOrigin.values]
    return (await script('putSession', places, ...values)) === 1
  }

  /** The epoch is read after the session is indexed, where a later `deleteAll` finds it. */
  async function putStepwise(...[session, origin, epoch]: Put): Promise<boolean> {
    const { id, tenant, userId } = session
    const index = keys.userSessions(tenant, userId)
    const end = endsAt(session)
    const value = encodeSession(session, keyRing)
    const indexed = script('indexSession', [index], id, inSeconds(end), inSeconds(now()))
    await Promise.all(origin === undefined ? [indexed] : [indexed, origins.put(session, origin)])
    await redis.set(keys.session(id), value, 'EX', secondsUntil(end))
    const [minEpoch, isEnded, ...scores] = await Promise.all([
      read(redis.get(keys.userEpoch(tenant, userId))),
      origin === undefined ? false : origins.isEnded(tenant, origin),
      redis.zscore(index, id),
      ...(origin === undefined ? [] : origins.scores(session, origin)),
    ])
    // missing from an index: a concurrent call deleted its sessions, and may have missed this one
    if (!isEnded && Number(minEpoch ?? 0) <= epoch && scores.every((score) => score !== null)) return true
    await redis.unlink(keys.session(id))
    await redis.zrem(index, id)
    if (origin !== undefined) await origins.forget(tenant, [id])
    return false
  }

  return {
    put: (session, origin, epoch = 0) => {
      const put: Put = [session, origin, epoch]
      return atomicOrStepwise(
        () => putAtomically(...put),
        () => putStepwise(...put),
      )
    },

    raiseEpoch: async (tenant, userId, epoch) => {
      await one(script('raiseEpoch', [keys.userEpoch(tenant, userId)], epoch))
    },

    find,

    touch: (session, lastSeenAt, expiresAt) =>
      several(async () => {
        const { id, tenant, userId } = session
        const index = keys.userSessions(tenant, userId)
        await script('extendSession', [index], id, inSeconds(expiresAt), inSeconds(now()))
        // sealed again, under the newest key; XX: an ended session stays ended
        const value = encodeSession({ ...session, lastSeenAt }, keyRing)
        await redis.set(keys.session(id), value, 'EX', secondsUntil(expiresAt), 'XX')
      }),

    delete: ({ id, tenant, userId }) =>
      several(async () => {
        const deleted = await redis.unlink(keys.session(id))
        await Promise.all([redis.zrem(keys.userSessions(tenant, userId), id), origins.forget(tenant, [id])])
        return deleted === 1
      }),

    list: (tenant, userId) =>
      several(async () => {
        const index = keys.userSessions(tenant, userId)
        const time = inSeconds(now())
        const sessions = await findAll(await idsIn(index))
        // expired ids only: an id without a session may belong to one that is being stored
        await read(redis.zremrangebyscore(index, '-inf', time - indexSlackSeconds))
        return liveSessions(sessions, now())
      }),

    deleteAll: (tenant, userId, exceptId) =>
      several(async () => {
        const index = keys.userSessions(tenant, userId)
        const ids = (await idsIn(index)).filter((id) => id !== exceptId)
        if (ids.length === 0) return 0
        const removed = await removeIndexed(index, ids, remove)
        await origins.forget(tenant, ids)
        return removed.length
      }),

    findByName: (tenant, name) => several(async () => findAll(await idsIn(keys.namedSessions(tenant, name)))),

    deleteByName: (tenant, name) =>
      several(async () => {
        const index = keys.namedSessions(tenant, name)
        // first: a concurrent login is indexed by now, or sees this
        await origins.recordEnded(tenant, name)
        const ids = await idsIn(index)
        if (ids.length === 0) return []
        const taken = await removeIndexed(index, ids, take)
        await Promise.all(taken.map(({ id, userId }) => redis.zrem(keys.userSessions(tenant, userId), id)))
        await origins.forget(tenant, ids)
        return taken
      }),

    origin: (id) => several(() => origins.find(id)),
  }
}
