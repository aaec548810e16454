/**
 * The link to the setup page of a connection, for an administrator of the upstream, who does not
 * sign in here. A connection has one: a new one replaces it.
 */
import { z } from 'zod'
import { GatehouseError } from '../../errors.ts'
import { type AccessPorts, grantedRoles } from '../access/authorize.ts'
import { rolesWith } from '../access/permission.ts'
import { namesOf } from '../access/roles-of.ts'
import { reachesTenant } from '../access/target.ts'
import { recordAudit } from '../audit/record.ts'
import type { ConnectionKey, OpenConnection } from '../connections.ts'
import { issueCode, ownerOf, peekCode } from '../one-time-code.ts'
import type { Ports } from '../ports/core-ports.ts'

const purpose = 'setup-link'
const daySeconds = 86_400

export const setupLinkLifetimes = [
  { value: '1d', label: '1 day', seconds: daySeconds, isDefault: false },
  { value: '7d', label: '7 days', seconds: 7 * daySeconds, isDefault: true },
  { value: '30d', label: '30 days', seconds: 30 * daySeconds, isDefault: false },
] as const

export type SetupLinkLifetime = (typeof setupLinkLifetimes)[number]['value']

export const setupLinkLifetimeNames = setupLinkLifetimes.map(({ value }) => value)

const contentSchema = z.object({
  tenant: z.string(),
  connection: z.string(),
  createdBy: z.string(),
  expiresAt: z.coerce.date(),
})

const linkOwner = ({ tenant, connection }: ConnectionKey) => ownerOf(tenant, connection)

/** Whether there is anything to set up: Gatehouse itself checks passwords and emailed codes. */
export const hasSetup = ({ upstream }: Pick<OpenConnection, 'upstream'>): boolean =>
  upstream.passwords === undefined && upstream.mailbox === undefined

export interface SetupLink {
  /** 256 random bits after a public part; the store keeps only hashes. */
  readonly code: string
  readonly expiresAt: Date
}

/** Recorded in the audit log. Throws `connection_unknown`, `request_invalid` without a setup. */
export async function createSetupLink(
  ports: Ports<'audit' | 'codes' | 'connections' | 'now' | 'random'>,
  actor: string,
  { tenant, connection }: ConnectionKey,
  lifetime: SetupLinkLifetime,
): Promise<SetupLink> {
  if (!hasSetup(ports.connections.get(tenant, connection)))
    throw new GatehouseError('request_invalid', `${tenant}/${connection} has no upstream to set up`, {
      text: 'There is nothing to set up at an identity provider: Gatehouse itself checks these users.',
    })
  const seconds = setupLinkLifetimes.find(({ value }) => value === lifetime)?.seconds ?? daySeconds
  const expiresAt = new Date(ports.now().getTime() + seconds * 1000)
  const content = { tenant, connection, createdBy: actor, expiresAt }
  const owner = linkOwner({ tenant, connection })
  const code = await issueCode(ports.codes, { purpose, owner, secret: ports.random(32), content, seconds })
  await recordAudit(ports, {
    tenant,
    action: 'connection.setup_link_created',
    actor,
    target: `connection:${connection}`,
    details: { expiresAt: expiresAt.toISOString() },
  })
  return { code, expiresAt }
}

export const setupPath = ({ tenant, connection }: ConnectionKey, code: string) =>
  `/t/${encodeURIComponent(tenant)}/${encodeURIComponent(connection)}/setup/${code}`

export const setupUrl = (publicUrl: URL, key: ConnectionKey, code: string): string =>
  new URL(setupPath(key, code), publicUrl).href

/** True if there was one. */
export async function revokeSetupLink(
  ports: Ports<'audit' | 'codes' | 'now'>,
  actor: string,
  key: ConnectionKey,
): Promise<boolean> {
  if ((await findSetupLink(ports, key)) === null) return false
  await ports.codes.forget(purpose, linkOwner(key))
  await recordAudit(ports, {
    tenant: key.tenant,
    action: 'connection.setup_link_revoked',
    actor,
    target: `connection:${key.connection}`,
    details: {},
  })
  return true
}

export interface KnownSetupLink {
  /** Id of the administrator, or `cli`. */
  readonly createdBy: string
  readonly expiresAt: Date
}

/** Null if there is none that works. */
export async function findSetupLink(
  { codes, now }: Ports<'codes' | 'now'>,
  key: ConnectionKey,
): Promise<KnownSetupLink | null> {
  const { data: link } = contentSchema.safeParse(await codes.find(purpose, linkOwner(key)))
  return link === undefined || link.expiresAt <= now() ? null : link
}

export interface OpenedSetup extends OpenConnection {
  readonly expiresAt: Date
}

/**
 * Null for a link that is unknown, expired, revoked or of another connection, and once its creator
 * is blocked, deleted or may no longer share the connection.
 */
export async function openSetupLink(
  ports: AccessPorts & Ports<'codes'>,
  { tenant, connection }: ConnectionKey,
  code: string,
): Promise<OpenedSetup | null> {
  const { codes, connections, now } = ports
  const { data: link } = contentSchema.safeParse(await peekCode(codes, purpose, code))
  if (link === undefined || link.expiresAt <= now()) return null
  if (link.tenant !== tenant || link.connection !== connection) return null
  const configured = connections.tenants().find(({ id }) => id === tenant)
  if (!configured?.connections.some(({ id }) => id === connection)) return null
  if (link.createdBy !== 'cli' && !(await mayShare(ports, link.createdBy, tenant))) return null
  return { ...connections.get(tenant, connection), expiresAt: link.expiresAt }
}

/** False too for a creator whose tenant is no longer configured. */
async function mayShare(ports: AccessPorts, creator: string, tenant: string): Promise<boolean> {
  const user = await ports.users.findById(creator)
  if (user?.status !== 'active' || !ports.connections.tenants().some(({ id }) => id === user.tenant)) return false
  const roles = namesOf(await grantedRoles(ports, { tenant: user.tenant, userId: user.id }))
  return (
    reachesTenant(user.tenant, roles, tenant) && rolesWith('connections:share').some((role) => roles.includes(role))
  )
}
