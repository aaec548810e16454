/** Assigns and removes roles of a user. What `access:` in the tenant's YAML gives stays. */
import { GatehouseError } from '../../errors.ts'
import { type AuditPorts, recordAudit } from '../audit/record.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { User } from '../ports/users.ts'
import type { AssignedRole } from './permission.ts'

export type AssignRolePorts = AuditPorts & Ports<'roleAssignments'>

interface RoleChange {
  readonly user: Pick<User, 'tenant' | 'id' | 'kind'>
  readonly role: AssignedRole
  /** Id of a user, or `cli`. */
  readonly actor: string
}

/**
 * False, with nothing changed, if it is assigned already. Throws `request_invalid` for `operator`
 * and a service account: admins of its tenant create its tokens.
 */
export async function assignRole(ports: AssignRolePorts, { user, role, actor }: RoleChange): Promise<boolean> {
  const { tenant, id: userId } = user
  if (role === 'operator' && user.kind === 'service')
    throw new GatehouseError('request_invalid', 'a service account cannot be operator: assign the role to a person', {
      text: 'A service account cannot be operator. Assign the role to a person.',
    })
  const assignment = { tenant, userId, role, assignedBy: actor, assignedAt: ports.now() }
  const assigned = await ports.roleAssignments.assign(assignment)
  if (assigned)
    await recordAudit(ports, {
      tenant,
      action: 'role.assigned',
      actor,
      target: userId,
      details: { role },
      after: { role },
    })
  return assigned
}

/** False if it is not assigned. */
export async function removeRole(ports: AssignRolePorts, { user, role, actor }: RoleChange): Promise<boolean> {
  const { tenant, id: userId } = user
  const removed = await ports.roleAssignments.remove({ tenant, userId, role })
  if (removed)
    await recordAudit(ports, {
      tenant,
      action: 'role.removed',
      actor,
      target: userId,
      details: { role },
      before: { role },
    })
  return removed
}
