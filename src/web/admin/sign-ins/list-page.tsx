/** `/admin/sign-ins`: search, failures by cause, and the list. */
import type { Administrator } from '../../../broker/access/target.ts'
import { explanationOf } from '../../../broker/sign-ins/explanation.ts'
import { fixFor } from '../../../broker/sign-ins/fixes.ts'
import type { Trace } from '../../../broker/trace.ts'
import { ErrorMessage } from '../../../pages/form.tsx'
import { safeHref } from '../../../pages/layout.tsx'
import { Section } from '../../../pages/parts.tsx'
import { Scroll } from '../../../pages/scroll.tsx'
import { UtcTime } from '../../../pages/time.tsx'
import { renderAdminPage } from '../admin-layout.tsx'
import { FilterCard } from '../filter-field.tsx'
import { FailuresSection, type FailuresSectionProps } from './failures-section.tsx'
import { signInsHref, tracePath, userPath } from './paths.ts'
import type { SearchValues } from './search.ts'
import { ReferenceForm, SearchForm, type SearchFormProps } from './search-form.tsx'
import { OutcomeBadge } from './trace-sections.tsx'

export interface ListPageProps extends Pick<SearchFormProps, 'values' | 'faults' | 'connections'> {
  readonly by: Administrator
  readonly tenant: string | undefined
  /** Message in place of the lists while a store is unavailable. */
  readonly outage?: string | undefined
  /** A reference that finds nothing. */
  readonly unknownReference?: string | undefined
  /** Undefined: they cannot be counted for this search. */
  readonly failures?: Pick<FailuresSectionProps, 'failures' | 'isCut' | 'labelOf'> | undefined
  /** Why, and what to change. */
  readonly notCounted?: string | undefined
  readonly traces: readonly (Trace & { readonly connectionLabel: string })[]
  /** Undefined: the list ends here. */
  readonly next?: string | undefined
  /** This is no first page. */
  readonly isContinued: boolean
  /** The lists update by themselves. */
  readonly live?: boolean | undefined
  readonly now: Date
}

export function listPage(props: ListPageProps): string {
  const { by, tenant, values, faults, connections, outage, unknownReference, failures, notCounted, live, now } = props
  const choosesTenant = by.roles.includes('operator')
  return renderAdminPage({
    section: 'sign-ins',
    by,
    tenant,
    live,
    children: (
      <>
        {outage !== undefined && <ErrorMessage error={{ title: 'Sign-ins cannot be read now', text: outage }} />}
        {unknownReference !== undefined && <ErrorMessage error={unknownReferenceError(unknownReference)} />}
        <FilterCard>
          <ReferenceForm tenant={choosesTenant ? tenant : undefined} />
          <SearchForm values={values} faults={faults} choosesTenant={choosesTenant} connections={connections} />
          <HiddenFilters values={values} />
        </FilterCard>
        <div id="lists" class="lists" data-live={live}>
          {outage === undefined && failures !== undefined && (
            <FailuresSection {...failures} values={values} tenant={tenant} now={now} />
          )}
          {notCounted !== undefined && (
            <Section id="failures" title="Failures by cause">
              <p>{notCounted}</p>
            </Section>
          )}
          {outage === undefined && faults.length === 0 && unknownReference === undefined && <List {...props} />}
        </div>
      </>
    ),
  })
}

const unknownReferenceError = (reference: string) => ({
  title: `No sign-in has the reference ${reference}`,
  text: 'Compare it with the error page: 8 letters and digits. Old sign-ins are deleted (traces.retention), and a new one appears within a second.',
})

/** Filters without a field. */
function HiddenFilters({ values }: { readonly values: SearchValues }) {
  const { user, cause, ...rest } = values
  return (
    <>
      {user !== undefined && (
        <p class="small">
          Only of the user <a href={safeHref(userPath(user))}>{user}</a>.{' '}
          <a href={safeHref(signInsHref({ ...rest, cause }))}>Of all users</a>
        </p>
      )}
      {cause !== undefined && (
        <p class="small">
          Only with the cause “{fixFor(cause).title}”. <a href={safeHref(signInsHref({ ...rest, user }))}>With any</a>
        </p>
      )}
    </>
  )
}

function List({ traces, tenant, values, next, isContinued }: ListPageProps) {
  return (
    <Section id="list" title="Sign-ins">
      {traces.length === 0 ? (
        <Empty values={values} isContinued={isContinued} />
      ) : (
        <Scroll label="Table: Sign-ins">
          <table class="records">
            <thead>
              <tr>
                <th scope="col">Time (UTC)</th>
                <th scope="col">Reference</th>
                <th scope="col">Outcome</th>
                <th scope="col">Cause</th>
                <th scope="col">User</th>
                <th scope="col">Connection</th>
                {tenant === undefined && <th scope="col">Tenant</th>}
              </tr>
            </thead>
            <tbody>
              {traces.map((trace) => (
                <Row key={trace.reference} trace={trace} namesTenant={tenant === undefined} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {(isContinued || next !== undefined) && (
        <nav class="paging" aria-label="Pages of sign-ins">
          <span class="small">Newest first</span>
          {isContinued && (
            <a class="button quiet" rel="prev" href={safeHref(signInsHref({ ...values }))}>
              Newest
            </a>
          )}
          {next !== undefined && (
            <a class="button quiet" rel="next" href={safeHref(signInsHref({ ...values, cursor: next }))}>
              Older
            </a>
          )}
        </nav>
      )}
    </Section>
  )
}

interface RowProps {
  readonly trace: ListPageProps['traces'][number]
  readonly namesTenant: boolean
}

function Row({ trace, namesTenant }: RowProps) {
  const { reference, tenant, connectionLabel, startedAt, outcome, userId, email } = trace
  return (
    <tr>
      <td data-label="Time (UTC)">
        <UtcTime at={startedAt} />
      </td>
      <th scope="row">
        <a class="whole" href={safeHref(tracePath(reference))}>
          {reference}
        </a>
      </th>
      <td>
        <OutcomeBadge outcome={outcome} />
      </td>
      {outcome === 'refused' ? (
        <td class="words" data-label="Cause">
          {explanationOf(trace, { label: connectionLabel }).title}
        </td>
      ) : (
        <td />
      )}
      <td class="words" data-label="User">
        {userId === undefined ? (email ?? '–') : <a href={safeHref(userPath(userId))}>{email ?? userId}</a>}
      </td>
      <td data-label="Connection">{connectionLabel}</td>
      {namesTenant && <td data-label="Tenant">{tenant}</td>}
    </tr>
  )
}

function Empty({ values, isContinued }: Pick<ListPageProps, 'values' | 'isContinued'>) {
  if (isContinued) return <p>There are no older sign-ins.</p>
  const { period, since, until, tenant, ...filters } = values
  const hasFilter = Object.values(filters).some((value) => value !== undefined)
  const all = signInsHref({ ...values, since: undefined, until: undefined, period: 'all' })
  return (
    <p>
      {hasFilter ? 'No sign-in matches this search.' : 'No user signed in during this time.'}{' '}
      {period !== 'all' || since !== undefined || until !== undefined ? (
        <a href={safeHref(all)}>Search all stored sign-ins</a>
      ) : hasFilter ? (
        <a href={safeHref(signInsHref({ tenant }))}>Show all sign-ins</a>
      ) : (
        'The first sign-in appears here within a second.'
      )}
    </p>
  )
}
