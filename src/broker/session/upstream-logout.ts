/** Sessions end on both sides: ours ends the upstream's where the tenant wishes that, and an upstream's message ends ours at once. */
import { GatehouseError } from '../../errors.ts'
import type {
  Login,
  LogoutIdentifier,
  LogoutInstruction,
  LogoutMessage,
  LogoutMessageId,
  Recorder,
} from '../../provider.ts'
import type { OpenConnection } from '../connections.ts'
import type { Parts } from '../parts.ts'
import type { SessionOrigin } from '../ports.ts'
import { endSessionById, endSessionsByName, revokeAllAccess } from './end-session.ts'
import type { Session } from './session.ts'

// ---- ours ends theirs ----

/** What is kept beside a session that this login opens; undefined where neither side can end the other's. */
export function originOf(connection: OpenConnection, login: Login): SessionOrigin | undefined {
  const { logoutIdentifiers } = connection.upstream
  const names = logoutIdentifiers === undefined ? [] : namesOf(logoutIdentifiers, login)
  const { memo } = login
  return names.length === 0 && memo === undefined ? undefined : { names, memo }
}

/** Ends the session; where the browser goes on to for the upstream's session to end too, if it should. Throws what the upstream's addresses cost. */
export async function signOutOf(parts: Parts, session: Session): Promise<(() => Promise<URL | undefined>) | undefined> {
  const origin = await parts.sessions.origin(session.id)
  await endSessionById(parts, session, session.id)
  const { memo } = origin ?? {}
  if (memo === undefined) return undefined
  return async () => {
    const { upstream } = parts.connections.get(session.tenant, session.connection)
    return upstream.logout?.(memo, new URL(pathOf(session, 'signed-out'), parts.publicUrl))
  }
}

// ---- theirs ends ours ----

export interface LogoutResult {
  /** How many sessions this message ended. */
  readonly ended: number
  /** Where the browser that brought the message goes on to. */
  readonly answer: URL | undefined
}

/** Does what an upstream's logout message says, once it is believed. Throws `user_unknown` where it names nobody we know. */
export async function applyLogout(
  parts: Parts,
  connection: OpenConnection,
  notice: Omit<LogoutMessage, 'url'>,
): Promise<LogoutResult> {
  const { upstream, tenant, settings } = connection
  if (upstream.validateLogoutMessage === undefined)
    throw new GatehouseError('not_found', `connection ${settings.id} takes no logout messages`)
  const url = new URL(pathOf({ tenant: tenant.id, connection: settings.id }, notice.endpoint), parts.publicUrl)
  const order = await upstream.validateLogoutMessage({ ...notice, url })
  if (order === undefined) return { ended: 0, answer: undefined }
  const handler = order.everywhere ? revokeEverywhere : endUpstreamSessions
  const ended = await applyOnce(parts, connection, order.message, notice.record, () =>
    handler(parts, connection, notice.endpoint, order),
  )
  return { ended, answer: order.answer }
}

/**
 * A message counts as used once it is carried out: when a store fails before, the upstream's retry works. Of several at once each may
 * carry it out, which changes nothing, and one is the first; the others are refused like any replay.
 */
async function applyOnce<T>(
  parts: Pick<Parts, 'counters'>,
  { tenant, settings }: OpenConnection,
  { id, seconds }: LogoutMessageId,
  record: Recorder,
  apply: () => Promise<T>,
): Promise<T> {
  const key = `logout message:${tenant.id}/${settings.id}:${id}`
  const assertFirst = (ok: boolean) => {
    const check = { name: 'first use', ok, expected: 'a message not used before', got: ok ? 'a new one' : 'a used one' }
    record.check(check)
    if (!ok) throw new GatehouseError('upstream_invalid', 'a logout message that was used before', { check })
  }
  if ((await parts.counters.count(key)) > 0) assertFirst(false)
  const applied = await apply()
  assertFirst((await parts.counters.hit(key, seconds)).count === 1)
  return applied
}

