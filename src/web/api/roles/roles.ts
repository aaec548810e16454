/** `/api/v1/users/{id}/roles`: roles, each with its source, and their assignment by an admin. */
import { z } from 'zod'
import { grantedRoles } from '../../../broker/access/authorize.ts'
import { assignRoleBy, removeRoleBy } from '../../../broker/access/change-user.ts'
import type { GrantedRole, RoleSource } from '../../../broker/access/roles-of.ts'
import { targetUser } from '../../../broker/access/target.ts'
import { GatehouseError } from '../../../errors.ts'
import { isoTime } from '../../../http/iso-time.ts'
import { answer, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'

const params = z.object({ id: z.string().max(128).describe('ID of the user.') })
const roleParams = params.extend({
  role: z.enum(['admin', 'developer']).describe('The command line alone assigns `operator`.'),
})
const example = {
  roles: [
    { role: 'admin', source: { kind: 'assignment', assignedBy: 'cli', assignedAt: '2026-11-29T10:00:00Z' } },
    { role: 'developer', source: { kind: 'group', group: 'acme-developers', connection: 'okta' } },
    { role: 'member', source: { kind: 'default' } },
  ],
}
const current = answer(200, 'The current roles.', schemas.RoleList, example)
const changeErrors = ['not_found', 'fresh_sign_in_required'] as const

export const roleRoutes = [
  apiRoute('listOwnRoles', 'get', '/api/v1/users/me/roles', {
    caller: 'session',
    permission: 'profile:read',
    summary: 'List your roles, each with its source',
    answer: current,
    handler: async ({ shell, caller }) => roleList(await grantedRoles(shell.parts, caller)),
  }),
  apiRoute('listRoles', 'get', '/api/v1/users/:id/roles', {
    caller: 'admin',
    permission: 'roles:read',
    summary: 'List the roles of a user, each with its source',
    params,
    answer: current,
    errors: ['not_found'],
    handler: async ({ shell, caller: session, roles, params: { id } }) => {
      const user = await targetUser(shell.parts, { session, roles }, id)
      return roleList(await grantedRoles(shell.parts, { tenant: user.tenant, userId: user.id }))
    },
  }),
  apiRoute('assignRole', 'put', '/api/v1/users/:id/roles/:role', {
    caller: 'admin',
    permission: 'roles:write',
    summary: 'Assign a role to a user',
    description: 'Takes effect with the next request of the user. Assigning it again changes nothing.',
    params: roleParams,
    answer: answer(200, 'The roles of the user after it.', schemas.RoleList, example),
    errors: changeErrors,
    handler: async ({ shell: { parts }, caller: session, roles, params: { id, role } }) => {
      const user = await assignRoleBy(parts, { session, roles }, id, role)
      return roleList(await grantedRoles(parts, { tenant: user.tenant, userId: user.id }))
    },
  }),
  apiRoute('removeRole', 'delete', '/api/v1/users/:id/roles/:role', {
    caller: 'admin',
    permission: 'roles:write',
    summary: 'Remove an assigned role from a user',
    description:
      "Takes effect with the next request of the user. A role that the tenant's YAML file gives is removed there.",
    params: roleParams,
    answer: answer(204, 'The user does not have it by assignment any more.'),
    errors: changeErrors,
    handler: async ({ shell: { parts }, caller: session, roles, params: { id, role } }) => {
      if (!(await removeRoleBy(parts, { session, roles }, id, role)))
        throw new GatehouseError('not_found', `the role ${role} is not assigned`, {
          text: `The role ${role} is not assigned to this user. If access: in the tenant's YAML file gives it, remove it there.`,
        })
    },
  }),
]

export const roleList = (granted: readonly GrantedRole[]) => ({
  roles: granted.map(({ role, source }) => ({ role, source: sourceView(source) })),
})

function sourceView(source: RoleSource) {
  if (source.kind !== 'assignment') return source
  return { kind: source.kind, assignedBy: source.by, assignedAt: isoTime(source.at) }
}
