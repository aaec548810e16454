/**
 * The one place that ends sessions. Apps are notified and lose their grants before a session is
 * deleted: after a failure, a retry finds the session, and apps may be notified twice. Only a
 * sign-out deletes the session also after a failure.
 */
import { GatehouseError } from '../../errors.ts'
import { recordAudit, recordAuditLater } from '../audit/record.ts'
import { requireStepUpOfSession, type StepUpPorts } from '../identity/fresh-sign-in.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { LogoutNotification } from '../ports/durable.ts'
import type { User } from '../ports/users.ts'
import type { SessionApp } from '../ports/volatile.ts'
import { isLive, type Session, type UserKey } from './session.ts'

export type EndSessionPorts = Ports<
  | 'appRegistry'
  | 'artifacts'
  | 'audit'
  | 'consents'
  | 'logouts'
  | 'now'
  | 'rememberedDevices'
  | 'sessionApps'
  | 'sessions'
  | 'upstreamGrants'
  | 'users'
>

/**
 * Ends one of the user's own sessions; another user's ID is unknown (SE-09). True if this call
 * ended it. Throws `fresh_sign_in_required` for another session than `by` (ASVS 7.5.2).
 */
export async function endSessionById(ports: EndSessionPorts & StepUpPorts, by: Session, id: string): Promise<boolean> {
  if (id === by.id) return signOut(ports, by)
  await requireStepUpOfSession(ports, by)
  const session = await ports.sessions.find(id)
  if (session === null || session.tenant !== by.tenant || session.userId !== by.userId) return false
  const ended = await endSession(ports, session)
  if (ended) await auditSessionEnd(ports, by, { session: id })
  return ended
}

/**
 * A sign-out ends the session even if its apps cannot be notified or lose their grants; then it
 * throws. Tokens end with the session. Repeated with the same session, it completes the rest.
 */
async function signOut(ports: EndSessionPorts, session: Session): Promise<boolean> {
  let ended = false
  try {
    ended = await endSession(ports, session)
  } catch (error) {
    if (await ports.sessions.delete(session)) recordAuditLater(ports, sessionEnd(session, { session: session.id }))
    throw error
  }
  if (ended) await auditSessionEnd(ports, session, { session: session.id })
  return ended
}

/** Returns how many ended. Throws `fresh_sign_in_required`. */
export async function endAllOtherSessions(ports: EndSessionPorts & StepUpPorts, by: Session): Promise<number> {
  await requireStepUpOfSession(ports, by)
  const ended = await endAllSessions(ports, by, by.id)
  if (ended > 0) await auditSessionEnd(ports, by, { sessions: `${ended} others` })
  return ended
}

/**
 * True if this call ended it. After a failure, call it again.
 * @param keptGrant a grant that the caller revokes afterwards
 */
export async function endSession(ports: EndSessionPorts, session: Session, keptGrant?: string): Promise<boolean> {
  const before = await withApps(ports, [session])
  await endApps(ports, before, keptGrant)
  const ended = await ports.sessions.delete(session)
  await endLateApps(ports, [session], before)
  return ended
}

/**
 * A browser signed in again: its apps move to the new session if the user is the same. True if this
 * call ended the old one.
 */
export async function replaceSession(
  ports: EndSessionPorts,
  old: Session,
  next: Session,
  reason = 'a new sign-in in the same browser',
): Promise<boolean> {
  const isSameUser = old.tenant === next.tenant && old.userId === next.userId
  const wasLive = isLive(old, ports.now())
  const ended = await (isSameUser && wasLive ? endCarryingOver(ports, old, next) : endSession(ports, old))
  if (!ended || !wasLive) return ended
  const { id: session, tenant, userId: target } = old
  const details = { session, by: next.id, reason }
  const actor = isSameUser ? next.userId : 'unknown'
  recordAuditLater(ports, { tenant, action: 'session.ended', actor, target, details })
  return ended
}

/** A session whose token no one has received. */
export const discardSession = ({ sessions }: Ports<'sessions'>, session: Session) => sessions.delete(session)

/** True if this call ended the old one. */
async function endCarryingOver(
  { sessionApps, sessions }: Ports<'sessionApps' | 'sessions'>,
  old: Session,
  next: Session,
): Promise<boolean> {
  const hasApps = (await sessionApps.of(old.id)).size > 0
  // first: tokens of the old session always have a session
  if (hasApps) await sessionApps.carryOver(old, next)
  const ended = await sessions.delete(old)
  if (!hasApps) return ended
  await sessionApps.carryOver(old, next) // apps added meanwhile
  await sessionApps.forget(old.id)
  return ended
}

/** Logins that have read the user open no session. Call it before listing sessions to end. */
export async function invalidatePendingLogins(ports: Ports<'sessions' | 'users'>, { tenant, userId }: UserKey) {
  const epoch = await ports.users.nextEpoch(tenant, userId)
  if (epoch > 0) await ports.sessions.raiseEpoch(tenant, userId, epoch)
}

/** Why a login whose user's sessions were all ended meanwhile opens none. */
export async function loginInvalidatedError(
  ports: Ports<'users'>,
  { tenant, id }: Pick<User, 'tenant' | 'id'>,
): Promise<GatehouseError> {
  const user = await ports.users.find(tenant, id)
  if (user?.status === 'revoked') return new GatehouseError('user_revoked', 'the user was revoked during this login')
  if (user?.status !== 'active') return new GatehouseError('user_blocked', 'the user was blocked during this login')
  return new GatehouseError('session_invalid', 'all sessions of the user were ended during this login', {
    text: 'All your sessions were ended while you were signing in. Sign in again.',
  })
}

