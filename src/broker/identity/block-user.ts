/** Blocks and unblocks users. Blocking ends sessions, tokens and offline access at once. */

import type { CorePorts } from '../ports/core-ports.ts'
import type { User } from '../ports/users.ts'
import type { EndSessionPorts } from '../session/end-session.ts'
import { revokeAllAccess } from '../session/end-session.ts'

/**
 * Returns how many sessions ended. Pending logins are refused too.
 * @param actor the admin
 */
export async function blockUser(ports: EndSessionPorts, user: User, actor: string): Promise<number> {
  const { tenant, id } = user
  const changed = await ports.users.setStatus(tenant, id, 'blocked') // first: from here on nobody gets in
  const ended = await revokeAllAccess(ports, { tenant, userId: id })
  if (changed) await audit(ports, user, 'user.blocked', actor, { sessions: String(ended) })
  return ended
}

/**
 * Also ends upstreams' revocations. True if the user could not sign in. Ended sessions stay ended.
 */
export async function unblockUser(ports: EndSessionPorts, user: User, actor: string): Promise<boolean> {
  const changed = await ports.users.setStatus(user.tenant, user.id, 'active')
  if (changed) await audit(ports, user, 'user.unblocked', actor, {})
  return changed
}

/** The tenant's users with this id or proven email. */
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
