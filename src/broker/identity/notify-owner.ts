/** Mails the owner at every proven address when a sign-in method changes, and audits it. */
import { recordAudit } from '../audit.ts'
import type { OpenConnection } from '../connections.ts'
import type { Mailer, Ports } from '../ports/core-ports.ts'
import type { User } from '../ports/users.ts'
import type { UserKey } from '../session/session.ts'

export type NotifyOwnerPorts = Ports<'audit' | 'connections' | 'mailer' | 'now' | 'publicUrl'>

export interface MethodChange {
  readonly action: 'identity.linked' | 'identity.unlinked' | 'identity.suspended' | 'identity.confirmed'
  readonly opened: Pick<OpenConnection, 'tenant' | 'provider' | 'settings'> | undefined
  readonly connection: string
  /** Before and after the change: an address proven at either time gets the mail. */
  readonly users: readonly User[]
}

/** A mail failure does not throw: the change is done. */
export async function notifyOwner(ports: NotifyOwnerPorts, change: MethodChange): Promise<void> {
  const { action, connection, users } = change
  const [user] = users
  if (user === undefined) return
  const { tenant, id } = user
  const mail = await mailOwner(ports, change)
  const details = { connection, ...(mail !== undefined && { mail }) }
  await recordAudit(ports, { tenant, action, actor: id, target: id, details })
}

async function mailOwner(ports: NotifyOwnerPorts, { action, opened, connection, users }: MethodChange) {
  const send = mailersFor(ports.mailer)[action]
  const [user] = users
  if (send === undefined || user === undefined) return undefined
  const link = new URL('/account', ports.publicUrl).href
  const { name } = opened?.tenant ?? ports.connections.tenant(user.tenant)
  const method = opened === undefined ? connection : methodName(opened)
  return queueMails(provenAddresses(users), (to) => send({ to, tenantName: name, method, link }))
}

export function provenAddresses(users: readonly User[]): readonly string[] {
  const proven = users.flatMap(({ emailProven, profile: { email } }) => (emailProven && email ? [email.address] : []))
  return [...new Set(proven)]
}

/** Never throws: the change is done. Returns what became of the mail, for the audit event. */
export async function queueMails(addresses: readonly string[], send: (to: string) => Promise<boolean>) {
  if (addresses.length === 0) return 'none: no proven address'
  try {
    const sent = await Promise.all(addresses.map(send))
    return sent.includes(true) ? 'queued' : 'none: no mail server is configured'
  } catch {
    return 'failed: the mail could not be queued'
  }
}

interface OwnerMail {
  readonly to: string
  readonly tenantName: string
}

/** Mails the owner of an app or a credential. Never throws, as `queueMails`. */
export async function mailOwnerOf(
  { users, connections }: Ports<'connections' | 'users'>,
  { tenant, userId }: UserKey,
  send: (mail: OwnerMail) => Promise<boolean>,
): Promise<string> {
  try {
    const user = await users.find(tenant, userId)
    if (user === null) return 'none: the owner is gone'
    // of a removed tenant, its id
    const tenantName = connections.tenants().find(({ id }) => id === tenant)?.name ?? tenant
    return await queueMails(provenAddresses([user]), (to) => send({ to, tenantName }))
  } catch {
    return 'failed: the mail could not be queued'
  }
}

function mailersFor(mailer: Mailer): Partial<Record<MethodChange['action'], Mailer['methodAdded']>> {
  return { 'identity.linked': mailer.methodAdded, 'identity.unlinked': mailer.methodRemoved }
}

export function methodName({ provider, settings }: Pick<OpenConnection, 'provider' | 'settings'>): string {
  return settings.id === provider.kind ? provider.brand.name : `${provider.brand.name} (${settings.id})`
}
