/** `/api/v1/audit`: the audit events of a tenant, newest first. */
import type { z } from 'zod'
import { type Administrator, recordedTenant } from '../../broker/access/target.ts'
import type { ExportFilter } from '../../broker/audit/record.ts'
import { deploymentTenant } from '../../broker/audit/record.ts'
import type { AuditEvent } from '../../broker/ports/audit.ts'
import { isoTime } from '../../http/iso-time.ts'
import type { Shell } from '../shell.ts'
import { auditQuery } from './audit-schemas.ts'
import { cursorOf, positionOf } from './cursor.ts'
import { readPeriod } from './period.ts'
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
  handler: async ({ shell, caller: session, roles, query }) => {
    const tenant = await auditTenant(shell, { session, roles }, query.tenant ?? session.tenant)
    const { limit, cursor } = query
    const after = cursor === undefined ? undefined : positionOf(cursor)
    const events = await shell.parts.audit.recent({ ...auditFilterOf(query, tenant), after, limit })
    const last = events.length < limit ? undefined : events.at(-1)
    return { events: events.map(viewOf), ...(last !== undefined && { next: cursorOf(last) }) }
  },
})

/** `*`, the events of the deployment, is for operators. Throws `not_found`, which is recorded. */
export async function auditTenant({ parts }: Pick<Shell, 'parts'>, by: Administrator, tenant: string): Promise<string> {
  const isDeployment = tenant === deploymentTenant && by.roles.includes('operator')
  return isDeployment ? deploymentTenant : recordedTenant(parts, by, tenant)
}

/** Throws `request_invalid`. */
export function auditFilterOf(
  { user, action, since, until }: Omit<z.output<typeof auditQuery>, 'limit' | 'cursor'>,
  tenant: string | undefined,
): ExportFilter {
  return { tenant, user, action, ...readPeriod({ since, until }) }
}

function viewOf({ at, ...event }: AuditEvent) {
  return { ...event, at: isoTime(at) }
}
