/** What apps hold of sessions in Redis, and the index of the grants they hold of a user. */
import { maxPredecessors, type SessionApp, type SessionApps } from '../../broker/ports/volatile.ts'
import type { Session } from '../../broker/session/session.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { cachingOpen } from '../sealed-json.ts'
import {
  appField,
  grantField,
  grantQueries,
  grantsSeconds,
  mergeConnections,
  openGrant,
  openPredecessors,
  openSessionApp,
  openSuccessor,
  predecessorsField,
  type StoredGrant,
  sealGrant,
  sealPredecessors,
  sealSessionApp,
  sealSuccessor,
} from '../session-app-codec.ts'
import type { RedisConnection } from './connection.ts'
import { indexSlackSeconds, inSeconds, keys } from './keys.ts'

/** Ended grants of a user are deleted whenever the count is a multiple of this. */
const cleanupInterval = 16

export function redisSessionApps(connection: RedisConnection, keyRing: KeyRing, now: () => Date): SessionApps {
  const { redis, one, read, several } = connection
  const open = cachingOpen(keyRing)

  const secondsOf = ({ expiresAt }: Session) => Math.max(1, inSeconds(expiresAt) - inSeconds(now()))

  /** False when the session is gone. @param fields sealed values by field */
  async function putFields(session: Session, fields: ReadonlyMap<string, Buffer>): Promise<boolean> {
    const key = keys.sessionApps(session.id)
    const puts = [...fields].map(([field, sealed]) => redis.putField(key, field, sealed, secondsOf(session)))
    await Promise.all(puts)
    // if the session ends meanwhile, either this check sees it, or `forget` comes later
    if ((await redis.exists(keys.session(session.id))) === 1) return true
    await redis.unlink(key)
    return false
  }

  const fieldsOf = async (key: string) => (await read(redis.hgetallBuffer(key))) ?? {}

  function opened(sessionId: string, fields: Readonly<Record<string, Buffer>>): ReadonlyMap<string, SessionApp> {
    const apps = Object.entries(fields).map(([field, sealed]) =>
      field === predecessorsField ? null : openSessionApp(open, sessionId, field, sealed),
    )
    return new Map(apps.filter((app) => app !== null))
  }

  function grantOf({ connection, expiresAt }: Session, appId: string, { grantId }: SessionApp): StoredGrant {
    return { appId, grantId, sessionEndsAt: inSeconds(expiresAt), connections: [connection] }
  }

  async function updateGrant(index: string, grant: StoredGrant): Promise<void> {
    const field = grantField(grant.appId, grant.grantId)
    const before = openGrant(keyRing, index, field, await read(redis.hgetBuffer(index, field)))
    await putGrant(index, mergeConnections(before, grant))
  }

  async function putGrant(index: string, grant: StoredGrant): Promise<void> {
    const field = grantField(grant.appId, grant.grantId)
    const count = await redis.putField(index, field, sealGrant(keyRing, index, grant), grantsSeconds)
    if (count % cleanupInterval === 0) await liveGrants(index)
  }

  /** Deletes grants whose session has ended, and which have no artifact left. */
  async function liveGrants(index: string): Promise<readonly StoredGrant[]> {
    const ended = inSeconds(now()) - indexSlackSeconds
    const checked = await Promise.all(
      Object.entries(await fieldsOf(index)).map(async ([field, sealed]) => {
        const grant = openGrant(keyRing, index, field, sealed)
        const isLive =
          grant === null || grant.sessionEndsAt > ended || (await redis.exists(keys.grant(grant.grantId))) === 1
        return { field, grant, isLive }
      }),
    )
    const dead = checked.filter(({ isLive }) => !isLive).map(({ field }) => field)
    if (dead.length > 0) await redis.hdel(index, ...dead)
    return checked.flatMap(({ grant, isLive }) => (grant !== null && isLive ? [grant] : []))
  }

  return {
    of: async (sessionId) => opened(sessionId, await fieldsOf(keys.sessionApps(sessionId))),

    put: (session, appId, app) =>
      several(async () => {
        // the grant first: revocation then finds every grant in use
        await putGrant(keys.userGrants(session.tenant, session.userId), grantOf(session, appId, app))
        await putFields(session, new Map([[appField(appId), sealSessionApp(keyRing, session.id, appId, app)]]))
      }),

    carryOver: (from, to) =>
      several(async () => {
        if (from.tenant !== to.tenant || from.userId !== to.userId) return
        const fields = await fieldsOf(keys.sessionApps(from.id))
        const apps = opened(from.id, fields)
        if (apps.size === 0) return
        const sealedBefore = fields[predecessorsField]
        const before = sealedBefore === undefined ? [] : openPredecessors(keyRing, from.id, sealedBefore)
        const predecessors = [from.id, ...before].slice(0, maxPredecessors)
        for (const [appId, app] of apps)
          await updateGrant(keys.userGrants(to.tenant, to.userId), grantOf(to, appId, app))
        const sealed = [...apps].map(([id, app]) => [appField(id), sealSessionApp(keyRing, to.id, id, app)] as const)
        const line = [predecessorsField, sealPredecessors(keyRing, to.id, predecessors)] as const
        if (!(await putFields(to, new Map([...sealed, line])))) return
        // the successors last: a request that follows one then finds its apps
        await Promise.all(
          predecessors.map((id) =>
            redis.set(keys.successor(id), sealSuccessor(keyRing, id, to.id), 'EX', secondsOf(to)),
          ),
        )
      }),

    successorOf: async (sessionId) => {
      const sealed = await read(redis.getBuffer(keys.successor(sessionId)))
      return sealed && openSuccessor(keyRing, sessionId, sealed)
    },

    forget: async (sessionId) => {
      await one(redis.unlink(keys.sessionApps(sessionId)))
    },

    ...grantQueries((tenant, userId) => several(() => liveGrants(keys.userGrants(tenant, userId)))),
  }
}
