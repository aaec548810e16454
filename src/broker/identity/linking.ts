/**
 * Several identities, one user: how a person joins them, and how nobody else does. An identity whose email somebody has waits, sealed,
 * while the person signs in once as that somebody; a signed-in person adds another way in, or takes one away.
 */

import { secretHash } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import { withoutConnection } from '../../profile/profile.ts'
import type { OpenConnection } from '../connections.ts'
import type { SignedIn } from '../login/login.ts'
import { useCode } from '../one-time-code.ts'
import type { Parts } from '../parts.ts'
import type { Resume, User, UserIdentity } from '../ports.ts'
import { endSession, invalidatePendingLogins } from '../session/end-session.ts'
import { revokeGrants } from '../session/revoke-grants.ts'
import { isLive, type Reauthentication, type Session } from '../session/session.ts'
import type { AttemptTrace } from '../trace.ts'
import { notifyOwner } from './notify-owner.ts'
import { findPendingLink, parsePendingLink } from './pending-link.ts'
import { joinIdentity, type LoginCandidate, resolveAndStoreUser } from './store-user.ts'

/** The tenant's connections by which these users get in, in the tenant's order: the kinds of gates, and nothing else about them. */
export async function signInMethods(
  parts: Pick<Parts, 'connections' | 'users'>,
  tenant: string,
  ...userIds: readonly string[]
): Promise<readonly OpenConnection[]> {
  const identities = await Promise.all(userIds.map((userId) => parts.users.identitiesOf(tenant, userId)))
  const live = identities.flat().filter(({ suspendedAt }) => suspendedAt === undefined)
  const used = new Set(live.map(({ connection }) => connection))
  return parts.connections.all(parts.connections.tenant(tenant)).filter(({ settings }) => used.has(settings.id))
}

/**
 * A login that brings a code may only begin in the browser the identity waits in. Else an attacker could send a victim the link, and
 * the victim's own sign-in would hand their user to the attacker's identity (ID-08). A code that is no good any more is no hindrance.
 */
export async function assertLinkBrowser(
  parts: Parts,
  request: { readonly tenant: string; readonly link?: string; readonly browser: string },
  trace: AttemptTrace,
): Promise<void> {
  const pendingLink = request.link === undefined ? null : await findPendingLink(parts, request.link)
  if (pendingLink === null) return
  const ok = pendingLink.browser === request.browser && pendingLink.tenant === request.tenant
  const expected = 'the browser in which the identity waits to be linked'
  trace.assertCheck('login_foreign', { name: 'same browser', ok, expected, got: ok ? 'the same' : 'another browser' })
}

/** The user of a login: whoever the identity belongs to, or, where an identity is being linked, the one user that may be meant. */
export async function resolveLoginUser(
  parts: Parts,
  connection: OpenConnection,
  candidate: LoginCandidate,
  resume: Resume,
  trace: AttemptTrace,
): Promise<User> {
  if (resume.addTo !== undefined) return addIdentity(parts, connection, candidate, resume.addTo, trace)
  const pendingLink = resume.link === undefined ? null : await findPendingLink(parts, resume.link)
  return resolveAndStoreUser(parts, connection, candidate, trace, { allowedUserIds: pendingLink?.existingUserIds })
}

/** After a login that carries the code of a waiting identity: links it, once. The login itself holds whatever becomes of that. */
export async function linkPendingIdentity(parts: Parts, signedIn: SignedIn, trace: AttemptTrace): Promise<void> {
  const { session, resume } = signedIn
  if (resume.link === undefined) return
  const outcome = await trace.step('link', () => linkPendingOnce(parts, resume.link ?? '', session, trace))
  if (outcome !== undefined) trace.addReasons([...trace.reasons, outcome])
  trace.signedIn(session.userId)
}

/**
 * Undefined when it was linked, else why not. What is taken and not linked is asked for again at the next sign-in that way; where a store
 * failed, the identity waits on, and the next sign-in on this way links it.
 */
async function linkPendingOnce(
  parts: Parts,
  code: string,
  session: Session,
  trace: AttemptTrace,
): Promise<string | undefined> {
  try {
    return await useCode(parts.codes, 'link', code, async (content) => {
      const pendingLink = parsePendingLink(content)
      if (pendingLink === null) return 'the identity that waited was linked before or waited too long: not linked'
      if (pendingLink.tenant !== session.tenant || !pendingLink.existingUserIds.includes(session.userId))
        return 'it waited for another user: not linked'
      const connection = parts.connections.get(pendingLink.tenant, pendingLink.connection)
      await joinIdentity(parts, connection, session, pendingLink, trace)
      return undefined
    })
  } catch (error) {
    if (error instanceof GatehouseError) return `not linked: ${error.code}`
    throw error
  }
}

/** Bound to the session that asked: if that ended meanwhile, whoever comes back is not who asked. */
async function addIdentity(
  parts: Parts,
  connection: OpenConnection,
  candidate: LoginCandidate,
  sessionId: string,
  trace: AttemptTrace,
): Promise<User> {
  const session = await parts.sessions.find(sessionId)
  const ok = session !== null && isLive(session, parts.now()) && session.tenant === connection.tenant.id
  trace.assertCheck('session_invalid', {
    name: 'same session',
    ok,
    expected: 'the session that asked',
    got: ok ? 'the same' : 'none',
  })
  if (session === null) throw new GatehouseError('session_invalid', 'the session that asked for it has ended')
  return joinIdentity(parts, connection, session, candidate, trace)
}

