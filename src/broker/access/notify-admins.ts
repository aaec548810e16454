/** Emails the admins of a tenant about the security of an account. */
import { mailNotice, type NoticePorts } from '../identity/notify-user.ts'
import type { SecurityEvent } from '../ports/security-events.ts'
import { type AdminAddressesPorts, adminAddresses } from './admin-addresses.ts'

export type NotifyAdminsPorts = AdminAddressesPorts & NoticePorts

/** Never throws: the action is done. Returns what became of the email, for the audit event. */
export async function notifyAdmins(ports: NotifyAdminsPorts, tenant: string, event: SecurityEvent): Promise<string> {
  try {
    const addresses = await adminAddresses(ports)(ports.connections.tenant(tenant))
    return await mailNotice(ports, tenant, addresses, event)
  } catch {
    return 'failed: the addresses of the admins could not be read'
  }
}
