/** Blocks and unblocks users. Blocking ends sessions, tokens and offline access at once. */

import { recordAudit } from '../audit/record.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { User } from '../ports/users.ts'
import { type EndSessionPorts, revokeAllAccess } from '../session/end-session.ts'
import type { UserKey } from '../session/session.ts'

export type BlockUserPorts = EndSessionPorts & Ports<'userDeletions'>

/**
 * Returns how many sessions ended. Pending logins are refused too. A deletion that the user
 * requested is canceled: afterwards they could sign up again. @param actor the admin
 */
export async function blockUser(ports: BlockUserPorts, user: User, actor: string): Promise<number> {
  const { tenant, id } = user
  const changed = await ports.users.setStatus(tenant, id, 'blocked') // first: refuses logins
  const [before, after] = [{ status: user.status }, { status: 'blocked' }]
  // second: a failure below, and a repeated call, must not lose it
  if (changed) await recordAudit(ports, { tenant, action: 'user.blocked', actor, target: id, before, after })
  await cancelDeletionOfBlocked(ports, { tenant, userId: id }, actor)
  await ports.upstreamGrants.removeOf({ tenant, userId: id })
  return revokeAllAccess(ports, { tenant, userId: id })
}

/** True if this call canceled a deletion. */
export async function cancelDeletionOfBlocked(
  ports: Ports<'audit' | 'now' | 'userDeletions'>,
  { tenant, userId }: UserKey,
  actor: string,
): Promise<boolean> {
  if (!(await ports.userDeletions.cancelUnlessBegun({ tenant, userId }))) return false
  const details = { reason: 'user blocked' }
  await recordAudit(ports, { tenant, action: 'user.deletion_canceled', actor, target: userId, details })
  return true
}

/**
 * Unblocks the user, and ends revocations by upstreams. True if the user could not sign in before.
 */
export async function unblockUser(ports: EndSessionPorts, user: User, actor: string): Promise<boolean> {
  const { tenant, id } = user
  // what a failure while blocking has left
  if (user.status !== 'active') await revokeAllAccess(ports, { tenant, userId: id })
  const changed = await ports.users.setStatus(tenant, id, 'active')
  const [before, after] = [{ status: user.status }, { status: 'active' }]
  if (changed) await recordAudit(ports, { tenant, action: 'user.unblocked', actor, target: id, before, after })
  return changed
}

/** The tenant's users with this id or proven email. */
export async function usersNamed(ports: Ports<'users'>, tenant: string, name: string): Promise<readonly User[]> {
  const byId = await ports.users.find(tenant, name)
  return byId === null ? ports.users.findByProvenEmail(tenant, name) : [byId]
}
