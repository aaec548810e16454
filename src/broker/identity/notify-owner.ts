/** Emails the owner at every proven address when a sign-in method changes, and audits it. */

import type { Tenant } from '../../tenant.ts'
import { recordAudit } from '../audit/record.ts'
import type { OpenConnection } from '../connections.ts'
import type { Mailer, Ports } from '../ports/core-ports.ts'
import type { User } from '../ports/users.ts'
import type { UserKey } from '../session/session.ts'
import { provenAddresses, type UserAddressPorts, userAddresses } from './account/user-addresses.ts'

export type NotifyOwnerPorts = UserAddressPorts & Ports<'audit' | 'connections' | 'mailer' | 'now' | 'publicUrl'>

export interface MethodChange {
  readonly action: 'identity.linked' | 'identity.unlinked' | 'identity.suspended' | 'identity.confirmed'
  readonly opened: Pick<OpenConnection, 'tenant' | 'provider' | 'settings'> | undefined
  readonly connection: string
  /** Before and after the change: an address proven at either time gets the email. */
  readonly users: readonly User[]
  /** Addresses of the user before a change that may remove some. */
  readonly addresses?: readonly string[]
}

/** An email failure does not throw: the change is done. */
export async function notifyOwner(ports: NotifyOwnerPorts, change: MethodChange): Promise<void> {
  const { action, connection, users } = change
  const [user] = users
  if (user === undefined) return
  const { tenant, id } = user
  const mail = await mailOwner(ports, change)
  const details = { connection, ...(mail !== undefined && { mail }) }
  await recordAudit(ports, { tenant, action, actor: id, target: id, details })
}

async function mailOwner(ports: NotifyOwnerPorts, change: MethodChange) {
  const { action, opened, connection, users, addresses = [] } = change
  const send = mailersFor(ports.mailer)[action]
  const [user] = users
  if (send === undefined || user === undefined) return undefined
  const link = new URL('/account/sign-in-methods', ports.publicUrl).href
  const brand = opened === undefined ? brandOf(ports, user.tenant) : tenantBrand(opened.tenant)
  const method = opened === undefined ? connection : methodName(opened)
  return queueMails(await allAddresses(ports, users, addresses), (to) => send({ to, ...brand, method, link }))
}

/** Never throws: without the store, returns the addresses that the caller has. */
async function allAddresses(ports: NotifyOwnerPorts, users: readonly User[], before: readonly string[]) {
  const [user] = users
  const read = user && userAddresses(ports, { tenant: user.tenant, userId: user.id })
  const now = (await read?.catch(() => [])) ?? []
  return [...new Set([...provenAddresses(users), ...before, ...now])]
}

/** Never throws: the change is done. Returns what became of the email, for the audit event. */
export async function queueMails(addresses: readonly string[], send: (to: string) => Promise<boolean>) {
  if (addresses.length === 0) return 'none: no proven address'
  try {
    const sent = await Promise.all(addresses.map(send))
    return sent.includes(true) ? 'queued' : 'none: no mail server is configured'
  } catch {
    return 'failed: the email could not be queued'
  }
}

interface OwnerMail extends TenantBrand {
  readonly to: string
}

/** How the emails of a tenant look. */
interface TenantBrand {
  readonly tenantName: string
  readonly color?: string
}

export const tenantBrand = ({ name, branding }: Pick<Tenant, 'name' | 'branding'>): TenantBrand => ({
  tenantName: name,
  ...branding,
})

/** A removed tenant has its id as its name. */
export function brandOf({ connections }: Ports<'connections'>, tenant: string): TenantBrand {
  return tenantBrand(connections.tenants().find(({ id }) => id === tenant) ?? { name: tenant })
}

/** Emails the owner of an app or a credential. Never throws, as `queueMails`. */
export async function mailOwnerOf(
  ports: Ports<'connections' | 'users'>,
  { tenant, userId }: UserKey,
  send: (mail: OwnerMail) => Promise<boolean>,
): Promise<string> {
  try {
    const user = await ports.users.find(tenant, userId)
    if (user === null) return 'none: the owner is gone'
    const brand = brandOf(ports, tenant)
    return await queueMails(provenAddresses([user]), (to) => send({ to, ...brand }))
  } catch {
    return 'failed: the email could not be queued'
  }
}

function mailersFor(mailer: Mailer): Partial<Record<MethodChange['action'], Mailer['methodAdded']>> {
  return { 'identity.linked': mailer.methodAdded, 'identity.unlinked': mailer.methodRemoved }
}

export function methodName({ provider, settings }: Pick<OpenConnection, 'provider' | 'settings'>): string {
  return settings.id === provider.kind ? provider.brand.name : `${provider.brand.name} (${settings.id})`
}
