/** Single logout: our logout can end the upstream's session, and its message ends ours. */
import { GatehouseError } from '../../errors.ts'
import type {
  Login,
  LogoutIdentifier,
  LogoutInstruction,
  LogoutMessage,
  LogoutMessageId,
  Recorder,
} from '../../provider/provider.ts'
import { recordAudit } from '../audit/record.ts'
import type { ConnectionKey, OpenConnection } from '../connections.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { SessionOrigin } from '../ports/volatile.ts'
import { type EndSessionPorts, endSessionById, endSessionsByName, revokeAllAccess } from './end-session.ts'
import type { Session } from './session.ts'

export type UpstreamLogoutPorts = EndSessionPorts & Ports<'connections' | 'counters' | 'publicUrl'>

/** Stored beside the session of this login; undefined if neither side can end the other's. */
export function originOf(connection: OpenConnection, login: Login): SessionOrigin | undefined {
  const names = namesOf(connection.upstream.logout?.identifiers ?? [], login)
  const { memo } = login
  return names.length === 0 && memo === undefined ? undefined : { names, memo }
}

/** Ends the session. Returns how to get the URL that ends the upstream's session, if configured. */
export async function signOutOf(ports: UpstreamLogoutPorts, session: Session) {
  const origin = await ports.sessions.origin(session.id)
  await endSessionById(ports, session, session.id)
  const { memo } = origin ?? {}
  if (memo === undefined) return undefined
  return async () => {
    const { upstream } = ports.connections.get(session.tenant, session.connection)
    return upstream.logout?.start?.(memo, new URL(pathOf(session, 'signed-out'), ports.publicUrl))
  }
}

interface UpstreamLogout {
  readonly connection: OpenConnection
  readonly endpoint: string
  readonly order: LogoutInstruction
}

export interface LogoutResult {
  readonly ended: number
  readonly answer: URL | undefined
}

/** Applies a verified logout message. Throws `user_unknown` if it names no known user. */
export async function applyLogout(
  ports: UpstreamLogoutPorts,
  connection: OpenConnection,
  notice: Omit<LogoutMessage, 'url'>,
): Promise<LogoutResult> {
  const { upstream, tenant, settings } = connection
  if (upstream.logout?.receive === undefined)
    throw new GatehouseError('not_found', `connection ${settings.id} takes no logout messages`)
  const url = new URL(pathOf({ tenant: tenant.id, connection: settings.id }, notice.endpoint), ports.publicUrl)
  const order = await upstream.logout.receive({ ...notice, url })
  if (order === undefined) return { ended: 0, answer: undefined }
  const handler = order.everywhere ? revokeEverywhere : endUpstreamSessions
  const message = { ...order.message, record: notice.record }
  const logout = { connection, endpoint: notice.endpoint, order }
  const ended = await applyOnce(ports, connection, message, () => handler(ports, logout))
  return { ended, answer: order.answer }
}

/**
 * A message is used up after it is applied, so the upstream can retry after a store failure.
 * Concurrent copies may apply it too; one counts as first, others are refused as replays.
 */
async function applyOnce<T>(
  ports: Ports<'counters'>,
  { tenant, settings }: OpenConnection,
  { id, seconds, record }: LogoutMessageId & { readonly record: Recorder },
  apply: () => Promise<T>,
): Promise<T> {
  const key = `logout message:${tenant.id}/${settings.id}:${id}`
  const assertFirst = (ok: boolean) => {
    const check = { name: 'first use', ok, expected: 'a message not used before', got: ok ? 'a new one' : 'a used one' }
    record.check(check)
    if (!ok) throw new GatehouseError('upstream_invalid', 'a logout message that was used before', { check })
  }
  if ((await ports.counters.count(key)) > 0) assertFirst(false)
  const applied = await apply()
  assertFirst((await ports.counters.hit(key, seconds)).count === 1)
  return applied
}

/** Sessions of this upstream. Without `sid` they cannot be distinguished, so all of them end. */
async function endUpstreamSessions(ports: UpstreamLogoutPorts, logout: UpstreamLogout): Promise<number> {
  const { issuer, sid, subject, email } = logout.order
  const names = [
    ...(sid === undefined ? [] : [nameOf('sid', issuer, sid)]),
    ...(subject === undefined ? [] : [nameOf(sid === undefined ? 'subject' : 'subject without sid', issuer, subject)]),
    ...(email === undefined ? [] : [nameOf('email', issuer, email)]),
  ]
  const tenant = logout.connection.tenant.id
  const ended = await Promise.all(names.map((name) => endSessionsByName(ports, tenant, name)))
  await Promise.all(ended.flat().map(({ id, userId }) => auditEnd(ports, logout, userId, { session: id })))
  return ended.flat().length
}

