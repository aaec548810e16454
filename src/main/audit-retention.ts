/** Deletes audit events that are older than their tenant keeps them. */
import { setImmediate } from 'node:timers/promises'
import type { AuditStore } from '../broker/ports/audit.ts'
import { defaultAuditRetentionSeconds, type Tenant } from '../tenant.ts'

/** A statement holds up others on the embedded file for some milliseconds. */
const batchSize = 500
/** Of one run and tenant; the rest is deleted by the next run. */
const maxBatches = 200

/** Also of tenants whose configuration is gone. Returns how many were deleted. */
export async function forgetOldAuditEvents(
  audit: AuditStore,
  tenants: ReadonlyMap<string, Pick<Tenant, 'auditRetentionSeconds'>>,
  now: Date,
): Promise<number> {
  let deleted = 0
  for (const tenant of await audit.tenants()) {
    const seconds = tenants.get(tenant)?.auditRetentionSeconds ?? defaultAuditRetentionSeconds
    const before = new Date(now.getTime() - seconds * 1000)
    for (let batch = 0; batch < maxBatches; batch += 1) {
      const count = await audit.forgetBefore(tenant, before, batchSize)
      deleted += count
      if (count < batchSize) break
      await setImmediate()
    }
  }
  return deleted
}
