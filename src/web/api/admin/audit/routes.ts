/** `/api/v1/admin/audit/export`: audit events as a file. `/api/v1/audit` lists them. */
import { z } from 'zod'
import { auditFilterOf } from '../../audit.ts'
import { auditQuery } from '../../audit-schemas.ts'
import { type ApiRoute, apiRoute, fileAnswer } from '../../route.ts'
import { auditDownload, listedAuditTenant } from './export.ts'

const query = auditQuery.omit({ limit: true, cursor: true }).extend({
  tenant: auditQuery.shape.tenant.describe('For operators: one tenant, or `*`: the deployment. Default: all.'),
  format: z.enum(['csv', 'jsonl']).describe('`jsonl`: JSON Lines, an event each.'),
})

export const auditApiRoutes: readonly ApiRoute[] = [
  apiRoute('exportAuditEvents', 'get', '/api/v1/admin/audit/export', {
    caller: 'recently signed-in admin',
    permission: 'audit:read',
    summary: 'Download audit events',
    description:
      'Newest first, at most 1,000,000; the last line says if older ones are left out. An apostrophe is put ahead of CSV cells that a spreadsheet would run as a formula. The download is an audit event itself.',
    query,
    answer: fileAnswer('The events.', ['text/csv', 'application/jsonl']),
    errors: ['not_found'],
    handler: async ({ shell, caller: session, roles, query: { format, ...given } }) => {
      const by = { session, roles }
      const filter = auditFilterOf(given, await listedAuditTenant(shell, by, given.tenant))
      return { download: await auditDownload(shell, by, filter, format) }
    },
  }),
]
