/** Shows audit events, and sends them as a file. */
import type { Administrator } from '../../../broker/access/target.ts'
import type { ExportFilter, ExportFormat } from '../../../broker/audit/record.ts'
import { deploymentTenant } from '../../../broker/audit/record.ts'
import type { User } from '../../../broker/ports/users.ts'
import { definedOnly } from '../../../http/destination.ts'
import { sendDownload, sendPage } from '../../../http/respond.ts'
import { canonicalEmail } from '../../../profile/profile.ts'
import { auditDownload, listedAuditTenant } from '../../api/admin/audit/export.ts'
import { cursorOf, positionOf } from '../../api/cursor.ts'
import type { Shell } from '../../shell.ts'
import type { AdminCall } from '../administrator.ts'
import { auditPage } from './audit-page.tsx'
import { type AuditQuery, type Fault, type FilterTexts, filterOfTexts } from './audit-query.ts'
import { auditRow } from './audit-rows.ts'
import { namedUsers } from './party.tsx'

const pageSize = 50
const maxSameEmail = 50

interface Wanted {
  readonly tenant: string | undefined
  readonly filter: ExportFilter
  readonly faults: readonly Fault[]
}

export async function showAudit({ shell, response, by }: AdminCall, { texts, cursor }: AuditQuery): Promise<void> {
  const { tenant, filter, faults } = await wantedOf(shell, by, texts)
  const after = cursor === undefined ? undefined : positionOf(cursor)
  const { audit } = shell.parts
  const events = faults.length > 0 ? [] : await audit.recent({ ...filter, after, limit: pageSize + 1 })
  const shown = events.slice(0, pageSize)
  const last = events.length > pageSize ? shown.at(-1) : undefined
  const users = await namedUsers(
    shell,
    by,
    shown.flatMap(({ actor, target }) => [actor, target]),
  )
  const html = auditPage({
    by,
    tenant,
    texts: definedOnly({
      ...texts,
      since: filter.since?.toISOString() ?? texts.since,
      until: filter.until?.toISOString() ?? texts.until,
    }),
    faults,
    rows: shown.map((event) => auditRow(event, users)),
    isFirst: cursor === undefined,
    next: last === undefined ? undefined : cursorOf(last),
    now: shell.parts.now(),
  })
  sendPage(response, faults.length === 0 ? 200 : 400, html)
}

interface ExportQuery extends AuditQuery {
  readonly format: ExportFormat
}

/** A wrong filter is shown on the page, not in a file. */
export async function sendExport(call: AdminCall, { format, ...query }: ExportQuery): Promise<void> {
  const { shell, response, by } = call
  const { filter, faults } = await wantedOf(shell, by, query.texts)
  if (faults.length > 0) return showAudit(call, query)
  await sendDownload(response, await auditDownload(shell, by, filter, format))
}

/** Throws `not_found`, which is recorded. */
async function wantedOf({ parts }: Pick<Shell, 'parts'>, by: Administrator, texts: FilterTexts): Promise<Wanted> {
  const tenant = await listedAuditTenant({ parts }, by, texts.tenant)
  const { faults, ...filter } = filterOfTexts(texts, parts.now())
  const user = await userOf({ parts }, tenant, texts.user)
  if (user !== undefined && 'field' in user) return { tenant, filter: { ...filter, tenant }, faults: [...faults, user] }
  return { tenant, filter: { ...filter, tenant, user: user?.id }, faults }
}

/** An email is that of one user, proven if any is; an id may be of one who is gone. */
async function userOf(
  { parts }: Pick<Shell, 'parts'>,
  tenant: string | undefined,
  name: string | undefined,
): Promise<Pick<User, 'id'> | Fault | undefined> {
  const email = name === undefined ? null : canonicalEmail(name)
  if (name === undefined || email === null) return name === undefined ? undefined : { id: name }
  // an event of the deployment may be by an operator of any tenant
  const searched = tenant === deploymentTenant ? undefined : tenant
  const found = (await parts.users.search({ tenant: searched, email, limit: maxSameEmail })).filter(
    ({ profile }) => profile.email?.address === email,
  )
  const proven = found.filter(({ emailProven }) => emailProven)
  const [user, ...others] = proven.length > 0 ? proven : found
  const where = searched === undefined ? '' : ` of ${searched}`
  if (user === undefined) return { field: 'user', message: `No user${where} has this email. You can search by ID too.` }
  if (others.length > 0)
    return { field: 'user', message: 'Several users have this email: name the tenant, or use an ID.' }
  return user
}
