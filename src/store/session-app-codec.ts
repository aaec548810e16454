/** What apps got of a session, and the grants they hold of a user, at rest: sealed, and told apart by hashes. */
import type { SessionApp } from '../broker/ports/session-apps.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { blindKey } from './one-time-codec.ts'
import { type OpenJson, openJson, sealJson } from './sealed-json.ts'

const appContext = (sessionId: string, field: string) => `session app ${sessionId} ${field}`
const grantContext = (user: string, field: string) => `grant ${user} ${field}`

export const appField = (appId: string) => blindKey(appId)
export const grantField = (appId: string, grantId: string) => blindKey(appId, grantId)

export function sealSessionApp(keyRing: KeyRing, sessionId: string, appId: string, got: SessionApp): Buffer {
  return sealJson(keyRing, [appId, got.sid, got.grantId], appContext(sessionId, appField(appId)))
}

/** An entry of `SessionApps.of`; null for what is not ours. */
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

/** Where beside its apps stands which sessions a session followed, latest first. No hash of an app is as short. */
export const followedField = 'followed'

export function sealFollowed(keyRing: KeyRing, sessionId: string, followed: readonly string[]): Buffer {
  return sealJson(keyRing, followed, appContext(sessionId, followedField))
}

/** None for what is not ours. */
export function openFollowed(keyRing: KeyRing, sessionId: string, sealed: Buffer): readonly string[] {
  const stored = openJson(keyRing, sealed, appContext(sessionId, followedField))
  return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string') : []
}

const successorContext = (sessionId: string) => `successor of session ${sessionId}`

export function sealSuccessor(keyRing: KeyRing, sessionId: string, successor: string): Buffer {
  return sealJson(keyRing, successor, successorContext(sessionId))
}

/** Null for what is not ours. */
export function openSuccessor(keyRing: KeyRing, sessionId: string, sealed: Buffer): string | null {
  const stored = openJson(keyRing, sealed, successorContext(sessionId))
  return typeof stored === 'string' ? stored : null
}

export interface StoredGrant {
  readonly appId: string
  readonly grantId: string
  /** When the session it was filed with ends at the latest, in seconds. */
  readonly sessionEndsAt: number
  /** Of the sessions it was filed with. Undefined for those filed by an older release. */
  readonly connections: readonly string[] | undefined
}

export function isOfConnection({ connections }: StoredGrant, connection: string): boolean {
  return connections === undefined || connections.includes(connection)
}

/** @param user what stands for the user in the store: entries cannot be moved to another */
export function sealGrant(keyRing: KeyRing, user: string, grant: StoredGrant): Buffer {
  const { appId, grantId, sessionEndsAt, connections } = grant
  return sealJson(keyRing, [appId, grantId, sessionEndsAt, connections], grantContext(user, grantField(appId, grantId)))
}

/** Null for what is not ours. */
export function openGrant(keyRing: KeyRing, user: string, field: string, sealed: Buffer): StoredGrant | null {
  const stored = openJson(keyRing, sealed, grantContext(user, field))
  if (!Array.isArray(stored)) return null
  const [appId, grantId, sessionEndsAt, connections]: readonly unknown[] = stored
  if (typeof appId !== 'string' || typeof grantId !== 'string' || typeof sessionEndsAt !== 'number') return null
  const known = Array.isArray(connections) && connections.every((each) => typeof each === 'string')
  return { appId, grantId, sessionEndsAt, connections: known ? connections : undefined }
}
