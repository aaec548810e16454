/** The one way to delete a user: at once for administrators, after a waiting period for users. */
import { GatehouseError } from '../../../errors.ts'
import { accountPolicyOf } from '../../../tenant.ts'
import { recordAudit } from '../../audit/record.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { UserDeletion } from '../../ports/user-deletions.ts'
import type { User } from '../../ports/users.ts'
import { type EndSessionPorts, revokeAllAccess } from '../../session/end-session.ts'
import type { Session, UserKey } from '../../session/session.ts'
import { type RevokeTokenPorts, revokeAllTokens } from '../../tokens/own-tokens.ts'
import { cancelDeletionOfBlocked } from '../block-user.ts'
import { requireStepUp } from '../fresh-sign-in.ts'
import { mailNotice, type NotifyUserPorts, notifyUser } from '../notify-user.ts'
import { deletionCode, readDeletionCode } from './deletion-code.ts'
import { userAddresses } from './user-addresses.ts'

export type DeleteUserPorts = EndSessionPorts &
  RevokeTokenPorts &
  NotifyUserPorts &
  Ports<'apps' | 'keyRing' | 'rememberedDevices' | 'userDeletions'>

/** Path of the emailed link that cancels a deletion. */
export const cancelDeletionPath = '/account/delete/cancel'

/** Apps would stay without an owner. Throws `user_owns_apps`. */
async function assertNoApps({ apps }: Ports<'apps'>, { tenant, userId }: UserKey): Promise<void> {
  const owned = await apps.ownedBy(tenant, userId)
  if (owned.length === 0) return
  const names = owned.slice(0, 20).map(({ id, name }) => `${name} (${id})`)
  throw new GatehouseError('user_owns_apps', `the user owns ${owned.length} apps`, {
    text: `Delete these apps first, or let an administrator transfer them: ${names.join(', ')}.`,
  })
}

/**
 * Deletes the user at once: sessions, tokens, grants and every stored row (ID-09). The request is
 * stored before anything else, so that after a crash `resumeDeletions` finishes it. Audit events
 * keep the id alone. Throws `user_owns_apps`. @param actor for the audit log
 */
export async function deleteUser(ports: DeleteUserPorts, { tenant, id }: User, actor: string): Promise<void> {
  const user = { tenant, userId: id }
  await assertNoApps(ports, user)
  const now = ports.now()
  const addresses = await userAddresses(ports, user)
  await ports.userDeletions.put({ ...user, requestedAt: now, dueAt: now })
  await ports.users.setStatus(tenant, id, 'blocked') // refuses logins and tokens from here on
  await revokeAllTokens(ports, user, actor)
  await revokeAllAccess(ports, user)
  // before the rows go: after a crash the event may be recorded twice, but never not at all
  await recordAudit(ports, { tenant, action: 'user.deleted', actor, target: id })
  await ports.userDeletions.erase(user)
  await mailNotice(ports, tenant, addresses, { kind: 'deletion done' })
}

const batch = 50

/**
 * Deletes users whose waiting period is over, and finishes deletions that a crash interrupted. One
 * that fails holds up no other. Throws `store_unavailable`.
 */
export async function resumeDeletions(
  ports: DeleteUserPorts,
  onFailed: (user: UserKey, error: unknown) => void,
): Promise<number> {
  const now = ports.now()
  let deleted = 0
  let last: UserDeletion | undefined
  for (;;) {
    const page = await ports.userDeletions.due(now, batch, last)
    for (const { tenant, userId } of page)
      try {
        if (await resumeDeletion(ports, { tenant, userId })) deleted += 1
      } catch (error) {
        if (error instanceof GatehouseError && error.code === 'store_unavailable') throw error
        onFailed({ tenant, userId }, error)
      }
    last = page.at(-1)
    if (page.length < batch) return deleted
  }
}

/** False for a user who was blocked after the request. */
async function resumeDeletion(ports: DeleteUserPorts, { tenant, userId }: UserKey): Promise<boolean> {
  const user = await ports.users.find(tenant, userId)
  if (user?.status === 'blocked' && (await cancelDeletionOfBlocked(ports, { tenant, userId }, 'system'))) return false
  if (user === null) await ports.userDeletions.erase({ tenant, userId })
  else await deleteUser(ports, user, userId)
  return true
}

/**
 * Days until a requested deletion takes effect; undefined where users may not delete themselves.
 */
export function deletionDays({ connections }: Ports<'connections'>, tenant: string): number | undefined {
  const { deletionSeconds } = accountPolicyOf(connections.tenant(tenant))
  return deletionSeconds === undefined ? undefined : Math.round(deletionSeconds / 86_400)
}

/**
 * A user asks for the deletion of their account. It takes effect after the tenant's waiting period;
 * an emailed link, and every sign-in until then, offer to cancel it. Throws
 * `fresh_sign_in_required`, `user_owns_apps`, and `deletion_refused` where the tenant does not
 * allow it.
 */
export async function requestDeletion(ports: DeleteUserPorts, by: Session, address?: string): Promise<UserDeletion> {
  const { tenant, userId } = by
  const { deletionSeconds } = accountPolicyOf(ports.connections.tenant(tenant))
  if (deletionSeconds === undefined)
    throw new GatehouseError('deletion_refused', 'the tenant does not let users delete their accounts')
  await requireStepUp(ports, by)
  const pending = await ports.userDeletions.find(by)
  if (pending !== null) return pending
  await assertNoApps(ports, by)
  const requestedAt = ports.now()
  const deletion = { tenant, userId, requestedAt, dueAt: new Date(requestedAt.getTime() + deletionSeconds * 1000) }
  await ports.userDeletions.put(deletion)
  const cancelLink = new URL(cancelDeletionPath, ports.publicUrl)
  cancelLink.searchParams.set('code', deletionCode(ports.keyRing, deletion))
  const { dueAt: effectiveAt } = deletion
  const event = {
    kind: 'deletion requested',
    at: requestedAt,
    address,
    effectiveAt,
    cancelLink: cancelLink.href,
  } as const
  const mail = await notifyUser(ports, by, event)
  const details = { due: effectiveAt.toISOString(), mail }
  await recordAudit(ports, { tenant, action: 'user.deletion_requested', actor: userId, target: userId, details })
  return deletion
}

/** True if this call canceled a deletion. */
export async function cancelDeletion(ports: DeleteUserPorts, { tenant, userId }: UserKey): Promise<boolean> {
  if (!(await ports.userDeletions.cancel({ tenant, userId }, ports.now()))) return false
  const mail = await notifyUser(ports, { tenant, userId }, { kind: 'deletion canceled' })
  const details = { mail }
  await recordAudit(ports, { tenant, action: 'user.deletion_canceled', actor: userId, target: userId, details })
  return true
}

/**
 * The pending deletion that an emailed code cancels; null for a wrong code, and for one of an
 * earlier request.
 */
export async function deletionByCode(ports: DeleteUserPorts, code: string): Promise<UserDeletion | null> {
  const named = readDeletionCode(ports.keyRing, code)
  const pending = named === null ? null : await ports.userDeletions.find(named)
  if (named === null || pending === null || pending.dueAt.getTime() <= ports.now().getTime()) return null
  return pending.requestedAt.getTime() === named.requestedAt.getTime() ? pending : null
}