/** The sessions this upstream opened. One that told no `sid` when it did cannot mean only one of them now. */
async function endUpstreamSessions(
  parts: Parts,
  connection: OpenConnection,
  endpoint: string,
  order: LogoutInstruction,
): Promise<number> {
  const { issuer, sid, subject, email } = order
  const names = [
    ...(sid === undefined ? [] : [nameOf('sid', issuer, sid)]),
    ...(subject === undefined ? [] : [nameOf(sid === undefined ? 'subject' : 'subject without sid', issuer, subject)]),
    ...(email === undefined ? [] : [nameOf('email', issuer, email)]),
  ]
  const ended = await Promise.all(names.map((name) => endSessionsByName(parts, connection.tenant.id, name)))
  await Promise.all(ended.flat().map(({ id, userId }) => audit(parts, connection, endpoint, userId, id)))
  return ended.flat().length
}

/** All sessions of the people it names, by whatever gate they came, and what apps hold of them. */
async function revokeEverywhere(
  parts: Parts,
  connection: OpenConnection,
  endpoint: string,
  order: LogoutInstruction,
): Promise<number> {
  const users = new Set([
    ...(await usersOfSessions(parts, connection, order)),
    ...(await usersOf(parts, connection, order)),
  ])
  if (users.size === 0) throw new GatehouseError('user_unknown', 'an upstream revokes somebody who never signed in')
  let ended = 0
  for (const user of users) {
    await revokeUser(parts, connection, user, order)
    const count = await revokeAllAccess(parts, { tenant: connection.tenant.id, userId: user })
    if (count > 0) await audit(parts, connection, endpoint, user, `${count} sessions`)
    ended += count
  }
  return ended
}

/** From here on no linked method signs the user in, until this upstream authenticates them again. */
async function revokeUser(
  parts: Parts,
  connection: OpenConnection,
  id: string,
  order: LogoutInstruction,
): Promise<void> {
  const tenant = connection.tenant.id
  const ofIssuer = (await parts.users.identitiesOf(tenant, id)).filter(({ issuer }) => issuer === order.issuer)
  const named = ofIssuer.filter(({ subject }) => subject === order.subject)
  const revoked = named.length > 0 ? named : ofIssuer
  if (revoked.length === 0) return
  await parts.users.revoke({ tenant, id }, revoked, parts.now())
  await parts.audit.add({
    ...{ at: parts.now(), tenant, action: 'user.revoked', actor: `connection ${connection.settings.id}`, target: id },
    details: { connection: connection.settings.id },
  })
}

/** By email too, which says who it is as long as a session lives, though nobody proved it. Ends none: a retry has to find them again. */
async function usersOfSessions(
  parts: Parts,
  connection: OpenConnection,
  order: LogoutInstruction,
): Promise<readonly string[]> {
  if (order.email === undefined) return []
  const sessions = await parts.sessions.findByName(connection.tenant.id, nameOf('email', order.issuer, order.email))
  return sessions.map(({ userId }) => userId)
}

/** Only people of this upstream: nobody else is its to end. */
async function usersOf(parts: Parts, connection: OpenConnection, order: LogoutInstruction): Promise<readonly string[]> {
  const tenant = connection.tenant.id
  const { issuer, subject, email } = order
  const bySubject = subject === undefined ? null : await parts.users.findByIdentity(tenant, issuer, subject)
  const byEmail = email === undefined ? [] : await parts.users.findByProvenEmail(tenant, email)
  const theirs = await Promise.all(
    byEmail.map(async ({ id }) => {
      const identities = await parts.users.identitiesOf(tenant, id)
      return identities.some((identity) => identity.issuer === issuer) ? [id] : []
    }),
  )
  return [...(bySubject === null ? [] : [bySubject.id]), ...theirs.flat()]
}

async function audit(
  parts: Parts,
  connection: OpenConnection,
  endpoint: string,
  user: string,
  target: string,
): Promise<void> {
  const { tenant, settings } = connection
  await parts.audit.add({
    at: parts.now(),
    tenant: tenant.id,
    action: 'session.ended',
    actor: `connection ${settings.id}`,
    target,
    details: { user, connection: settings.id, way: endpoint },
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

function pathOf(
  { tenant, connection }: { readonly tenant: string; readonly connection: string },
  handler: string,
): string {
  return `/t/${tenant}/${connection}/${handler}`
}
