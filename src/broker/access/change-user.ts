/**
 * Changes of users by administrators. Each function throws `not_found` for a user whom the
 * administrator may not see (AD-01), and records the administrator as the actor.
 */
import { GatehouseError } from '../../errors.ts'
import { type ConsentPorts, endConsent } from '../apps/consent.ts'
import { recordAudit } from '../audit/record.ts'
import { type DeleteUserPorts, deleteUser } from '../identity/account/delete-user.ts'
import { type BlockUserPorts, blockUser, unblockUser } from '../identity/block-user.ts'
import { requireStepUp } from '../identity/fresh-sign-in.ts'
import { mailResetLink, type PasswordLinkPorts } from '../login/password-link.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { User } from '../ports/users.ts'
import { endSessionOf, endSessionsOf } from '../session/end-sessions-of.ts'
import { type RevokeTokenPorts, revokeAllTokens, revokeToken } from '../tokens/own-tokens.ts'
import { assignRole, removeRole } from './assign-role.ts'
import type { AssignedRole } from './permission.ts'
import { type Administrator, assertReachableRoles, type TargetPorts, targetUser } from './target.ts'

export type ChangeUserPorts = TargetPorts &
  BlockUserPorts &
  RevokeTokenPorts &
  ConsentPorts &
  PasswordLinkPorts &
  Ports<'roleAssignments'>

/** An admin does not change an operator. */
export async function changeableUser(
  ports: TargetPorts & Ports<'roleAssignments'>,
  by: Administrator,
  id: string,
): Promise<User> {
  const user = await targetUser(ports, by, id)
  await assertReachableRoles(ports, by, user)
  return user
}

/** False if the user has no such session. */
export async function endUserSession(ports: ChangeUserPorts, by: Administrator, id: string, sessionId: string) {
  return endSessionOf(ports, await changeableUser(ports, by, id), sessionId, by.session.userId)
}

/** Returns how many ended. */
export async function endUserSessions(ports: ChangeUserPorts, by: Administrator, id: string): Promise<number> {
  return endSessionsOf(ports, await changeableUser(ports, by, id), by.session.userId)
}

/** Returns how many sessions ended. Throws `request_invalid` for the administrator themselves. */
export async function blockUserBy(ports: ChangeUserPorts, by: Administrator, id: string): Promise<number> {
  const user = await changeableUser(ports, by, id)
  if (user.id === by.session.userId)
    throw new GatehouseError('request_invalid', 'administrators cannot block themselves', {
      text: 'You cannot block yourself. Ask another administrator to do it.',
    })
  return blockUser(ports, user, by.session.userId)
}

/**
 * Deletes the user at once. Throws `user_owns_apps`, and `request_invalid` for the administrator's
 * own user.
 */
export async function deleteUserBy(ports: ChangeUserPorts & DeleteUserPorts, by: Administrator, id: string) {
  const user = await changeableUser(ports, by, id)
  if (user.id === by.session.userId)
    throw new GatehouseError('request_invalid', 'administrators cannot delete themselves here', {
      text: 'You cannot delete yourself here. Delete your account on your account page.',
    })
  await deleteUser(ports, user, by.session.userId)
}

/** False if the user was not blocked. */
export async function unblockUserBy(ports: ChangeUserPorts, by: Administrator, id: string): Promise<boolean> {
  return unblockUser(ports, await changeableUser(ports, by, id), by.session.userId)
}

/** False if the user has no such token, or it has ended. */
export async function revokeUserToken(ports: ChangeUserPorts, by: Administrator, id: string, tokenId: string) {
  const { tenant, id: userId } = await changeableUser(ports, by, id)
  return revokeToken(ports, { tenant, userId }, by.session.userId, tokenId)
}

/** Returns how many ended. */
export async function revokeUserTokens(ports: ChangeUserPorts, by: Administrator, id: string): Promise<number> {
  const { tenant, id: userId } = await changeableUser(ports, by, id)
  return revokeAllTokens(ports, { tenant, userId }, by.session.userId)
}

/** Ends the app's tokens of the user too. False if the app has no access. */
export async function revokeUserConsent(ports: ChangeUserPorts, by: Administrator, id: string, appId: string) {
  const { tenant, id: userId } = await changeableUser(ports, by, id)
  const event = await endConsent(ports, { tenant, userId }, appId)
  const details = { app: appId }
  if (event !== undefined)
    await recordAudit(ports, { ...event, tenant, actor: by.session.userId, target: userId, details })
  return event !== undefined
}

/** The user's identity with a password; undefined without one. */
export async function passwordIdentityOf(
  { connections, users }: Ports<'connections' | 'users'>,
  { tenant, id }: Pick<User, 'tenant' | 'id'>,
) {
  const configured = connections.findTenant(tenant)
  const connection = configured === undefined ? null : connections.passwordConnection(configured)
  if (connection === null) return undefined
  const identities = await users.identitiesOf(tenant, id)
  const identity = identities.find((each) => each.connection === connection.settings.id)
  const email = identity?.profile.email?.address
  return email === undefined ? undefined : { connection: connection.settings.id, email }
}

/**
 * Emails the link with which the user sets a new password, which ends all sessions. Throws
 * `not_found` for a user without a password, and `too_many_attempts`.
 */
export async function resetUserPassword(ports: ChangeUserPorts, by: Administrator, id: string): Promise<void> {
  const user = await changeableUser(ports, by, id)
  const password = await passwordIdentityOf(ports, user)
  if (password === undefined)
    throw new GatehouseError('not_found', `user ${user.id} has no password`, {
      text: 'This user has no password: they sign in with another method.',
    })
  const { tenant } = user
  const { userId: actor } = by.session
  const { connection, email } = password
  await mailResetLink(ports, { tenant, connection }, { email, source: `admin ${actor}` })
  await recordAudit(ports, { tenant, action: 'password.reset_mailed', actor, target: user.id, details: {} })
}

/** For changes of roles, which need a sign-in or a factor of the last ten minutes. */
async function roleTarget(ports: RolePorts, by: Administrator, id: string): Promise<User> {
  await requireStepUp(ports, by.session)
  return changeableUser(ports, by, id)
}

type RolePorts = TargetPorts & Ports<'roleAssignments'>
type RoleOfAdmins = Exclude<AssignedRole, 'operator'>

/** Returns the user. Assigning it again changes nothing. Throws `fresh_sign_in_required`. */
export async function assignRoleBy(ports: RolePorts, by: Administrator, id: string, role: RoleOfAdmins): Promise<User> {
  const user = await roleTarget(ports, by, id)
  await assignRole(ports, { user, role, actor: by.session.userId })
  return user
}

/** False if it is not assigned. Throws `fresh_sign_in_required`. */
export async function removeRoleBy(ports: RolePorts, by: Administrator, id: string, role: RoleOfAdmins) {
  return removeRole(ports, { user: await roleTarget(ports, by, id), role, actor: by.session.userId })
}
