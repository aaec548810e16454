/** Compares the roles and the credential of a caller with the permission of a route. */
import { GatehouseError } from '../../errors.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Session, UserKey } from '../session/session.ts'
import { type Decision, decide } from './decide.ts'
import { type Permission, type Role, rolesWith } from './permission.ts'
import { type GrantedRole, namesOf, rolesOf } from './roles-of.ts'

export type AccessPorts = Ports<'connections' | 'now' | 'roleAssignments' | 'users'>

/**
 * The user's current roles; none for an unknown user or a removed tenant. Makes two store reads.
 */
export async function grantedRoles(ports: AccessPorts, { tenant, userId }: UserKey): Promise<readonly GrantedRole[]> {
  const [user, assignments] = await Promise.all([
    ports.users.find(tenant, userId),
    ports.roleAssignments.ofUser(tenant, userId),
  ])
  const configured = ports.connections.findTenant(tenant)
  if (user === null || configured === undefined) return []
  return rolesOf({ user, tenant: configured, assignments, now: ports.now() })
}

/** Every user is a member, so routes for the own account read no store. */
async function rolesFor(ports: AccessPorts, session: Session, permission: Permission): Promise<readonly Role[]> {
  return rolesWith(permission).includes('member') ? ['member'] : namesOf(await grantedRoles(ports, session))
}

/**
 * Returns the roles it read: those of members are not.
 * Throws `permission_refused` and `api_token_refused`.
 */
export async function authorize(
  ports: AccessPorts,
  session: Session,
  permission: Permission,
): Promise<readonly Role[]> {
  const roles = await rolesFor(ports, session, permission)
  const decision = decide({ roles, credential: session, permission })
  if (decision !== 'allowed') throw refusal(decision, permission)
  return roles
}

/** Whether the user has a permission besides that of the route. */
export async function isAuthorized(ports: AccessPorts, session: Session, permission: Permission): Promise<boolean> {
  const roles = await rolesFor(ports, session, permission)
  return decide({ roles, credential: session, permission }) === 'allowed'
}

/**
 * Checks the scope at endpoints ahead of the route table, and for rights of every member. Throws
 * `api_token_refused`.
 */
export function assertScope(session: Session, permission: Permission): void {
  const decision = decide({ roles: ['member'], credential: session, permission })
  if (decision !== 'allowed') throw refusal(decision, permission)
}

function refusal(reason: Exclude<Decision, 'allowed'>, permission: Permission): GatehouseError {
  switch (reason) {
    case 'role': {
      const roles = rolesWith(permission).toReversed()
      const assigner = roles.every((role) => role === 'operator')
        ? 'An operator'
        : 'An admin of your organization or an operator'
      return new GatehouseError('permission_refused', `no role of the user has ${permission}`, {
        text: `This needs the role ${roles.join(' or ')}. ${assigner} can assign it.`,
      })
    }
    case 'session':
      return new GatehouseError('api_token_refused', `${permission} needs a session`, {
        text: `An API token cannot do this: ${permission} needs a session. Sign in, and send the session token.`,
      })
    case 'scope':
      return new GatehouseError('api_token_refused', `the API token has no scope ${permission}`, {
        text: `This API token does not have the scope ${permission}. Create one that has it, or one without scopes.`,
      })
    default:
      return reason satisfies never
  }
}
