/** Ends sessions of a user for an administrator. @param actor id of the administrator, or `cli` */
import { recordAudit } from '../audit/record.ts'
import type { User } from '../ports/users.ts'
import { type EndSessionPorts, endAllSessions, endSession } from './end-session.ts'

type SessionOwner = Pick<User, 'tenant' | 'id'>

/** True if this call ended it; another user's is unknown (SE-09). */
export async function endSessionOf(
  ports: EndSessionPorts,
  { tenant, id }: SessionOwner,
  session: string,
  actor: string,
) {
  const found = session.length > 128 ? null : await ports.sessions.find(session)
  if (found === null || found.tenant !== tenant || found.userId !== id) return false
  const ended = await endSession(ports, found)
  if (ended) await recordAudit(ports, { tenant, action: 'session.ended', actor, target: id, details: { session } })
  return ended
}

/** Ends logins in progress too. Returns how many sessions ended. */
export async function endSessionsOf(
  ports: EndSessionPorts,
  { tenant, id }: SessionOwner,
  actor: string,
): Promise<number> {
  const ended = await endAllSessions(ports, { tenant, userId: id })
  const details = { sessions: `${ended}` }
  if (ended > 0) await recordAudit(ports, { tenant, action: 'session.ended', actor, target: id, details })
  return ended
}
