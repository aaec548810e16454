/** The upstream refuses a re-check: the user's access ends (ID-10). */
import { recordAudit } from '../../audit/record.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { ClaimedGrant } from '../../ports/upstream-grants.ts'
import type { User } from '../../ports/users.ts'
import { suspendTokens } from '../../tokens/own-tokens.ts'
import type { AttemptTrace } from '../../trace.ts'
import { endConnectionAccess } from '../end-connection-access.ts'
import { type EndSessionPorts, revokeAllAccess } from '../end-session.ts'
import { unconfirmedSince } from './confirmation.ts'

export type EndAccessPorts = EndSessionPorts & Ports<'apiTokens'>

export interface EndedAccess {
  /** `revoked`: the user. `signed out`: the result is unclear, so only this connection's access. */
  readonly what: 'revoked' | 'signed out'
  readonly sessions: number
}

/**
 * A refresh token that may have been replaced without our knowing proves only that a new sign-in is
 * needed. Safe to repeat after a failure.
 */
export async function endAccess(
  ports: EndAccessPorts,
  grant: ClaimedGrant,
  user: User,
  reason: string,
  trace: AttemptTrace,
): Promise<EndedAccess> {
  const isUnclear = grant.isDoubtful && user.status === 'active'
  const what = isUnclear ? 'signed out' : 'revoked'
  const { tenant, userId, connection } = grant
  const actor = `connection:${connection}`
  const details = { connection, reason, outcome: what, reference: trace.reference }
  if (!isUnclear) await ports.users.revoke(user, [grant], ports.now())
  await recordAudit(ports, { tenant, action: 'recheck.refused', actor, target: userId, details })
  const sessions = await (isUnclear ? signOut(ports, grant, user) : revoke(ports, grant))
  await (isUnclear ? ports.upstreamGrants.remove(grant) : ports.upstreamGrants.removeOf(grant))
  trace.ofUser(userId)
  const unclear = isUnclear ? ['an earlier re-check did not finish: the user has to sign in again'] : []
  trace.sessionsEnded(sessions, [`the upstream refused the re-check of the user: ${reason}`, ...unclear])
  return { what, sessions }
}

/**
 * The upstream knows the user, but `ssoOnly` refuses the connection: its access ends, and the user
 * stays as they are. Safe to repeat after a failure.
 */
export async function endRefusedConnection(
  ports: EndAccessPorts,
  grant: ClaimedGrant,
  reason: string,
  trace: AttemptTrace,
): Promise<EndedAccess> {
  const { tenant, userId, connection } = grant
  const what = 'signed out'
  const details = { connection, reason, outcome: what, reference: trace.reference }
  const actor = `connection:${connection}`
  await recordAudit(ports, { tenant, action: 'recheck.refused', actor, target: userId, details })
  const sessions = await endConnectionAccess(ports, grant, connection)
  await ports.upstreamGrants.remove(grant)
  trace.ofUser(userId)
  trace.sessionsEnded(sessions, [`the re-check of the user was refused: ${reason}`])
  return { what, sessions }
}

async function revoke(ports: EndAccessPorts, grant: ClaimedGrant): Promise<number> {
  await suspendTokens(ports, grant, new Date(0), `connection:${grant.connection}`)
  return revokeAllAccess(ports, grant)
}

async function signOut(ports: EndAccessPorts, grant: ClaimedGrant, user: User): Promise<number> {
  const { connection } = grant
  await ports.users.recordConfirmation(user, { at: unconfirmedSince, connection })
  return endConnectionAccess(ports, grant, connection)
}
