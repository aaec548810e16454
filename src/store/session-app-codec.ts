/** What apps hold of sessions and users, at rest: sealed, under hashed names. */
import type { SessionApp, SessionApps } from '../broker/ports/volatile.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { blindKey } from './one-time-codec.ts'
import { type OpenJson, openJson, sealJson } from './sealed-json.ts'

const appContext = (sessionId: string, field: string) => `session app ${sessionId} ${field}`
const grantContext = (user: string, field: string) => `grant ${user} ${field}`
const successorContext = (sessionId: string) => `successor of session ${sessionId}`

/** Offline access that was not refreshed for 400 days has ended. */
export const grantsSeconds = 400 * 86_400

export const appField = (appId: string) => blindKey(appId)
export const grantField = (appId: string, grantId: string) => blindKey(appId, grantId)

export function sealSessionApp(keyRing: KeyRing, sessionId: string, appId: string, app: SessionApp): Buffer {
  return sealJson(keyRing, [appId, app.sid, app.grantId], appContext(sessionId, appField(appId)))
}

/** An entry of `SessionApps.of`; null for a record that is not valid. */
export function openSessionApp(
  open: OpenJson,
  sessionId: string,
  field: string,
  sealed: Buffer,
): readonly [string, SessionApp] | null {
  const stored = open(sealed, appContext(sessionId, field))
  if (!Array.isArray(stored)) return null
  const [appId, sid, grantId]: readonly unknown[] = stored
  if (typeof appId !== 'string' || typeof sid !== 'string' || typeof grantId !== 'string') return null
  return [appId, { sid, grantId }]
}

/** Field with the predecessors of a session, latest first; app fields are longer. */
export const predecessorsField = 'followed'

export function sealPredecessors(keyRing: KeyRing, sessionId: string, ids: readonly string[]): Buffer {
  return sealJson(keyRing, ids, appContext(sessionId, predecessorsField))
}

/** Empty for a record that is not valid. */
export function openPredecessors(keyRing: KeyRing, sessionId: string, sealed: Buffer): readonly string[] {
  const stored = openJson(keyRing, sealed, appContext(sessionId, predecessorsField))
  return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string') : []
}

export function sealSuccessor(keyRing: KeyRing, sessionId: string, successor: string): Buffer {
  return sealJson(keyRing, successor, successorContext(sessionId))
}

/** Null for a record that is not valid. */
export function openSuccessor(keyRing: KeyRing, sessionId: string, sealed: Buffer): string | null {
  const stored = openJson(keyRing, sealed, successorContext(sessionId))
  return typeof stored === 'string' ? stored : null
}

export interface StoredGrant {
  readonly appId: string
  readonly grantId: string
  /** Latest end of the session, in seconds. */
  readonly sessionEndsAt: number
  /** Connections of the sessions that hold the grant. Undefined in records of an older release. */
  readonly connections: readonly string[] | undefined
}

/** Adds the connections of the stored grant, if there is one. */
export function mergeConnections(before: StoredGrant | null, grant: StoredGrant): StoredGrant {
  if (before === null) return grant
  const all = before.connections && [...before.connections, ...(grant.connections ?? [])]
  return { ...grant, connections: all && [...new Set(all)] }
}

/** @param user the user's key in the store: a record is valid for this user only */
export function sealGrant(keyRing: KeyRing, user: string, grant: StoredGrant): Buffer {
  const { appId, grantId, sessionEndsAt, connections } = grant
  return sealJson(keyRing, [appId, grantId, sessionEndsAt, connections], grantContext(user, grantField(appId, grantId)))
}

/** Null for a record that is not valid. */
export function openGrant(keyRing: KeyRing, user: string, field: string, sealed: Buffer | null): StoredGrant | null {
  const stored = sealed && openJson(keyRing, sealed, grantContext(user, field))
  if (!Array.isArray(stored)) return null
  const [appId, grantId, sessionEndsAt, connections]: readonly unknown[] = stored
  if (typeof appId !== 'string' || typeof grantId !== 'string' || typeof sessionEndsAt !== 'number') return null
  const isKnown = Array.isArray(connections) && connections.every((each) => typeof each === 'string')
  return { appId, grantId, sessionEndsAt, connections: isKnown ? connections : undefined }
}

type GrantQueries = Pick<SessionApps, 'grantsOf' | 'grantsOfConnection'>

/** @param read the grants of a user that still live */
export function grantQueries(read: (tenant: string, userId: string) => Promise<readonly StoredGrant[]>): GrantQueries {
  return {
    grantsOf: async (tenant, userId, appId) => {
      const grants = await read(tenant, userId)
      return grants.filter((grant) => appId === undefined || grant.appId === appId).map(({ grantId }) => grantId)
    },
    grantsOfConnection: async (tenant, userId, connection) => {
      const grants = await read(tenant, userId)
      return grants.filter(({ connections }) => connections?.includes(connection) ?? true).map(({ grantId }) => grantId)
    },
  }
}
