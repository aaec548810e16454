/**
 * The roles of a user, each with its source. Pure. Emails and groups are compared with the tenant's
 * `access:` only: what an upstream calls a role gives none (ID-07), and only an assignment makes an
 * operator, of a person: admins of its tenant create a service account's tokens.
 */
import type { AccessEntry, AccessPolicy, Tenant } from '../../tenant.ts'
import type { RoleAssignment } from '../ports/role-assignments.ts'
import type { User } from '../ports/users.ts'
import { type Role, roleNames } from './permission.ts'

export type RoleSource =
  /** Every active user is a member. */
  | { readonly kind: 'default' }
  /** `access:` of the tenant's YAML file. */
  | { readonly kind: 'everyone' }
  | { readonly kind: 'email'; readonly email: string }
  | { readonly kind: 'group'; readonly group: string; readonly connection: string }
  | { readonly kind: 'assignment'; readonly by: string; readonly at: Date }

export interface GrantedRole {
  readonly role: Role
  readonly source: RoleSource
}

export interface RoleInput {
  readonly user: Pick<User, 'kind' | 'status' | 'profile' | 'emailProven'>
  readonly tenant: Pick<Tenant, 'access'>
  readonly assignments: readonly RoleAssignment[]
  readonly now: Date
}

/** The user's roles, most powerful first. A role appears once for each of its sources. */
export function rolesOf(input: RoleInput): readonly GrantedRole[] {
  const { kind, status } = input.user
  if (status !== 'active') return []
  const effective = input.assignments.filter(({ role }) => role !== 'operator' || kind !== 'service')
  const assigned = effective.map(({ role, assignedBy: by, assignedAt: at }): GrantedRole => {
    return { role, source: { kind: 'assignment', by, at } }
  })
  const granted: readonly GrantedRole[] = [
    ...configuredRoles(input),
    ...assigned,
    { role: 'member', source: { kind: 'default' } },
  ]
  return roleNames.flatMap((name) => granted.filter(({ role }) => role === name))
}

export function namesOf(granted: readonly GrantedRole[]): readonly Role[] {
  return [...new Set(granted.map(({ role }) => role))]
}

function configuredRoles(input: RoleInput): readonly GrantedRole[] {
  const { access } = input.tenant
  if (access === undefined) return []
  const { admin, developer } = access
  const admins = sourcesIn(admin, access, input).map((source): GrantedRole => ({ role: 'admin', source }))
  const everyone: readonly RoleSource[] = [{ kind: 'everyone' }]
  const sources = developer === 'everyone' ? everyone : sourcesIn(developer, access, input)
  return [...admins, ...sources.map((source): GrantedRole => ({ role: 'developer', source }))]
}

function sourcesIn(entries: readonly AccessEntry[], access: AccessPolicy, input: RoleInput): readonly RoleSource[] {
  const { profile, emailProven } = input.user
  const address = emailProven ? profile.email?.address : undefined
  return entries.flatMap((entry): readonly RoleSource[] => {
    if ('email' in entry) return entry.email === address ? [{ kind: 'email', email: entry.email }] : []
    const connections = access.groupsFrom.filter((connection) => isInGroup(connection, entry.group, access, input))
    return connections.map((connection) => ({ kind: 'group', group: entry.group, connection }))
  })
}

function isInGroup(connection: string, group: string, access: AccessPolicy, { user, now }: RoleInput): boolean {
  const { supplied = {} } = user.profile
  const found = Object.hasOwn(supplied, connection) ? supplied[connection] : undefined
  if (found?.groups === undefined || !found.groups.includes(group)) return false
  return now.getTime() / 1000 < found.at + access.groupsMaxAgeSeconds
}
