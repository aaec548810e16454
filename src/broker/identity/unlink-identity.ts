import { withoutConnection } from '../../profile/merge.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { UserIdentity } from '../ports/users.ts'
import { endConnectionAccess } from '../session/end-connection-access.ts'
import type { EndSessionPorts } from '../session/end-session.ts'
import type { Session } from '../session/session.ts'
import { userAddresses } from './account/user-addresses.ts'
import { requireCurrentUser, requireStepUp } from './fresh-sign-in.ts'
import { type NotifyOwnerPorts, notifyOwner } from './notify-owner.ts'
import { identityName } from './sign-in-methods.ts'

export type UnlinkIdentityPorts = EndSessionPorts & NotifyOwnerPorts & Ports<'passwords'>

export type Unlinked =
  /** `ended`: how many sessions that it opened ended, without the caller's. */
  | { readonly outcome: 'unlinked'; readonly connection: string; readonly ended: number }
  /** `last`: no other is left. */
  | { readonly outcome: 'last' | 'unknown' }

/** Removes a sign-in method with its sessions, groups and password (SE-09). */
export async function unlinkIdentity(ports: UnlinkIdentityPorts, by: Session, name: string): Promise<Unlinked> {
  await requireStepUp(ports, by)
  const identities = await ports.users.identitiesOf(by.tenant, by.userId)
  const identity = identities.find((each) => identityName(each) === name)
  if (identity === undefined) return { outcome: 'unknown' }
  const connections = ports.connections.all(ports.connections.tenant(by.tenant))
  const usable = connections.map(({ settings }) => settings.id)
  const isLeft = (other: UserIdentity) => other !== identity && other.suspendedAt === undefined
  if (!identities.some((other) => isLeft(other) && usable.includes(other.connection))) return { outcome: 'last' }
  // before and after: after a store failure the identity can be unlinked again
  const before = await endAccess(ports, by, identity.connection)
  const addresses = await userAddresses(ports, by)
  const user = await requireCurrentUser(ports, by)
  const isOnly = identities.filter(({ connection }) => connection === identity.connection).length === 1
  const profile = isOnly ? withoutConnection(user.profile, identity.connection) : user.profile
  if (!(await ports.users.unlink({ ...user, profile }, identity, usable))) return { outcome: 'last' }

  const connection = connections.find(({ settings }) => settings.id === identity.connection)
  if (connection?.upstream.passwords !== undefined) await ports.passwords.remove(by.tenant, identity.subject)
  const after = await endAccess(ports, by, identity.connection)
  await notifyOwner(ports, {
    action: 'identity.unlinked',
    opened: connection,
    connection: identity.connection,
    users: [user],
    addresses,
  })
  return { outcome: 'unlinked', connection: identity.connection, ended: before + after }
}

/**
 * Ends the connection's sessions except the caller's, and removes its refresh token. Returns how
 * many.
 */
async function endAccess(ports: UnlinkIdentityPorts, by: Session, connection: string): Promise<number> {
  await ports.upstreamGrants.removeOf(by, connection)
  return endConnectionAccess(ports, by, connection, by.id)
}
