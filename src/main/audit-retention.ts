/** Deletes audit events that are older than their tenant keeps them. */
import type { AuditStore } from '../broker/ports/audit.ts'
import { defaultAuditRetentionSeconds, type Tenant } from '../tenant.ts'
import type { BatchForgetter } from './forget-in-batches.ts'

/** Deletes old events, also of tenants whose configuration is gone. Returns how many. */
export async function forgetOldAuditEvents(
  audit: AuditStore,
  tenants: ReadonlyMap<string, Pick<Tenant, 'auditRetentionSeconds'>>,
  now: Date,
  forgetter: BatchForgetter,
): Promise<number> {
  let deleted = 0
  for (const tenant of await audit.tenants()) {
    const seconds = tenants.get(tenant)?.auditRetentionSeconds ?? defaultAuditRetentionSeconds
    const before = new Date(now.getTime() - seconds * 1000)
    deleted += await forgetter.run((limit) => audit.forgetBefore(tenant, before, limit))
  }
  return deleted
}
