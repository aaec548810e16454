/** Audit events: added and read, never changed. */
import { randomUUID } from 'node:crypto'
import type { Audit, AuditEvent } from '../../broker/ports/durable.ts'
import type { AuditRow, Sql } from './schema.ts'

export function sqlAudit({ db }: Sql): Audit {
  let sequence = 0
  return {
    add: async ({ at, details, ...event }) => {
      sequence += 1
      const row = { ...event, id: randomUUID(), at: at.getTime(), sequence, details: JSON.stringify(details) }
      await db.insertInto('audit_events').values(row).execute()
    },
    recent: async ({ tenant, limit }) => {
      const events = db.selectFrom('audit_events').selectAll().where('tenant', '=', tenant)
      return (await events.orderBy('at', 'desc').orderBy('sequence', 'desc').limit(limit).execute()).map(eventOf)
    },
  }
}

function eventOf({ at, tenant, action, actor, target, details }: AuditRow): AuditEvent {
  return { at: new Date(at), tenant, action, actor, target, details: JSON.parse(details) as AuditEvent['details'] }
}
