/** Apps of sessions, and grants by user: sealed, under hashed names. */
import { z } from 'zod'
import { maxPredecessors, type SessionApp, type SessionApps } from '../broker/ports/volatile.ts'
import type { Session } from '../broker/session/session.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { blindKey, indexSlackSeconds, inSeconds, keys } from './keys.ts'
import type { Records } from './records.ts'
import { cachingSealer, recordKind } from './sealed-json.ts'

/** Offline access that was not refreshed for 400 days has ended. */
const grantsSeconds = 400 * 86_400
/** Ended grants of a user are deleted whenever the count is a multiple of this. */
const cleanupInterval = 16
/** Field with the predecessors of a session, latest first; app fields are longer. */
export const predecessorsField = 'followed'

/** Under the ids of session and field. */
const storedApp = recordKind('session app', z.tuple([z.string(), z.string(), z.string()]))
export const storedPredecessors = recordKind('session app', z.array(z.string()).readonly())
export const storedSuccessor = recordKind('successor of session', z.string())
/**
 * Under the index and the field: app, grant, latest end of the session in seconds, and connections
 * of the sessions that hold it. An older release stored no connections.
 */
const storedGrant = recordKind(
  'grant',
  z.tuple([z.string(), z.string(), z.number(), z.array(z.string()).readonly().nullish().catch(null)]),
)

interface Grant {
  readonly appId: string
  readonly grantId: string
  readonly sessionEndsAt: number
  readonly connections: readonly string[] | null | undefined
}

export interface SessionAppStore {
  readonly records: Records
  hasSession(id: string): Promise<boolean>
  hasArtifacts(grantId: string): Promise<boolean>
  /** Several operations in sequence, with one time limit. */
  several<T>(work: () => Promise<T>): Promise<T>
}

