/**
 * Suspends sign-in methods that an attacker may have added: those added by a signed-in user since
 * the last password change, or since a change of factors that was undone. Methods linked by proven
 * email stay. The owner confirms or removes the others on `/account/sign-in-methods`.
 */
import type { Ports } from '../ports/core-ports.ts'
import type { IdentityKey, User, UserIdentity } from '../ports/users.ts'
import type { Session } from '../session/session.ts'
import { requireCurrentUser, requireStepUp } from './fresh-sign-in.ts'
import { type NotifyOwnerPorts, notifyOwner } from './notify-owner.ts'

export type SuspendIdentitiesPorts = NotifyOwnerPorts & Ports<'sessions' | 'users'>

export function identitiesAddedSince(
  identities: readonly UserIdentity[],
  own: IdentityKey | undefined,
  changedAt: Date,
) {
  return identities.filter(
    ({ issuer, subject, addedAt, suspendedAt }) =>
      (issuer !== own?.issuer || subject !== own.subject) &&
      suspendedAt === undefined &&
      addedAt !== undefined &&
      addedAt.getTime() >= changedAt.getTime(),
  )
}

/**
 * Returns all suspended ones. The caller ends their sessions.
 * @param own the identity of the new password, which stays
 */
export async function suspendAdded(
  ports: SuspendIdentitiesPorts,
  user: User,
  own: IdentityKey | undefined,
  changedAt: Date,
) {
  const identities = await ports.users.identitiesOf(user.tenant, user.id)
  const added = identitiesAddedSince(identities, own, changedAt)
  if (added.length > 0) await ports.users.suspend(user, added, ports.now())
  for (const { connection } of added)
    await notifyOwner(ports, { action: 'identity.suspended', opened: undefined, connection, users: [user] })
  return identities.filter((each) => each.suspendedAt !== undefined || added.includes(each))
}

/** The user confirms a suspended method (SE-09): its connection; null if they have none such. */
export async function confirmIdentity(
  ports: SuspendIdentitiesPorts,
  by: Session,
  isMeant: (identity: UserIdentity) => boolean,
): Promise<string | null> {
  await requireStepUp(ports, by)
  const identity = (await ports.users.identitiesOf(by.tenant, by.userId)).find(isMeant)
  const user = await requireCurrentUser(ports, by)
  if (identity === undefined || !(await ports.users.confirm(user, identity))) return null
  const { connection } = identity
  await notifyOwner(ports, { action: 'identity.confirmed', opened: undefined, connection, users: [user] })
  return connection
}
