/** Roles by assignment: one row for each user and role. */
import type { Selectable } from 'kysely'
import { assignedRoles } from '../../broker/access/permission.ts'
import type { RoleAssignment, RoleAssignments } from '../../broker/ports/role-assignments.ts'
import { having, type Sql, type Tables } from './schema.ts'
import { wordOf } from './values.ts'

export function sqlRoleAssignments({ db }: Sql): RoleAssignments {
  const assignments = db.selectFrom('role_assignments').selectAll().orderBy('assignedAt').orderBy('role')
  return {
    ofUser: async (tenant, userId) => (await assignments.where(having({ tenant, userId })).execute()).map(assignmentOf),
    ofTenant: async (tenant) =>
      (await assignments.orderBy('userId').where(having({ tenant })).execute()).map(assignmentOf),
    withRole: async (role) => (await assignments.orderBy('userId').where(having({ role })).execute()).map(assignmentOf),
    isAssigned: async (role) => {
      const found = db.selectFrom('role_assignments').select('userId').where(having({ role })).limit(1)
      return (await found.executeTakeFirst()) !== undefined
    },
    assign: async (assignment) => {
      const insert = db.insertInto('role_assignments').values(assignment)
      const { numInsertedOrUpdatedRows } = await insert
        .onConflict((conflict) => conflict.columns(['tenant', 'userId', 'role']).doNothing())
        .executeTakeFirst()
      return numInsertedOrUpdatedRows === 1n
    },
    remove: async ({ tenant, userId, role }) => {
      const remove = db.deleteFrom('role_assignments').where(having({ tenant, userId, role }))
      return (await remove.executeTakeFirst()).numDeletedRows === 1n
    },
  }
}

function assignmentOf({ role, ...row }: Selectable<Tables['role_assignments']>): RoleAssignment {
  return { ...row, role: wordOf(assignedRoles, role) }
}
