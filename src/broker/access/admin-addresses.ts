/** Addresses of the admins of a tenant. */
import type { Tenant } from '../../tenant.ts'
import { provenAddresses } from '../identity/account/user-addresses.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { RoleAssignment } from '../ports/role-assignments.ts'
import type { User } from '../ports/users.ts'

export type AdminAddressesPorts = Ports<'connections' | 'roleAssignments' | 'users'>
export type AdminAddresses = (tenant: Tenant) => Promise<readonly string[]>

/**
 * Finds the tenant's admins; without one that has an address, the operators, who are read once:
 * make a new one for each run.
 */
export function adminAddresses(ports: AdminAddressesPorts): AdminAddresses {
  let operators: Promise<readonly string[]> | undefined
  return async (tenant) => {
    const listed = (tenant.access?.admin ?? []).flatMap((entry) => ('email' in entry ? [entry.email] : []))
    const assignments = await ports.roleAssignments.ofTenant(tenant.id)
    const assigned = await activeUsers(
      ports,
      assignments.filter(({ role }) => role === 'admin'),
    )
    const admins = [...new Set([...listed, ...provenAddresses(assigned)])]
    if (admins.length > 0) return admins
    operators ??= operatorAddresses(ports)
    return operators
  }
}

async function operatorAddresses(ports: AdminAddressesPorts): Promise<readonly string[]> {
  const configured = new Set(ports.connections.tenants().map(({ id }) => id))
  const assignments = await ports.roleAssignments.withRole('operator')
  return provenAddresses(
    await activeUsers(
      ports,
      assignments.filter(({ tenant }) => configured.has(tenant)),
    ),
  )
}

async function activeUsers(
  { users }: AdminAddressesPorts,
  assignments: readonly RoleAssignment[],
): Promise<readonly User[]> {
  const found: User[] = []
  for (const { tenant, userId } of assignments) {
    const user = await users.find(tenant, userId)
    if (user?.status === 'active') found.push(user)
  }
  return found
}
