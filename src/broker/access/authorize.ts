/** Compares the roles and the credential of a caller with the permission of a route. */
import { GatehouseError } from '../../errors.ts'
import { isDeveloper } from '../apps/ownership.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Session } from '../session/session.ts'
import { type Decision, decide } from './decide.ts'
import { type Permission, type Role, rolesWith } from './permission.ts'

export type AccessPorts = Ports<'connections' | 'now' | 'users'>

/** The roles that can matter here: every user is a member, so own-account routes read no store. */
export async function rolesFor(ports: AccessPorts, session: Session, permission: Permission): Promise<readonly Role[]> {
  if (rolesWith(permission).includes('member')) return ['member']
  return (await isDeveloper(ports, session)) ? ['member', 'developer'] : ['member']
}

/** Throws `permission_refused` and `api_token_refused`. */
export async function authorize(ports: AccessPorts, session: Session, permission: Permission): Promise<void> {
  const decision = decide({ roles: await rolesFor(ports, session, permission), credential: session, permission })
  if (decision !== 'allowed') throw refusal(decision, permission)
}

function refusal(reason: Exclude<Decision, 'allowed'>, permission: Permission): GatehouseError {
  switch (reason) {
    case 'role': {
      const roles = rolesWith(permission).toReversed().join(' or ')
      return new GatehouseError('permission_refused', `no role of the user has ${permission}`, {
        text: `This needs the role ${roles}. Ask the administrator of your organization.`,
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
