/** `gatehouse users list`, `users show` and `tenants list`. */
import { grantedRoles } from '../../broker/access/authorize.ts'
import type { User } from '../../broker/ports/users.ts'
import { isLiveSecret } from '../../broker/secrets/client-secret.ts'
import { listTokens } from '../../broker/tokens/own-tokens.ts'
import { suggestion } from '../../config/schema/closest-word.ts'
import type { Core } from '../../main/core.ts'
import { truncate } from '../../primitives/untrusted-text.ts'
import { displayName } from '../../profile/profile.ts'
import { jsonText, requireKnown, withMigratedCore } from '../open.ts'
import { limitOption } from '../options.ts'
import { type LabeledValues, labeledText, textTable } from '../text-table.ts'
import { userAnywhere } from './user-anywhere.ts'

const statuses = ['active', 'blocked', 'revoked'] as const
const pageSize = 200
const listedUsers = '50'
const maxListed = 9_999_999

export const listUsers = withMigratedCore(
  async ({ parts, tenants }, { tenant, email, status, limit = listedUsers, json }) => {
    const known = statuses.find((each) => each === status)
    if (status !== undefined && known === undefined)
      throw new Error(`--status is ${status}: ${suggestion(status, [...statuses])}`)
    const users = await searchAll(parts, { tenant, email, status: known }, limitOption(limit, 'users', maxListed))
    // users of a tenant outlive its file
    if (users.length === 0 && tenant !== undefined) requireKnown('tenant', tenant, [...tenants.values()])
    if (json) return jsonText(users.map(userView))
    if (users.length === 0) return 'there are no such users'
    return textTable([['id', 'tenant', 'status', 'email', 'name'], ...users.map(userCells)])
  },
)

/** Readable at 100 columns. */
function userCells({ id, tenant, status, profile, kind }: User): readonly string[] {
  const name = truncate(profile.name ?? '-', 20)
  const email = truncate(profile.email?.address ?? '-', 32)
  return [id, tenant, status, email, kind === 'service' ? `${name} (service account)` : name]
}

type Search = Pick<Parameters<Core['parts']['users']['search']>[0], 'tenant' | 'email' | 'status'>

async function searchAll({ users }: Core['parts'], search: Search, limit: number): Promise<readonly User[]> {
  const found: User[] = []
  while (found.length < limit) {
    const size = Math.min(pageSize, limit - found.length)
    const page = await users.search({ ...search, after: found.at(-1)?.id, limit: size })
    found.push(...page)
    if (page.length < size) break
  }
  return found
}

function userView({ id, tenant, kind, status, profile, emailProven, createdAt }: User) {
  const email = profile.email?.address
  return { id, tenant, kind: kind ?? 'person', status, email, emailProven, name: profile.name, createdAt }
}

export const showUser = withMigratedCore(async (core, options) => {
  const user = await userAnywhere(core, options.words[0], options.tenant)
  const { parts } = core
  const { tenant, id } = user
  const owner = { tenant, userId: id }
  const configured = core.tenants.get(tenant)
  const isRemoved = (connection: string) => !configured?.connections.some((each) => each.id === connection)
  const [identities, sessions, tokens, developerSecrets, apps, consents, roles] = await Promise.all([
    parts.users.identitiesOf(tenant, id),
    parts.sessions.list(tenant, id),
    listTokens(parts, owner),
    parts.developerSecrets.ofUser(tenant, id),
    parts.apps.ownedBy(tenant, id),
    parts.consents.ofUser(tenant, id),
    grantedRoles(parts, owner),
  ])
  const liveDeveloperSecrets = developerSecrets.secrets.filter((secret) => isLiveSecret(secret, parts.now()))
  if (options.json)
    return jsonText({
      ...userView(user),
      tenantRemoved: configured === undefined,
      profile: user.profile,
      identities: identities.map(({ profile: _, ...identity }) => ({
        ...identity,
        connectionRemoved: isRemoved(identity.connection),
      })),
      sessions: sessions.map(({ id, connection, device, createdAt, lastSeenAt, expiresAt }) => {
        return { id, connection, device, createdAt, lastSeenAt, expiresAt }
      }),
      tokens: tokens.map(({ id, name, scopes, createdAt, expiresAt, lastUse }) => {
        return { id, name, scopes, createdAt, expiresAt, lastUse }
      }),
      apps: apps.map(({ id, name }) => ({ id, name })),
      consents: consents.map(({ appId, scopes, grantedAt }) => ({ appId, scopes, grantedAt })),
      roles: roles.map(({ role, source }) => ({ role, source })),
    })
  const lines: readonly LabeledValues[] = [
    ['id', [id]],
    ['tenant', [configured === undefined ? `${tenant}, removed from the configuration: ${removedTenantText}` : tenant]],
    ['name', [displayName(user.profile) ?? '-']],
    ['email', [emailText(user)]],
    ['status', [user.kind === 'service' ? `${user.status}, a service account` : user.status]],
    ['created', [user.createdAt.toISOString()]],
    ['roles', [[...new Set(roles.map(({ role }) => role))].join(', ') || 'none: the user may not sign in']],
    [
      'sign-in',
      identities.map(
        (each) =>
          `${each.connection}, last ${each.lastLoginAt.toISOString()}${each.suspendedAt === undefined ? '' : ', suspended'}${isRemoved(each.connection) ? ', connection removed' : ''}`,
      ),
    ],
    ['sessions', firstOf(sessions.map((each) => `${each.id}  ${each.device}, seen ${each.lastSeenAt.toISOString()}`))],
    [
      'API tokens',
      tokens.map((each) => `${each.id}  ${each.name}, last used ${each.lastUse?.at.toISOString() ?? 'never'}`),
    ],
    ['developer secrets', liveDeveloperSecrets.map((each) => `created ${each.createdAt.toISOString()}`)],
    ['own apps', apps.map((each) => `${each.id}  ${each.name}`)],
    ['apps with access', consents.map((each) => each.appId)],
  ]
  return labeledText(lines.map(([label, values]) => [label, values.map((value) => truncate(value, 200))]))
})

const removedTenantText = 'the user cannot sign in; restore its file, or delete the user'

const maxShown = 10

function firstOf(lines: readonly string[]): readonly string[] {
  if (lines.length <= maxShown) return lines
  return [...lines.slice(0, maxShown), `… and ${lines.length - maxShown} more`]
}

function emailText({ profile: { email }, emailProven }: User): string {
  return email === undefined ? '-' : `${email.address} (${emailProven ? 'proven' : 'not proven'})`
}

/** Counting stops here; JSON then has this number, the table `100000+`. */
const countedUsers = 100_000

export const listTenants = withMigratedCore(async ({ parts, tenants }, { json }) => {
  const listed: ListedTenant[] = []
  for (const { id, name, connections } of tenants.values())
    listed.push({
      id,
      name,
      connections: connections.map((each) => each.id),
      users: await parts.users.count(id, countedUsers),
    })
  if (json) return jsonText(listed)
  return textTable([['id', 'users', 'name', 'connections'], ...listed.map(tenantCells)])
})

interface ListedTenant {
  readonly id: string
  readonly name: string
  readonly connections: readonly string[]
  readonly users: number
}

function tenantCells({ id, name, connections, users }: ListedTenant): readonly string[] {
  const count = users >= countedUsers ? `${countedUsers}+` : String(users)
  return [id, count, truncate(name, 30), truncate(connections.join(' '), 40)]
}
