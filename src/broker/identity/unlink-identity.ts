import { withoutConnection } from '../../profile/profile.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { UserIdentity } from '../ports/users.ts'
import { type EndSessionPorts, endSession, invalidatePendingLogins, revokeGrants } from '../session/end-session.ts'
import type { Session } from '../session/session.ts'
import { requireCurrentUser, requireFreshSignIn } from './fresh-sign-in.ts'
import { type NotifyOwnerPorts, notifyOwner } from './notify-owner.ts'
import { identityName } from './sign-in-methods.ts'

export type UnlinkIdentityPorts = EndSessionPorts & NotifyOwnerPorts & Ports<'passwords'>

/** Also ends its sessions, groups and password (SE-09). `last`: no other is left; null: unknown. */
export async function unlinkIdentity(ports: UnlinkIdentityPorts, by: Session, name: string) {
  await requireFreshSignIn(ports, by)
  const identities = await ports.users.identitiesOf(by.tenant, by.userId)
  const identity = identities.find((each) => identityName(each) === name)
  if (identity === undefined) return null
  const connections = ports.connections.all(ports.connections.tenant(by.tenant))
  const usable = connections.map(({ settings }) => settings.id)
  const isLeft = (other: UserIdentity) => other !== identity && other.suspendedAt === undefined
  if (!identities.some((other) => isLeft(other) && usable.includes(other.connection))) return 'last'
  // before and after: after a store failure the identity can be unlinked again
  await revokeConnectionAccess(ports, by, identity.connection)
  const user = await requireCurrentUser(ports, by)
  const isOnly = identities.filter(({ connection }) => connection === identity.connection).length === 1
  const profile = isOnly ? withoutConnection(user.profile, identity.connection) : user.profile
  if (!(await ports.users.unlink({ ...user, profile }, identity, usable))) return 'last'

  const connection = connections.find(({ settings }) => settings.id === identity.connection)
  if (connection?.upstream.passwords !== undefined) await ports.passwords.remove(by.tenant, identity.subject)
  await revokeConnectionAccess(ports, by, identity.connection)
  await notifyOwner(ports, {
    action: 'identity.unlinked',
    opened: connection,
    connection: identity.connection,
    users: [user],
  })
  return 'unlinked'
}

/** Ends what apps got in the connection's sessions, and these sessions but the caller's. */
async function revokeConnectionAccess(ports: UnlinkIdentityPorts, by: Session, connection: string): Promise<void> {
  const { tenant, userId } = by
  await invalidatePendingLogins(ports, by)
  const grants = await ports.sessionApps.grantsOfConnection(tenant, userId, connection)
  await revokeGrants(ports, grants)
  const sessions = await ports.sessions.list(tenant, userId)
  const others = sessions.filter((session) => session.connection === connection && session.id !== by.id)
  await Promise.all(others.map((session) => endSession(ports, session)))
}