export function sessionAppsIn(store: SessionAppStore, keyRing: KeyRing, now: () => Date): SessionApps {
  const { records, several } = store
  const sealer = cachingSealer(keyRing)

  const secondsOf = ({ expiresAt }: Session) => Math.max(1, inSeconds(expiresAt) - inSeconds(now()))
  const grantOf = ({ connection, expiresAt }: Session, appId: string, { grantId }: SessionApp): Grant => ({
    appId,
    grantId,
    sessionEndsAt: inSeconds(expiresAt),
    connections: [connection],
  })

  /** False when the session is gone. */
  async function putApps(session: Session, apps: ReadonlyMap<string, SessionApp>, predecessors?: readonly string[]) {
    const entries = [...apps].map(([appId, { sid, grantId }]) => {
      const field = blindKey(appId)
      return [field, storedApp.seal(sealer, [appId, sid, grantId], session.id, field)]
    })
    if (predecessors !== undefined)
      entries.push([predecessorsField, storedPredecessors.seal(keyRing, predecessors, session.id, predecessorsField)])
    const key = keys.sessionApps(session.id)
    await records.putFields(key, Object.fromEntries(entries), secondsOf(session))
    // if the session ends meanwhile, either this check sees it, or `forget` comes later
    if (await store.hasSession(session.id)) return true
    await records.remove(key)
    return false
  }

  function openApps(sessionId: string, fields: Readonly<Record<string, Buffer>>): ReadonlyMap<string, SessionApp> {
    const apps = Object.entries(fields).map(([field, sealed]): readonly [string, SessionApp][] => {
      const stored = field === predecessorsField ? null : storedApp.open(sealer, sealed, sessionId, field)
      return stored === null ? [] : [[stored[0], { sid: stored[1], grantId: stored[2] }]]
    })
    return new Map(apps.flat())
  }

  function openGrant(index: string, field: string, sealed: Buffer | undefined): Grant | null {
    // in embedded files of an older release
    const user = index.slice(keys.userGrants('', '').lastIndexOf(':') + 1)
    const record = sealed ?? null
    const stored = storedGrant.open(keyRing, record, index, field) ?? storedGrant.open(keyRing, record, user, field)
    if (stored === null) return null
    const [appId, grantId, sessionEndsAt, connections] = stored
    return { appId, grantId, sessionEndsAt, connections }
  }

  async function putGrant(index: string, { appId, grantId, sessionEndsAt, connections }: Grant): Promise<void> {
    const field = blindKey(appId, grantId)
    const sealed = storedGrant.seal(keyRing, [appId, grantId, sessionEndsAt, connections], index, field)
    const count = await records.putFields(index, { [field]: sealed }, grantsSeconds)
    if (count % cleanupInterval === 0) await liveGrants(index)
  }

  /** Adds the connections of the stored grant. */
  async function extendGrant(index: string, grant: Grant): Promise<void> {
    const field = blindKey(grant.appId, grant.grantId)
    const before = openGrant(index, field, (await records.fields(index))[field])
    const all = before === null ? [] : before.connections
    await putGrant(index, { ...grant, connections: all && [...new Set([...all, ...(grant.connections ?? [])])] })
  }

  /** Deletes grants whose session has ended, and which have no artifact left. */
  async function liveGrants(index: string): Promise<readonly Grant[]> {
    const ended = inSeconds(now()) - indexSlackSeconds
    const checked = await Promise.all(
      Object.entries(await records.fields(index)).map(async ([field, sealed]) => {
        const grant = openGrant(index, field, sealed)
        const isLive = grant === null || grant.sessionEndsAt > ended || (await store.hasArtifacts(grant.grantId))
        return { field, grant, isLive }
      }),
    )
    const dead = checked.filter(({ isLive }) => !isLive).map(({ field }) => field)
    if (dead.length > 0) await records.removeFields(index, dead)
    return checked.flatMap(({ grant, isLive }) => (grant !== null && isLive ? [grant] : []))
  }

  async function grantIds(tenant: string, userId: string, filter: (grant: Grant) => boolean) {
    const grants = await several(() => liveGrants(keys.userGrants(tenant, userId)))
    return grants.filter(filter).map(({ grantId }) => grantId)
  }

  return {
    of: async (sessionId) => openApps(sessionId, await records.fields(keys.sessionApps(sessionId))),

    put: (session, appId, app) =>
      several(async () => {
        // Two transactions. The grant first: a revocation then finds every grant in use. After a
        // crash in between, a grant without artifacts is left: it gives no access, and expires.
        await putGrant(keys.userGrants(session.tenant, session.userId), grantOf(session, appId, app))
        await putApps(session, new Map([[appId, app]]))
      }),

    carryOver: (from, to) =>
      several(async () => {
        if (from.tenant !== to.tenant || from.userId !== to.userId) return
        const { [predecessorsField]: sealed = null, ...fields } = await records.fields(keys.sessionApps(from.id))
        const apps = openApps(from.id, fields)
        if (apps.size === 0) return
        const before = storedPredecessors.open(keyRing, sealed, from.id, predecessorsField) ?? []
        const predecessors = [from.id, ...before].slice(0, maxPredecessors)
        for (const [appId, app] of apps)
          await extendGrant(keys.userGrants(to.tenant, to.userId), grantOf(to, appId, app))
        if (!(await putApps(to, apps, predecessors))) return
        // the successors last: a request that follows one then finds its apps
        const successors = predecessors.map(
          (id) => [keys.successor(id), storedSuccessor.seal(keyRing, to.id, id)] as const,
        )
        await records.put(successors, secondsOf(to))
      }),

    successorOf: async (sessionId) =>
      storedSuccessor.open(keyRing, await records.get(keys.successor(sessionId)), sessionId),

    forget: (sessionId) => records.remove(keys.sessionApps(sessionId)),

    grantsOf: (tenant, userId, appId) =>
      grantIds(tenant, userId, (grant) => appId === undefined || grant.appId === appId),

    grantsOfConnection: (tenant, userId, connection) =>
      grantIds(tenant, userId, ({ connections }) => connections?.includes(connection) ?? true),
  }
}
