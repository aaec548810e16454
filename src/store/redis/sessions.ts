/**
 * Sessions in Redis: the sealed record under its id, and an index of ids for each user. In a
 * cluster they may be on different nodes, so a session is indexed before it is stored, and stays
 * indexed until it is deleted.
 */
import type { Sessions } from '../../broker/ports/volatile.ts'
import { endsAt, type Session } from '../../broker/session/session.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { indexSlackSeconds, inSeconds, keys, revokedSeconds } from '../keys.ts'
import { cachingDecoder, decodeSession, encodeSession, liveSessions, storedOrigin } from '../session-codec.ts'
import type { RedisConnection } from './connection.ts'

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)
const secondsUntil = (time: Date, now: Date) => Math.max(1, Math.ceil((time.getTime() - now.getTime()) / 1000))

function putIn(connection: RedisConnection, keyRing: KeyRing, now: () => Date): Sessions['put'] {
  const { redis, script, read, atomicOrStepwise } = connection
  // the origin and its index by name live until the absolute limit: a touch does not touch them
  return (session, origin, epoch = 0) => {
    const { id, tenant, userId, expiresAt } = session
    const [end, limit, time] = [inSeconds(endsAt(session)), inSeconds(expiresAt), inSeconds(now())]
    const [key, value] = [keys.session(id), encodeSession(session, keyRing)]
    const seconds = secondsUntil(endsAt(session), now())
    const [index, epochKey] = [keys.userSessions(tenant, userId), keys.userEpoch(tenant, userId)]
    const named = (origin?.names ?? []).map((name) => keys.namedSessions(tenant, name))
    const ends = (origin?.names ?? []).map((name) => keys.nameEnded(tenant, name))
    const since = (origin?.since ?? now()).getTime()
    const sealed = origin && storedOrigin.seal(keyRing, origin, id)

    async function putAtomically(): Promise<boolean> {
      const ofOrigin = sealed === undefined ? [] : [keys.sessionOrigin(id), ...named, ...ends]
      const values = [id, time, value, seconds, end, epoch, ...(sealed === undefined ? [] : [sealed, limit, since])]
      return (await script('putSession', [key, index, epochKey, ...ofOrigin], ...values)) === 1
    }

    /** Indexes before it stores, so that a deletion misses none; then checks for changes. */
    async function putStepwise(): Promise<boolean> {
      await Promise.all([
        script('indexSession', [index], id, end, time),
        ...named.map((each) => script('indexSession', [each], id, limit, time)),
        sealed && redis.set(keys.sessionOrigin(id), sealed, 'EX', secondsUntil(expiresAt, now())),
      ])
      await redis.set(key, value, 'EX', seconds)
      const [minEpoch, endTimes, scores] = await Promise.all([
        read(redis.get(epochKey)),
        Promise.all(ends.map((each) => read(redis.get(each)))),
        Promise.all([index, ...named].map((each) => redis.zscore(each, id))),
      ])
      const isEnded = Number(minEpoch ?? 0) > epoch || endTimes.some((at) => Number(at ?? 0) > since)
      // missing from an index: a concurrent call deleted its sessions, and may have missed this one
      if (!isEnded && !scores.includes(null)) return true
      await Promise.all([redis.unlink(key), ...[index, ...named].map((each) => redis.zrem(each, id))])
      if (sealed !== undefined) await redis.unlink(keys.sessionOrigin(id))
      return false
    }

    return atomicOrStepwise(putAtomically, putStepwise)
  }
}

export function redisSessions(connection: RedisConnection, keyRing: KeyRing, now: () => Date): Sessions {
  const { redis, script, one, read, several, atomicOrStepwise } = connection
  const decode = cachingDecoder(keyRing)

  async function find(id: string): Promise<Session | null> {
    return decode(id, await read(redis.getBuffer(keys.session(id))))
  }

  /** One command, if all keys are on one node: a user may have hundreds of sessions. */
  async function valuesOf(all: readonly string[]): Promise<readonly (Buffer | null)[]> {
    const eachAlone = () => Promise.all(all.map((key) => read(redis.getBuffer(key))))
    return all.length === 0 ? [] : atomicOrStepwise(() => redis.mgetBuffer(...all), eachAlone)
  }

  async function findAll(ids: readonly string[]): Promise<readonly Session[]> {
    const values = await valuesOf(ids.map(keys.session))
    return ids.map((id, at) => decode(id, values[at] ?? null)).filter((session) => session !== null)
  }

  const idsIn = async (index: string) => (await read(redis.zrange(index, '0', '-1'))) ?? []

  /** Returns how many this call deleted. */
  async function remove(ids: readonly string[]): Promise<number> {
    const all = ids.map(keys.session)
    const eachAlone = async () => sum(await Promise.all(all.map((key) => redis.unlink(key))))
    return atomicOrStepwise(() => redis.unlink(...all), eachAlone)
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
    removeThem: (ids: readonly string[]) => Promise<T>,
  ): Promise<readonly [T, T]> {
    const removed = await removeThem(ids)
    await redis.zrem(index, ...ids)
    return [removed, await removeThem(ids)]
  }

  const originOf = async (id: string) =>
    storedOrigin.open(keyRing, await read(redis.getBuffer(keys.sessionOrigin(id))), id)

  async function forgetOrigins(tenant: string, ids: readonly string[]): Promise<void> {
    const values = await valuesOf(ids.map(keys.sessionOrigin))
    const forgetting = ids.map(async (id, at) => {
      const names = storedOrigin.open(keyRing, values[at] ?? null, id)?.names
      if (names === undefined) return
      await Promise.all(names.map((name) => redis.zrem(keys.namedSessions(tenant, name), id)))
      await redis.unlink(keys.sessionOrigin(id))
    })
    await Promise.all(forgetting)
  }

  return {
    put: putIn(connection, keyRing, now),

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
        await redis.set(keys.session(id), value, 'EX', secondsUntil(expiresAt, now()), 'XX')
      }),

    delete: ({ id, tenant, userId }) =>
      several(async () => {
        const deleted = await redis.unlink(keys.session(id))
        await Promise.all([redis.zrem(keys.userSessions(tenant, userId), id), forgetOrigins(tenant, [id])])
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
        await forgetOrigins(tenant, ids)
        return sum(removed)
      }),

    findByName: (tenant, name) => several(async () => findAll(await idsIn(keys.namedSessions(tenant, name)))),

    deleteByName: (tenant, name) =>
      several(async () => {
        const index = keys.namedSessions(tenant, name)
        // first: a concurrent login is indexed by now, or sees this
        await redis.set(keys.nameEnded(tenant, name), now().getTime(), 'EX', revokedSeconds)
        const ids = await idsIn(index)
        if (ids.length === 0) return []
        const taken = (await removeIndexed(index, ids, take)).flat()
        await Promise.all(taken.map(({ id, userId }) => redis.zrem(keys.userSessions(tenant, userId), id)))
        await forgetOrigins(tenant, ids)
        return taken
      }),

    origin: (id) => several(() => originOf(id)),
  }
}
