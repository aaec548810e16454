/** `/api/v1/audit`: the audit events of a tenant, newest first. */
import type { z } from 'zod'
import { targetTenant } from '../../broker/access/target.ts'
import { deploymentTenant } from '../../broker/audit.ts'
import type { AuditEvent, AuditFilter } from '../../broker/ports/audit.ts'
import { isoTime } from '../../http/iso-time.ts'
import { auditQuery } from './audit-schemas.ts'
import { cursorOf, positionOf } from './cursor.ts'
import { answer, apiRoute } from './route.ts'
import { schemas } from './schemas.ts'

export const auditRoute = apiRoute('listAuditEvents', 'get', '/api/v1/audit', {
  caller: 'session',
  permission: 'audit:read',
  summary: 'List the audit events of the tenant',
  description: 'Newest first. Events that are recorded meanwhile change no later page.',
  query: auditQuery,
  answer: answer(200, 'One page of events.', schemas.AuditPage, {
    events: [
      {
        id: '0mhx3k2p700011f0c2a9b4e1d',
        at: '2026-11-22T09:30:00.000Z',
        tenant: 'acme',
        action: 'app.changed',
        actor: '8f14e45fceea167a5a36',
        target: 'app3f9c1d52ab08e47716c0d9b2',
        address: '203.0.113.7',
        agent: 'Mozilla/5.0 (X11; Linux x86_64)',
        before: { redirectUris: ['https://shop.example/in'] },
        after: { redirectUris: ['https://shop.example/signed-in'] },
        details: { by: 'k3VtQ0m2mE9cW1xR7yLZ5aPd' },
      },
    ],
    next: 'MTc2NDMyMDIwMDAwMC4wbWh4M2sycDc',
  }),
  errors: ['not_found'],
  handler: async ({ shell: { parts }, caller, roles, query }) => {
    const isDeployment = query.tenant === deploymentTenant && roles.includes('operator')
    const by = { session: caller, roles }
    const tenant = isDeployment ? deploymentTenant : await targetTenant(parts, by, query.tenant)
    const events = await parts.audit.recent(filterOf(query, tenant))
    const last = events.length < query.limit ? undefined : events.at(-1)
    return { events: events.map(viewOf), ...(last !== undefined && { next: cursorOf(last) }) }
  },
})

function filterOf(
  { user, action, since, until, limit, cursor }: z.output<typeof auditQuery>,
  tenant: string,
): AuditFilter {
  return {
    tenant,
    user,
    action,
    since: timeOf(since),
    until: timeOf(until),
    after: cursor === undefined ? undefined : positionOf(cursor),
    limit,
  }
}

const timeOf = (text: string | undefined) => (text === undefined ? undefined : new Date(text))

function viewOf({ at, ...event }: AuditEvent) {
  return { ...event, at: isoTime(at) }
}