const freshMs = 300_000

/** Ways in are changed, and secrets shown, only to who proved themselves within the last five minutes. */
export async function isFresh(parts: Pick<Parts, 'connections' | 'users' | 'now'>, session: Session): Promise<boolean> {
  const isDoubtful = session.unprovenSignIn === 'asked'
  return isFreshFor(session, isDoubtful ? await signInMethods(parts, session.tenant, session.userId) : [], parts.now())
}

/**
 * An upstream that tells no time may have let the person through in silence. To have asked it for a new sign-in is enough for who
 * has no better way in, since else they could never change anything; who has one uses that.
 */
export function isFreshFor(session: Session, connections: readonly OpenConnection[], now: Date): boolean {
  if (now.getTime() - session.authenticatedAt.getTime() > freshMs) return false
  switch (session.unprovenSignIn) {
    case undefined:
      return true
    case 'asked':
      return !connections.some((connection) => reauthenticationAt(connection) === 'proven')
    case 'unasked':
      return false
    default:
      return session.unprovenSignIn satisfies never
  }
}

export function reauthenticationAt({ upstream }: OpenConnection): Reauthentication {
  return upstream.provesReauthentication === false ? 'asked' : 'proven'
}

/** Where a user signs in again: at the session's connection, unless it proves nothing by that and another of theirs does. */
export function connectionToSignInAgain(session: Session, connections: readonly OpenConnection[]): string {
  const proving = connections.filter((connection) => reauthenticationAt(connection) === 'proven')
  const best = proving.find(({ settings }) => settings.id === session.connection) ?? proving[0]
  return best?.settings.id ?? session.connection
}

/** What a page calls an identity: tells nothing of it. */
export function identityName({ issuer, subject }: Pick<UserIdentity, 'issuer' | 'subject'>): string {
  return secretHash(`${issuer}\n${subject}`).slice(0, 22)
}

/**
 * Takes a way in from the session's own user (SE-09), with the sessions it opened, the groups it gave and the password behind it; what
 * else is known of them stays. `last` when no other way in would be left; null when the user has no such identity.
 */
export async function unlinkIdentity(parts: Parts, by: Session, name: string): Promise<'unlinked' | 'last' | null> {
  if (!(await isFresh(parts, by))) throw new GatehouseError('session_invalid', 'unlinking needs a fresh sign-in')
  const identities = await parts.users.identitiesOf(by.tenant, by.userId)
  const identity = identities.find((each) => identityName(each) === name)
  if (identity === undefined) return null
  const connections = parts.connections.all(parts.connections.tenant(by.tenant))
  const usable = connections.map(({ settings }) => settings.id)
  const isLeft = (other: UserIdentity) => other !== identity && other.suspendedAt === undefined
  if (!identities.some((other) => isLeft(other) && usable.includes(other.connection))) return 'last'
  // before too: where a store fails here, the identity is still there to be unlinked again
  await revokeConnectionAccess(parts, by, identity.connection)
  const user = await requireCurrentUser(parts, by)
  const isOnly = identities.filter(({ connection }) => connection === identity.connection).length === 1
  const profile = isOnly ? withoutConnection(user.profile, identity.connection) : user.profile
  if (!(await parts.users.unlink({ ...user, profile }, identity, usable))) return 'last'

  const connection = connections.find(({ settings }) => settings.id === identity.connection)
  if (connection?.upstream.passwords !== undefined) await parts.passwords.remove(by.tenant, identity.subject)
  await revokeConnectionAccess(parts, by, identity.connection)
  await notifyOwner(parts, {
    action: 'identity.unlinked',
    opened: connection,
    connection: identity.connection,
    users: [user],
  })
  return 'unlinked'
}

/**
 * The session's user, for a change that the store makes only while the user has this epoch: the session is checked after the user is
 * read, so that nothing is changed by a session that was ended with all others.
 */
export async function requireCurrentUser(parts: Pick<Parts, 'now' | 'sessions' | 'users'>, by: Session): Promise<User> {
  const user = await parts.users.find(by.tenant, by.userId)
  const session = await parts.sessions.find(by.id)
  if (user === null || session === null || !isLive(session, parts.now()))
    throw new GatehouseError('session_invalid', 'the session that asks has ended')
  return user
}

/** All that apps got in the connection's sessions ends, offline access too, and the sessions but for the one that asks. */
async function revokeConnectionAccess(parts: Parts, by: Session, connection: string): Promise<void> {
  const { tenant, userId } = by
  await invalidatePendingLogins(parts, by)
  const grants = await parts.sessionApps.grantsOfConnection(tenant, userId, connection)
  await revokeGrants(parts, grants)
  const sessions = await parts.sessions.list(tenant, userId)
  const others = sessions.filter((session) => session.connection === connection && session.id !== by.id)
  await Promise.all(others.map((session) => endSession(parts, session)))
}
