/** What apps got of sessions in Redis, and the index of the grants they hold of a user. */
import { maxPredecessors, type SessionApp, type SessionApps } from '../../broker/ports/session-apps.ts'
import type { Session } from '../../broker/session/session.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { cachingOpen } from '../sealed-json.ts'
import {
  appField,
  followedField,
  grantField,
  isOfConnection,
  openFollowed,
  openGrant,
  openSessionApp,
  openSuccessor,
  type StoredGrant,
  sealFollowed,
  sealGrant,
  sealSessionApp,
  sealSuccessor,
} from '../session-app-codec.ts'
import type { RedisConnection } from './connection.ts'
import { grantsSeconds, indexSlackSeconds, keys } from './keys.ts'

/** Every so many grants of a user it is looked whether some are over. */
const cleanupInterval = 16

export function redisSessionApps(connection: RedisConnection, keyRing: KeyRing, now: () => Date): SessionApps {
  const { redis, one, read, several } = connection
  const open = cachingOpen(keyRing)
  const inSeconds = (time: Date) => Math.ceil(time.getTime() / 1000)

  const secondsOf = ({ expiresAt }: Session) => Math.max(1, inSeconds(expiresAt) - inSeconds(now()))

  /** False when the session is gone. @param changes sealed, by field */
  async function putFields(session: Session, changes: ReadonlyMap<string, Buffer>): Promise<boolean> {
    const key = keys.sessionApps(session.id)
    const puts = [...changes].map(([field, sealed]) => redis.putField(key, field, sealed, secondsOf(session)))
    await Promise.all(puts)
    // a session that was ended meanwhile leaves nothing behind: either this sees that it is gone, or `forget` comes later
    if ((await redis.exists(keys.session(session.id))) === 1) return true
    await redis.unlink(key)
    return false
  }

  async function stored(sessionId: string): Promise<Readonly<Record<string, Buffer>>> {
    return (await read(redis.hgetallBuffer(keys.sessionApps(sessionId)))) ?? {}
  }

  function opened(sessionId: string, fields: Readonly<Record<string, Buffer>>): ReadonlyMap<string, SessionApp> {
    const apps = Object.entries(fields).map(([field, sealed]) =>
      field === followedField ? null : openSessionApp(open, sessionId, field, sealed),
    )
    return new Map(apps.filter((app) => app !== null))
  }

  function grantOf(session: Session, appId: string, { grantId }: SessionApp): StoredGrant {
    const { connection, expiresAt } = session
    return { appId, grantId, sessionEndsAt: inSeconds(expiresAt), connections: [connection] }
  }

  /** Keeps the connections of the sessions it was filed with before. */
  async function updateGrant(index: string, grant: StoredGrant): Promise<void> {
    const field = grantField(grant.appId, grant.grantId)
    const sealed = await read(redis.hgetBuffer(index, field))
    const before = sealed && openGrant(keyRing, index, field, sealed)
    const all = before?.connections && [...before.connections, ...(grant.connections ?? [])]
    await file(index, before === null ? grant : { ...grant, connections: all && [...new Set(all)] })
  }

  async function file(index: string, grant: StoredGrant): Promise<void> {
    const field = grantField(grant.appId, grant.grantId)
    const count = await redis.putField(index, field, sealGrant(keyRing, index, grant), grantsSeconds)
    if (count % cleanupInterval === 0) await living(index)
  }

  /** Also clears away those whose session is over and of which no artefact lives. */
  async function living(index: string): Promise<readonly StoredGrant[]> {
    const stored = Object.entries((await read(redis.hgetallBuffer(index))) ?? {})
    const over = inSeconds(now()) - indexSlackSeconds
    const checked = await Promise.all(
      stored.map(async ([field, sealed]) => {
        const grant = openGrant(keyRing, index, field, sealed)
        const lives =
          grant === null || grant.sessionEndsAt > over || (await redis.exists(keys.grant(grant.grantId))) === 1
        return { field, grant, lives }
      }),
    )
    const dead = checked.filter(({ lives }) => !lives).map(({ field }) => field)
    if (dead.length > 0) await redis.hdel(index, ...dead)
    return checked.flatMap(({ grant, lives }) => (grant !== null && lives ? [grant] : []))
  }

  return {
    of: async (sessionId) => opened(sessionId, await stored(sessionId)),

    put: (session, appId, got) =>
      several(async () => {
        // filed first: a grant that is in use is always found by who wants to revoke it
        await file(keys.userGrants(session.tenant, session.userId), grantOf(session, appId, got))
        await putFields(session, new Map([[appField(appId), sealSessionApp(keyRing, session.id, appId, got)]]))
      }),

    carryOver: (from, to) =>
      several(async () => {
        if (from.tenant !== to.tenant || from.userId !== to.userId) return
        const fields = await stored(from.id)
        const apps = opened(from.id, fields)
        if (apps.size === 0) return
        const before = fields[followedField]
        const followed = [from.id, ...(before === undefined ? [] : openFollowed(keyRing, from.id, before))]
        const led = followed.slice(0, maxPredecessors)
        for (const [appId, got] of apps)
          await updateGrant(keys.userGrants(to.tenant, to.userId), grantOf(to, appId, got))
        const sealed = [...apps].map(([id, got]) => [appField(id), sealSessionApp(keyRing, to.id, id, got)] as const)
        if (!(await putFields(to, new Map([...sealed, [followedField, sealFollowed(keyRing, to.id, led)]])))) return
        // last: what is led to the new session finds its apps there
        await Promise.all(
          led.map((id) => redis.set(keys.successor(id), sealSuccessor(keyRing, id, to.id), 'EX', secondsOf(to))),
        )
      }),

    successorOf: async (sessionId) => {
      const sealed = await read(redis.getBuffer(keys.successor(sessionId)))
      return sealed && openSuccessor(keyRing, sessionId, sealed)
    },

    forget: async (sessionId) => {
      await one(redis.unlink(keys.sessionApps(sessionId)))
    },

    grantsOf: (tenant, userId, appId) =>
      several(async () => {
        const grants = await living(keys.userGrants(tenant, userId))
        return grants.filter((grant) => appId === undefined || grant.appId === appId).map(({ grantId }) => grantId)
      }),

    grantsOfConnection: (tenant, userId, connection) =>
      several(async () => {
        const grants = await living(keys.userGrants(tenant, userId))
        return grants.filter((grant) => isOfConnection(grant, connection)).map(({ grantId }) => grantId)
      }),
  }
}
