/** Switching a person's access off, and on again. Off means off at once: sessions, tokens and offline access of every app end. */

import type { CorePorts } from '../ports/core-ports.ts'
import type { User } from '../ports/users.ts'
import type { EndSessionPorts } from '../session/end-session.ts'
import { revokeAllAccess } from '../session/end-session.ts'

/** Returns how many sessions were ended. A login that is under way opens none. @param actor who blocks */
export async function blockUser(ports: EndSessionPorts, user: User, actor: string): Promise<number> {
  const { tenant, id } = user
  const changed = await ports.users.setStatus(tenant, id, 'blocked') // first: from here on nobody gets in
  const ended = await revokeAllAccess(ports, { tenant, userId: id })
  if (changed) await audit(ports, user, 'user.blocked', actor, { sessions: String(ended) })
  return ended
}

/** Also ends what an upstream revoked. True when they could not sign in. What ended stays ended: they sign in again. */
export async function unblockUser(ports: EndSessionPorts, user: User, actor: string): Promise<boolean> {
  const changed = await ports.users.setStatus(user.tenant, user.id, 'active')
  if (changed) await audit(ports, user, 'user.unblocked', actor, {})
  return changed
}

/** Those of a tenant who are meant by an id or a proven email. */
export async function usersNamed(
  ports: Pick<CorePorts, 'users'>,
  tenant: string,
  name: string,
): Promise<readonly User[]> {
  const byId = await ports.users.find(tenant, name)
  return byId === null ? ports.users.findByProvenEmail(tenant, name) : [byId]
}

async function audit(
  ports: EndSessionPorts,
  { tenant, id }: User,
  action: string,
  actor: string,
  details: Readonly<Record<string, string>>,
): Promise<void> {
  await ports.audit.add({ at: ports.now(), tenant, action, actor, target: id, details })
}
