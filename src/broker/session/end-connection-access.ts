import { type EndSessionPorts, endSession, invalidatePendingLogins, revokeGrants } from './end-session.ts'
import type { UserKey } from './session.ts'

/**
 * Ends the sessions that a connection signed the user in to, except one, and all that apps got in
 * them. Returns how many sessions ended.
 */
export async function endConnectionAccess(
  ports: EndSessionPorts,
  { tenant, userId }: UserKey,
  connection: string,
  exceptId?: string,
): Promise<number> {
  await invalidatePendingLogins(ports, { tenant, userId })
  const grants = await ports.sessionApps.grantsOfConnection(tenant, userId, connection)
  await revokeGrants(ports, grants)
  const sessions = await ports.sessions.list(tenant, userId)
  const others = sessions.filter((session) => session.connection === connection && session.id !== exceptId)
  const ended = await Promise.all(others.map((session) => endSession(ports, session)))
  return ended.filter(Boolean).length
}
