/**
 * Alerts before client secrets, certificates and metadata expire: 60, 30, 14, 7 and 1 days ahead.
 * One process writes one log line and sends one email to each admin of the tenant.
 */

import { type AdminAddresses, adminAddresses } from '../../broker/access/admin-addresses.ts'
import type { ConnectionExpiry } from '../../broker/health/expiries.ts'
import { dueAlert, expiriesOf } from '../../broker/health/expiries.ts'
import { tenantBrand } from '../../broker/identity/notify-owner.ts'
import type { Ports } from '../../broker/ports/core-ports.ts'
import type { ExpiryAlerts, PublishedStates } from '../../broker/ports/published-states.ts'
import type { Tenant } from '../../tenant.ts'

export interface ExpiryAlertOptions {
  readonly ports: Ports<'connections' | 'mailer' | 'now' | 'publicUrl' | 'roleAssignments' | 'users'>
  readonly states: PublishedStates
  readonly alerts: ExpiryAlerts
  readonly tenants: readonly Tenant[]
  /** Called once for each alert, by the process that sends it. `days`: 60, 30, 14, 7 or 1. */
  readonly onAlert: (expiry: ConnectionExpiry, days: number) => void
}

/** How long the record of a sent alert is kept after the expiry. */
const keepMs = 90 * 86_400_000

/** Time for a process to queue the emails of one alert. If it stops, another process sends them. */
const leaseMs = 300_000

/**
 * Sends the due alerts. Throws `store_unavailable`, or the first error of queuing emails after it
 * tried all alerts; that alert stays due.
 */
export async function sendExpiryAlerts({ ports, states, alerts, tenants, onAlert }: ExpiryAlertOptions): Promise<void> {
  const now = ports.now()
  const addressesOf = adminAddresses(ports)
  const failures: unknown[] = []
  for (const expiry of expiriesOf(tenants, await states.of())) {
    const due = dueAlert(expiry, now)
    if (due === undefined || !(await alerts.claim(due, now, new Date(now.getTime() + leaseMs)))) continue
    try {
      await mailAdmins(ports, addressesOf, expiry)
    } catch (error) {
      failures.push(error)
      await alerts.release(due)
      continue
    }
    onAlert(expiry, due.days)
    await alerts.sent(due, now)
  }
  await alerts.forgetExpiredBefore(new Date(now.getTime() - keepMs))
  if (failures.length > 0) throw failures[0]
}

type MailPorts = ExpiryAlertOptions['ports']

/** Queues the emails of all admins at once, so that a retry sends none twice. */
async function mailAdmins(ports: MailPorts, addressesOf: AdminAddresses, expiry: ConnectionExpiry): Promise<void> {
  const { tenant, settings, provider } = ports.connections.get(expiry.tenant, expiry.connection)
  const now = ports.now()
  const link = new URL(`/admin/connections/${tenant.id}/${settings.id}`, ports.publicUrl).href
  const mail = {
    ...tenantBrand(tenant),
    connection: settings.label ?? provider.brand.name,
    connectionId: settings.id,
    kind: expiry.kind,
    place: expiry.kind === 'client secret' ? provider.brand.secretPlace : undefined,
    expiresAt: expiry.expiresAt,
    now,
    link,
  }
  const addresses = await addressesOf(tenant)
  if (addresses.length > 0) await ports.mailer.expiry(addresses.map((to) => ({ ...mail, to })))
}
