import type { NewAuditEvent } from './ports/audit.ts'
import type { Ports } from './ports/core-ports.ts'

export type AuditPorts = Ports<'audit' | 'now'>

type Recorded = Omit<NewAuditEvent, 'at' | 'details'> & Partial<Pick<NewAuditEvent, 'details'>>

/** The audit port adds the id, and address and agent of the current request. */
export function recordAudit({ audit, now }: AuditPorts, event: Recorded): Promise<void> {
  const { tenant, action, actor, target, details = {}, before, after } = event
  return audit.add({ at: now(), tenant, action, actor, target, details, before, after })
}
