/** Emails about the security of an account, to every address that is proven to be the user's. */
import type { Ports } from '../ports/core-ports.ts'
import type { SecurityEvent } from '../ports/security-events.ts'
import type { UserKey } from '../session/session.ts'
import { type UserAddressPorts, userAddresses } from './account/user-addresses.ts'
import { brandOf, queueMails } from './notify-owner.ts'

export type NoticePorts = Ports<'connections' | 'mailer' | 'publicUrl'>
export type NotifyUserPorts = UserAddressPorts & NoticePorts

/**
 * Queues the email to every proven address of the user, once for each. Never throws: the action is
 * done. Returns what became of the email, for the audit event (`details.mail`).
 */
export async function notifyUser(ports: NotifyUserPorts, user: UserKey, event: SecurityEvent): Promise<string> {
  try {
    return await mailNotice(ports, user.tenant, await userAddresses(ports, user), event)
  } catch {
    return 'failed: the addresses of the user could not be read'
  }
}

/** The email to addresses that were read before, such as those of a deleted user. Never throws. */
export function mailNotice(
  ports: NoticePorts,
  tenant: string,
  addresses: readonly string[],
  event: SecurityEvent,
): Promise<string> {
  const brand = brandOf(ports, tenant)
  const link = new URL(checkPage(event), ports.publicUrl).href
  return queueMails(addresses, (to) => ports.mailer.securityNotice({ to, ...brand, link, event }))
}

/** Path of the page where the user checks the event. */
function checkPage({ kind }: SecurityEvent): string {
  if (kind === 'new device') return '/account/sessions'
  if (kind === 'break-glass used') return '/admin/audit'
  if (kind === 'deletion done') return '/login'
  return kind.startsWith('deletion') ? '/account' : '/account/security'
}
