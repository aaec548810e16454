/** `gatehouse roles assign`, `remove` and `list`. */
import { assignRole, removeRole } from '../broker/access/assign-role.ts'
import { grantedRoles } from '../broker/access/authorize.ts'
import { type AssignedRole, assignedRoles } from '../broker/access/permission.ts'
import type { GrantedRole, RoleSource } from '../broker/access/roles-of.ts'
import type { RoleAssignment } from '../broker/ports/role-assignments.ts'
import type { User } from '../broker/ports/users.ts'
import type { Core } from '../main/core.ts'
import type { AccessEntry, Tenant } from '../tenant.ts'
import { jsonText, requireKnown, withMigratedCore } from './open.ts'
import type { Options } from './options.ts'
import { requireUserNamed } from './users/users-named.ts'

const actor = 'cli'

export const assignRoleCommand = withMigratedCore(async (core, options) => {
  const { user, role } = await namedIn(core, options)
  const assigned = await assignRole(core.parts, { user, role, actor })
  const place = role === 'operator' ? 'of this deployment' : `of ${user.tenant}`
  return assigned ? `${nameOf(user)} is ${role} ${place}` : `${nameOf(user)} has the role already: nothing was changed`
})

export const removeRoleCommand = withMigratedCore(async (core, options) => {
  const { user, role } = await namedIn(core, options)
  const removed = await removeRole(core.parts, { user, role, actor })
  const left = (await grantedRoles(core.parts, { tenant: user.tenant, userId: user.id })).filter(
    (granted) => granted.role === role,
  )
  const from = left.map(({ source }) => sourceText(source)).join(', ')
  const said = removed
    ? `${nameOf(user)} is not ${role} by assignment any more`
    : `${role} is not assigned to ${nameOf(user)}`
  return left.length === 0 ? said : `${said}, but still by ${from}`
})

/**
 * Lists the roles of one user, each with its source; else those of the tenant: assignments, and
 * `access:` of its file.
 */
export const listRoles = withMigratedCore(async (core, options) => {
  const tenants = [...core.tenants.values()]
  const id = options.tenant ?? requireKnown('tenant', undefined, tenants).id
  if (options.user !== undefined) {
    const user = await requireUserNamed(core, id, options.user)
    const roles = await grantedRoles(core.parts, { tenant: user.tenant, userId: user.id })
    return options.json ? jsonText({ user: user.id, tenant: user.tenant, roles }) : rolesText(user, roles)
  }
  const assignments = await core.parts.roleAssignments.ofTenant(id)
  // assignments of a tenant outlive its file
  const tenant = assignments.length > 0 ? core.tenants.get(id) : requireKnown('tenant', id, tenants)
  if (options.json) return jsonText({ tenant: id, assignments, access: tenant?.access })
  const named = await Promise.all(assignments.map((each) => assignmentText(core, each)))
  const lines = [...named, ...(tenant === undefined ? [] : policyTexts(tenant))]
  return lines.length === 0 ? `${id} has members only` : lines.join('\n')
})

async function namedIn(core: Core, options: Options): Promise<{ readonly user: User; readonly role: AssignedRole }> {
  const [word] = options.words
  const role = assignedRoles.find((each) => each === word)
  if (role === undefined) throw new Error(`name a role: ${assignedRoles.join(', ')}`)
  const tenant = options.tenant ?? requireKnown('tenant', undefined, [...core.tenants.values()]).id
  if (options.user === undefined) throw new Error('name the user by ID or proven email (--user)')
  return { role, user: await requireUserNamed(core, tenant, options.user) }
}

const nameOf = ({ id, profile, emailProven }: User) =>
  emailProven && profile.email !== undefined ? `${id} (${profile.email.address})` : id

const rolesText = (user: User, roles: readonly GrantedRole[]) =>
  roles.length === 0
    ? `${nameOf(user)} is ${user.status} and has no role`
    : roles.map(({ role, source }) => `${role}: ${sourceText(source)}`).join('\n')

function sourceText(source: RoleSource): string {
  switch (source.kind) {
    case 'default':
      return 'every user'
    case 'everyone':
      return "access in the tenant's file (everyone)"
    case 'email':
      return `access in the tenant's file (${source.email})`
    case 'group':
      return `access in the tenant's file (group:${source.group} of ${source.connection})`
    case 'assignment':
      return `assigned by ${source.by} on ${source.at.toISOString()}`
    default:
      return source satisfies never
  }
}

async function assignmentText({ parts }: Core, { tenant, userId, role, ...rest }: RoleAssignment): Promise<string> {
  const user = await parts.users.find(tenant, userId)
  const source = { kind: 'assignment', by: rest.assignedBy, at: rest.assignedAt } as const
  return `${role}: ${user === null ? userId : nameOf(user)}: ${sourceText(source)}`
}

function policyTexts({ access }: Tenant): readonly string[] {
  if (access === undefined) return []
  const entryText = (entry: AccessEntry) =>
    'email' in entry ? entry.email : `group:${entry.group} of ${access.groupsFrom.join(', ') || 'no connection'}`
  const { admin, developer } = access
  const developers = developer === 'everyone' ? ['everyone'] : developer.map(entryText)
  const line = (role: string) => (text: string) => `${role}: ${text}: access in the tenant's file`
  return [...admin.map(entryText).map(line('admin')), ...developers.map(line('developer'))]
}