/** Ends the user's sessions but `exceptId`, and pending logins. Returns how many sessions ended. */
export async function endAllSessions(ports: EndSessionPorts, { tenant, userId }: UserKey, exceptId?: string) {
  await invalidatePendingLogins(ports, { tenant, userId })
  const before = await sessionsWithAppsOf(ports, tenant, userId, exceptId)
  await endApps(ports, before)
  const ended = await ports.sessions.deleteAll(tenant, userId, exceptId)
  const sessions = before.map(({ session }) => session)
  await endLateApps(ports, sessions, before)
  return ended
}

/**
 * All of a user's sessions and app access, offline access too; remembered devices are asked for a
 * second factor again. Returns how many sessions ended.
 * @param exceptId a session that stays, without its apps
 */
export async function revokeAllAccess(
  ports: EndSessionPorts,
  { tenant, userId }: UserKey,
  exceptId?: string,
): Promise<number> {
  await ports.rememberedDevices.removeAll({ tenant, userId })
  // sessions last: after a failure a repeated logout message finds the user by them
  const before = await ports.sessionApps.grantsOf(tenant, userId)
  await revokeGrants(ports, before)
  const ended = await endAllSessions(ports, { tenant, userId }, exceptId)
  const late = (await ports.sessionApps.grantsOf(tenant, userId)).filter((grant) => !before.includes(grant))
  await revokeGrants(ports, late)
  return ended
}

/** Ends and returns the sessions an upstream calls by this name. */
export async function endSessionsByName(ports: EndSessionPorts, tenant: string, name: string) {
  const before = await withApps(ports, await ports.sessions.findByName(tenant, name))
  await endApps(ports, before)
  const ended = await ports.sessions.deleteByName(tenant, name)
  await endLateApps(ports, ended, before) // of sessions opened meanwhile too
  return ended
}

interface SessionWithApps {
  readonly session: Session
  readonly apps: ReadonlyMap<string, SessionApp>
}

function withApps(ports: EndSessionPorts, sessions: readonly Session[]): Promise<readonly SessionWithApps[]> {
  return Promise.all(sessions.map(async (session) => ({ session, apps: await ports.sessionApps.of(session.id) })))
}

async function sessionsWithAppsOf(ports: EndSessionPorts, tenant: string, userId: string, exceptId?: string) {
  const grants = await ports.sessionApps.grantsOf(tenant, userId)
  if (grants.length === 0) return []
  const sessions = (await ports.sessions.list(tenant, userId)).filter(({ id }) => id !== exceptId)
  return withApps(ports, sessions)
}

async function queueLogouts(ports: EndSessionPorts, uses: readonly SessionWithApps[]): Promise<void> {
  const each = uses.flatMap(({ session, apps }) => [...apps].map(([appId, { sid }]) => ({ session, appId, sid })))
  const notifications: LogoutNotification[] = []
  for (const { session, appId, sid } of each) {
    const app = await ports.appRegistry.find(appId)
    if (app?.backchannelLogoutUri !== undefined) notifications.push({ appId, subject: session.userId, sid })
  }
  if (notifications.length > 0) await ports.logouts.add(notifications, ports.now())
}

/** Ends the grants with all their codes and tokens, concurrently created ones included. */
export async function revokeGrants(ports: Ports<'artifacts'>, grants: readonly string[]): Promise<void> {
  await Promise.all(
    grants.map(async (grant) => {
      await ports.artifacts.remove('Grant', grant)
      await ports.artifacts.revokeGrant(grant)
    }),
  )
}

async function endApps(ports: EndSessionPorts, uses: readonly SessionWithApps[], keptGrant?: string): Promise<void> {
  await queueLogouts(ports, uses)
  for (const { session, apps } of uses)
    for (const [appId, { grantId }] of apps)
      if (grantId !== keptGrant && !(await isOffline(ports, session, appId))) await revokeGrants(ports, [grantId])
}

/**
 * Apps that signed in while their session ended. Never throws: the session has ended, and with it
 * their tokens.
 */
async function endLateApps(
  ports: EndSessionPorts,
  sessions: readonly Session[],
  before: readonly SessionWithApps[],
): Promise<void> {
  const ended = new Set(before.flatMap(({ apps }) => [...apps.values()].map(({ grantId }) => grantId)))
  try {
    const uses = (await withApps(ports, sessions)).filter(({ apps }) => apps.size > 0)
    const late = uses.map(({ session, apps }) => {
      const others = [...apps].filter(([, { grantId }]) => !ended.has(grantId))
      return { session, apps: new Map(others) }
    })
    await endApps(ports, late)
    for (const { session } of uses) await ports.sessionApps.forget(session.id)
  } catch {
    // what is left is stored until it expires
  }
}

/** A grant with offline access outlives the session. */
async function isOffline(ports: EndSessionPorts, { tenant, userId }: Session, appId: string): Promise<boolean> {
  const consent = await ports.consents.find(tenant, userId, appId)
  return consent?.scopes.includes('offline_access') === true
}

type Ended = Readonly<Record<'session', string>> | Readonly<Record<'sessions', string>>

/** @param by the session that ended them, of their user */
function sessionEnd({ id, tenant, userId }: Session, ended: Ended) {
  return { tenant, action: 'session.ended', actor: userId, target: userId, details: { ...ended, by: id } } as const
}

const auditSessionEnd = (ports: EndSessionPorts, by: Session, ended: Ended) => recordAudit(ports, sessionEnd(by, ended))
