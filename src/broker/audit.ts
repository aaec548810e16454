import type { Ports } from './ports/core-ports.ts'
import type { AuditEvent } from './ports/durable.ts'

export type AuditPorts = Ports<'audit' | 'now'>

type NewAuditEvent = Omit<AuditEvent, 'at' | 'details'> & Partial<Pick<AuditEvent, 'details'>>

export function recordAudit({ audit, now }: AuditPorts, event: NewAuditEvent): Promise<void> {
  return audit.add({ at: now(), details: {}, ...event })
}
