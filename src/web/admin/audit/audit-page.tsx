/** The audit events of a tenant, or of all. */
import type { Administrator } from '../../../broker/access/target.ts'
import { auditActions } from '../../../broker/audit/actions.ts'
import { withQuery } from '../../../http/destination.ts'
import { safeHref } from '../../../pages/layout.tsx'
import { LinkButton } from '../../../pages/parts.tsx'
import { FaultList, TextField } from '../../developer/developer-fields.tsx'
import { renderAdminPage } from '../admin-layout.tsx'
import { FilterCard, SearchButton } from '../filter-field.tsx'
import { auditHref, exportPath, type Fault, type FilterTexts, timeOfText } from './audit-query.ts'
import { type AuditRow, actionInWords } from './audit-rows.ts'
import { AuditTable } from './audit-table.tsx'

export interface AuditPageProps {
  readonly by: Administrator
  readonly tenant: string | undefined
  /** Texts of the filter, with times in ISO 8601 except wrong ones. */
  readonly texts: FilterTexts
  readonly faults: readonly Fault[]
  readonly rows: readonly AuditRow[]
  readonly isFirst: boolean
  /** Cursor of the next page. */
  readonly next: string | undefined
  readonly now: Date
}

export function auditPage(props: AuditPageProps): string {
  const { by, tenant, texts, faults, rows, isFirst, next } = props
  const isOperator = by.roles.includes('operator')
  return renderAdminPage({
    section: 'audit',
    by,
    tenant,
    children: (
      <>
        <FilterCard>
          <Filter {...props} />
        </FilterCard>
        <section class="card" aria-labelledby="events">
          <h2 id="events">Events</h2>
          {rows.length === 0 ? (
            <p role={faults.length > 0 ? 'alert' : undefined}>
              {faults.length > 0 ? 'Correct the filter to see events.' : 'No events match.'}
            </p>
          ) : (
            <>
              <AuditTable rows={rows} showsTenant={isOperator && tenant === undefined} />
              <nav class="paging" aria-label="Pages of events">
                {!isFirst && <LinkButton href={auditHref(texts)} label="Newest" quiet />}
                {next !== undefined && <LinkButton href={auditHref(texts, { cursor: next })} label="Older" quiet />}
              </nav>
              <Downloads texts={texts} />
            </>
          )}
        </section>
      </>
    ),
  })
}

const presets = [
  ['1h', 'Last hour'],
  ['24h', '24 hours'],
  ['7d', '7 days'],
  ['30d', '30 days'],
] as const

function Filter({ by, texts, faults, now }: AuditPageProps) {
  const values = { ...texts }
  const { since: _, until: __, ...others } = texts
  return (
    <>
      <p class="presets">
        {presets.map(([since, label]) => (
          <a key={since} href={safeHref(auditHref({ ...others, since }))}>
            {label}
          </a>
        ))}
        <a href={safeHref(auditHref(others))}>Any time</a>
      </p>
      <form method="get" class="filters">
        {by.roles.includes('operator') && (
          <TextField name="tenant" label="Tenant (* for deployment)" values={values} faults={faults} />
        )}
        <TextField name="user" label="User ID or email" values={values} faults={faults} />
        <ActionField chosen={texts.action} faults={faults} />
        <TimeField name="since" label="From (UTC)" value={texts.since} faults={faults} now={now} />
        <TimeField name="until" label="Before (UTC)" value={texts.until} faults={faults} now={now} />
        <SearchButton />
      </form>
    </>
  )
}

const actions = Object.keys(auditActions)
const actionGroups = [...Map.groupBy(actions, (action) => action.split('.')[0] ?? action)]

interface ActionFieldProps extends Pick<AuditPageProps, 'faults'> {
  readonly chosen: string | undefined
}

function ActionField({ chosen, faults }: ActionFieldProps) {
  const own = faults.filter(({ field }) => field === 'action')
  const aria = own.length > 0 && { 'aria-invalid': true, 'aria-describedby': 'action-fault' }
  return (
    <div class="field">
      <label for="action">Action</label>
      <select id="action" name="action" {...aria}>
        <option value="">Any action</option>
        {actionGroups.map(([group, members]) => (
          <optgroup key={group} label={group.replaceAll('_', ' ')}>
            {members.map((action) => (
              <option key={action} value={action} selected={action === chosen}>
                {actionInWords(action)}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      <FaultList faults={own} id="action-fault" />
    </div>
  )
}

interface TimeFieldProps extends Pick<AuditPageProps, 'faults' | 'now'> {
  readonly name: 'since' | 'until'
  readonly label: string
  readonly value: string | undefined
}

function TimeField({ name, label, value, faults, now }: TimeFieldProps) {
  const own = faults.filter(({ field }) => field === name)
  // a field for times cannot show what is no time, and takes neither durations nor offsets
  const time = timeOfText(value, now)
  const aria = own.length > 0 && { 'aria-invalid': true, 'aria-describedby': `${name}-fault` }
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {time === null ? (
        <input type="text" id={name} name={name} value={value} {...aria} />
      ) : (
        <input type="datetime-local" id={name} name={name} value={time?.toISOString().slice(0, 16)} {...aria} />
      )}
      <FaultList faults={own} id={`${name}-fault`} />
    </div>
  )
}

function Downloads({ texts }: Pick<AuditPageProps, 'texts'>) {
  const href = (format: string) => withQuery(exportPath, { ...texts, format })
  return (
    <>
      <div class="presets">
        <LinkButton href={href('csv')} label="Download CSV" quiet download />
        <LinkButton href={href('jsonl')} label="Download JSON Lines" quiet download />
      </div>
      <p class="small">All events of this filter, at most 1,000,000. The download is an audit event.</p>
    </>
  )
}
