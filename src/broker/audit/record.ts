import type { Audit, AuditEvent, AuditFilter, AuditPosition, NewAuditEvent } from '../ports/audit.ts'
import type { Ports } from '../ports/core-ports.ts'

export type AuditPorts = Ports<'audit' | 'now'>

/**
 * Stands for a tenant in events of the deployment, such as those of its signing keys and declared
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

/** Events per page of `auditPages`. */
const pageSize = 500

/** A file ends after this many events, and says so. */
export const maxExportedEvents = 1_000_000

export type ExportFormat = 'csv' | 'jsonl'
export type ExportFilter = Omit<AuditFilter, 'limit' | 'after'>

/** Newest first, page by page, so that a long list is never in memory as a whole. */
export async function* auditPages(
  audit: Pick<Audit, 'recent'>,
  filter: ExportFilter,
  limit: number,
): AsyncGenerator<readonly AuditEvent[]> {
  let after: AuditPosition | undefined
  for (let left = limit; left > 0; ) {
    const page = await audit.recent({ ...filter, after, limit: Math.min(pageSize, left) })
    if (page.length > 0) yield page
    if (page.length < Math.min(pageSize, left)) return
    after = page.at(-1)
    left -= page.length
  }
}

/** Records who downloads what. */
export function recordExport(
  ports: AuditPorts,
  { tenant = deploymentTenant, user, action, since, until }: ExportFilter,
  format: ExportFormat,
  actor: string,
): Promise<void> {
  const given = { user, action, since: since?.toISOString(), until: until?.toISOString() }
  const filter = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const details = { format, ...Object.fromEntries(filter) }
  return recordAudit(ports, { tenant, action: 'audit.exported', actor, target: 'audit events', details })
}
