/** A file of audit events, for the page and the API. */
import type { Administrator } from '../../../../broker/access/target.ts'
import {
  auditPages,
  type ExportFilter,
  type ExportFormat,
  maxExportedEvents,
  recordExport,
} from '../../../../broker/audit/record.ts'
import type { Audit } from '../../../../broker/ports/audit.ts'
import type { Download } from '../../../../http/respond.ts'
import { listedTenantOfRecords } from '../../../admin/administrator.ts'
import type { Shell, WithParts } from '../../../shell.ts'
import { auditTenant } from '../../audit.ts'
import { exportFormats } from './export-lines.ts'

/**
 * Undefined: all, for an operator who names none. `*`: the deployment. Throws `not_found`, which is
 * recorded.
 */
export function listedAuditTenant(
  shell: Pick<Shell, 'parts'>,
  by: Administrator,
  tenant: string | undefined,
): Promise<string | undefined> {
  return tenant === undefined ? listedTenantOfRecords(shell, by, tenant) : auditTenant(shell, by, tenant)
}

/** Records the download first: it is in the file already. */
export async function auditDownload(
  { parts }: WithParts<'audit' | 'now'>,
  by: Administrator,
  filter: ExportFilter,
  format: ExportFormat,
): Promise<Download> {
  await recordExport(parts, filter, format, by.session.userId)
  const { tenant = 'all-tenants' } = filter
  const whose = tenant === '*' ? 'deployment' : tenant
  return {
    filename: `audit-${whose}-${parts.now().toISOString().slice(0, 10)}.${format}`,
    type: exportFormats[format].type,
    content: exportedLines(parts.audit, filter, format),
  }
}

/** @param limit of events */
export async function* exportedLines(
  audit: Pick<Audit, 'recent'>,
  filter: ExportFilter,
  format: ExportFormat,
  limit = maxExportedEvents,
): AsyncGenerator<string> {
  const { header, line, truncated } = exportFormats[format]
  let count = 0
  if (header !== '') yield header
  // reads one event more, to know whether any is left out
  for await (const page of auditPages(audit, filter, limit + 1)) {
    yield page
      .slice(0, limit - count)
      .map(line)
      .join('')
    count += page.length
  }
  if (count > limit) yield truncated(limit)
}
