import type { AssignedRole } from '../access/permission.ts'

/** A role that an admin or the command line gave to a user. */
export interface RoleAssignment {
  /** Tenant of the user. An operator has the role in every tenant. */
  readonly tenant: string
  readonly userId: string
  readonly role: AssignedRole
  /** Id of a user, or `cli`. */
  readonly assignedBy: string
  readonly assignedAt: Date
}

export type RoleKey = Pick<RoleAssignment, 'tenant' | 'userId' | 'role'>

export interface RoleAssignments {
  ofUser(tenant: string, userId: string): Promise<readonly RoleAssignment[]>
  /** Oldest first. */
  ofTenant(tenant: string): Promise<readonly RoleAssignment[]>
  /** Assignments of the role in all tenants, oldest first. */
  withRole(role: AssignedRole): Promise<readonly RoleAssignment[]>
  /** Whether any user of any tenant has it. */
  isAssigned(role: AssignedRole): Promise<boolean>
  /** False, with nothing changed, if the user has it: of concurrent callers one succeeds. */
  assign(assignment: RoleAssignment): Promise<boolean>
  /** True if this call removed it. */
  remove(key: RoleKey): Promise<boolean>
}
