/** Audit events: added, read, never changed. */
import { randomUUID } from 'node:crypto'
import type { Audit, AuditEvent } from '../../broker/ports/audit.ts'
import type { AuditRow, Sql } from './schema.ts'

export function sqlAudit({ db, withStoreTimeout }: Sql): Audit {
  let sequence = 0
  return {
    add: ({ at, tenant, action, actor, target, details }) =>
      withStoreTimeout(async () => {
        sequence += 1
        const row = { at: at.getTime(), sequence, tenant, action, actor, target, details: JSON.stringify(details) }
        await db
          .insertInto('audit_events')
          .values({ id: randomUUID(), ...row })
          .execute()
      }),
    recent: ({ tenant, limit }) =>
      withStoreTimeout(async () => {
        const rows = await db
          .selectFrom('audit_events')
          .selectAll()
          .where('tenant', '=', tenant)
          .orderBy('at', 'desc')
          .orderBy('sequence', 'desc')
          .limit(limit)
          .execute()
        return rows.map(eventOf)
      }),
  }
}

function eventOf({ at, tenant, action, actor, target, details }: AuditRow): AuditEvent {
  return { at: new Date(at), tenant, action, actor, target, details: JSON.parse(details) as AuditEvent['details'] }
}
