/** Audit events: added and read, never changed. */
import { randomUUID } from 'node:crypto'
import type { Audit } from '../../broker/ports/durable.ts'
import type { Sql } from './schema.ts'

export function sqlAudit({ db }: Sql): Audit {
  let sequence = 0
  return {
    add: async (event) => {
      sequence += 1
      await db
        .insertInto('audit_events')
        .values({ ...event, id: randomUUID(), sequence })
        .execute()
    },
    recent: async ({ tenant, limit }) => {
      const events = db.selectFrom('audit_events').select(['at', 'tenant', 'action', 'actor', 'target', 'details'])
      const recent = events.where('tenant', '=', tenant).orderBy('at', 'desc').orderBy('sequence', 'desc')
      return recent.limit(limit).execute()
    },
  }
}
