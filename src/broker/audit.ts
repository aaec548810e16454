import type { NewAuditEvent } from './ports/audit.ts'
import type { Ports } from './ports/core-ports.ts'

export type AuditPorts = Ports<'audit' | 'now'>

type Recorded = Omit<NewAuditEvent, 'at' | 'details'> & Partial<Pick<NewAuditEvent, 'details'>>

const eventOf = ({ now }: AuditPorts, event: Recorded): NewAuditEvent => {
  const { tenant, action, actor, target, details = {}, before, after } = event
  return { at: now(), tenant, action, actor, target, details, before, after }
}

/** The audit port adds the id, and address and agent of the current request. */
export function recordAudit(ports: AuditPorts, event: Recorded): Promise<void> {
  return ports.audit.add(eventOf(ports, event))
}

/** Written behind the response: for sign-ins, which are frequent and have a trace as well. */
export function recordAuditLater(ports: AuditPorts, event: Recorded): void {
  ports.audit.addLater(eventOf(ports, event))
}