/** Ends all sessions and app access of the named users, of any connection. */
async function revokeEverywhere(ports: UpstreamLogoutPorts, logout: UpstreamLogout): Promise<number> {
  const { connection, order } = logout
  const users = new Set([
    ...(await usersOfSessions(ports, connection, order)),
    ...(await usersOf(ports, connection, order)),
  ])
  if (users.size === 0) throw new GatehouseError('user_unknown', 'the upstream revokes a user who never signed in')
  let ended = 0
  for (const user of users) {
    await revokeUser(ports, logout, user)
    const count = await revokeAllAccess(ports, { tenant: connection.tenant.id, userId: user })
    if (count > 0) await auditEnd(ports, logout, user, { sessions: String(count) })
    ended += count
  }
  return ended
}

/** Blocks all sign-in methods of the user until this upstream authenticates them again. */
async function revokeUser(ports: UpstreamLogoutPorts, { connection, order }: UpstreamLogout, id: string) {
  const tenant = connection.tenant.id
  const ofIssuer = (await ports.users.identitiesOf(tenant, id)).filter(({ issuer }) => issuer === order.issuer)
  const named = ofIssuer.filter(({ subject }) => subject === order.subject)
  const revoked = named.length > 0 ? named : ofIssuer
  if (revoked.length === 0) return
  await ports.users.revoke({ tenant, id }, revoked, ports.now())
  await ports.upstreamGrants.removeOf({ tenant, userId: id })
  await recordAudit(ports, {
    tenant,
    action: 'user.revoked',
    actor: `connection:${connection.settings.id}`,
    target: id,
    details: { connection: connection.settings.id },
    after: { status: 'revoked' },
  })
}

/**
 * Users of live sessions with the email of the message, even if it is unproven. Ends no session, so
 * that a retry finds them again.
 */
async function usersOfSessions(ports: UpstreamLogoutPorts, connection: OpenConnection, order: LogoutInstruction) {
  if (order.email === undefined) return []
  const sessions = await ports.sessions.findByName(connection.tenant.id, nameOf('email', order.issuer, order.email))
  return sessions.map(({ userId }) => userId)
}

/** Users with an identity of this upstream that the message names by subject or proven email. */
async function usersOf(ports: UpstreamLogoutPorts, connection: OpenConnection, order: LogoutInstruction) {
  const tenant = connection.tenant.id
  const { issuer, subject, email } = order
  const bySubject = subject === undefined ? null : await ports.users.findByIdentity(tenant, issuer, subject)
  const byEmail = email === undefined ? [] : await ports.users.findByProvenEmail(tenant, email)
  const theirs = await Promise.all(
    byEmail.map(async ({ id }) => {
      const identities = await ports.users.identitiesOf(tenant, id)
      return identities.some((identity) => identity.issuer === issuer) ? [id] : []
    }),
  )
  return [...(bySubject === null ? [] : [bySubject.id]), ...theirs.flat()]
}

function auditEnd(
  ports: UpstreamLogoutPorts,
  { connection, endpoint }: UpstreamLogout,
  user: string,
  ended: Readonly<Record<string, string>>,
) {
  const { tenant, settings } = connection
  return recordAudit(ports, {
    tenant: tenant.id,
    action: 'session.ended',
    actor: `connection:${settings.id}`,
    target: user,
    details: { ...ended, connection: settings.id, endpoint },
  })
}

function namesOf(logoutIdentifiers: readonly LogoutIdentifier[], { identity, sid }: Login): readonly string[] {
  const { issuer, subject, profile } = identity
  const email = profile.email?.address
  return [
    ...(logoutIdentifiers.includes('subject') ? [nameOf('subject', issuer, subject)] : []),
    ...(logoutIdentifiers.includes('sid')
      ? [sid === undefined ? nameOf('subject without sid', issuer, subject) : nameOf('sid', issuer, sid)]
      : []),
    ...(logoutIdentifiers.includes('email') && email !== undefined ? [nameOf('email', issuer, email)] : []),
  ]
}

function nameOf(kind: LogoutIdentifier | 'subject without sid', issuer: string, value: string): string {
  return JSON.stringify([kind, issuer, value])
}

function pathOf({ tenant, connection }: ConnectionKey, endpoint: string) {
  return `/t/${tenant}/${connection}/${endpoint}`
}
