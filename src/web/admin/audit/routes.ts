import { oneOf, queryOf } from '../../../http/fields.ts'
import type { WebRoute } from '../../route.ts'
import { adminPage } from '../administrator.ts'
import { sendExport, showAudit } from './audit.ts'
import { auditPath, exportPath, readAuditQuery } from './audit-query.ts'

export const auditRoutes: readonly WebRoute[] = [
  adminPage(auditPath, 'audit:read', readAuditQuery, showAudit),
  adminPage(
    exportPath,
    'audit:read',
    (request) => ({ ...readAuditQuery(request), format: oneOf(queryOf(request), 'format', ['csv', 'jsonl']) }),
    sendExport,
  ),
]
