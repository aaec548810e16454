import type { NewAuditEvent } from './ports/audit.ts'
import type { Ports } from './ports/core-ports.ts'

export type AuditPorts = Ports<'audit' | 'now'>

/**
 * In place of a tenant: events of the deployment, such as those of its signing keys and declared
 * apps.
 */
export const deploymentTenant = '*'

type EventInput = Omit<NewAuditEvent, 'at' | 'details'> & Partial<Pick<NewAuditEvent, 'details'>>

const eventOf = ({ now }: AuditPorts, event: EventInput): NewAuditEvent => {
  const { tenant, action, actor, target, details = {}, before, after } = event
  return { at: now(), tenant, action, actor, target, details, before, after }
}

/** The audit port adds the id, and address and agent of the current request. */
export function recordAudit(ports: AuditPorts, event: EventInput): Promise<void> {
  return ports.audit.add(eventOf(ports, event))
}

/** Written behind the response: for sign-ins, which are frequent and have a trace as well. */
export function recordAuditLater(ports: AuditPorts, event: EventInput): void {
  ports.audit.addLater(eventOf(ports, event))
}
