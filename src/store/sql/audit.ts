/** Audit events: added and read, never changed. */
import type { AuditStore } from '../../broker/ports/audit.ts'
import type { Sql } from './schema.ts'

export function sqlAudit({ db }: Sql): AuditStore {
  return {
    add: async (event) => {
      await db.insertInto('audit_events').values(event).execute()
    },
    recent: async ({ tenant, limit }) => {
      const events = db.selectFrom('audit_events').selectAll().orderBy('at', 'desc').orderBy('id', 'desc').limit(limit)
      return (tenant === undefined ? events : events.where('tenant', '=', tenant)).execute()
    },
  }
}
