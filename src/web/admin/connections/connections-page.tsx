/** The connections, the worst first. */
import type { Administrator } from '../../../broker/access/target.ts'
import { type StateName, stateNames } from '../../../broker/health/connection-state.ts'
import { fixFor } from '../../../broker/sign-ins/fixes.ts'
import { safeHref } from '../../../pages/layout.tsx'
import { LinkButton, SourceLink } from '../../../pages/parts.tsx'
import { Scroll } from '../../../pages/scroll.tsx'
import { formatMs } from '../../../pages/sizes.ts'
import { ExactTime, Time } from '../../../pages/time.tsx'
import { TextField } from '../../developer/developer-fields.tsx'
import { renderAdminPage } from '../admin-layout.tsx'
import { FilterCard, SearchButton } from '../filter-field.tsx'
import type { ConnectionRow, StateCounts } from './connection-rows.ts'
import { connectionHref, connectionsHref } from './connections-query.ts'
import {
  CheckedAt,
  Problem,
  SoonestExpiry,
  StateBadge,
  StepLine,
  SuccessRate,
  stateLabels,
  TraceLink,
} from './state-parts.tsx'

export interface ConnectionsPageProps {
  readonly by: Administrator
  readonly tenant: string | undefined
  readonly state: StateName | undefined
  /** Counts of all connections of the tenant, without the filter. */
  readonly counts: StateCounts
  readonly knowsSignIns: boolean
  readonly readAt: Date
  readonly page: {
    readonly items: readonly ConnectionRow[]
    readonly number: number
    readonly count: number
    readonly total: number
  }
  readonly now: Date
}

export function connectionsPage(props: ConnectionsPageProps): string {
  const { by, tenant, state, counts, knowsSignIns, readAt, page, now } = props
  const total = sumOf(counts)
  return renderAdminPage({
    section: 'connections',
    by,
    tenant,
    live: true,
    children: (
      <>
        {(total > 0 || by.roles.includes('operator')) && (
          <FilterCard>
            <Filter {...props} />
          </FilterCard>
        )}
        <section class="card" id="connections" aria-labelledby="list" data-live>
          <h2 id="list">{total === 0 ? 'No connections yet' : headingOf(counts, state)}</h2>
          {!knowsSignIns && (
            <p role="status">The store of sign-ins is unavailable. The states follow from the last probes alone.</p>
          )}
          {page.items.length === 0 ? (
            <NoConnection hasAny={total > 0} />
          ) : (
            <ConnectionTable rows={page.items} now={now} showsTenant={tenant === undefined} />
          )}
          <p class="small">
            As of <ExactTime at={readAt} />
          </p>
          <Pages page={page} hrefOf={(number) => connectionsHref({ tenant, state }, number)} />
        </section>
      </>
    ),
  })
}

function NoConnection({ hasAny }: { readonly hasAny: boolean }) {
  if (hasAny) return <p>No connection has this state.</p>
  return (
    <p>
      Users need one to sign in. Add it to the file of the tenant:{' '}
      <SourceLink file="docs/sign-in-methods/index.md" label="Sign-in methods" />
    </p>
  )
}

const sumOf = (counts: StateCounts) => stateNames.reduce((sum, name) => sum + counts[name], 0)

function headingOf(counts: StateCounts, state: StateName | undefined): string {
  if (state !== undefined) return stateLabels[state]
  const faulty = counts.down + counts.misconfigured + counts.degraded
  if (faulty === 0) return 'No connection has a problem'
  return faulty === 1 ? '1 connection has a problem' : `${faulty} connections have problems`
}

function Filter({ by, tenant, state, counts }: ConnectionsPageProps) {
  const isOperator = by.roles.includes('operator')
  const total = sumOf(counts)
  return (
    <>
      {total > 0 && (
        <p class="presets">
          <a
            href={safeHref(connectionsHref({ tenant, state: undefined }))}
            aria-current={currentIf(state === undefined)}
          >
            All ({total.toLocaleString('en-US')})
          </a>
          {stateNames.map((name) => (
            <a
              key={name}
              href={safeHref(connectionsHref({ tenant, state: name }))}
              aria-current={currentIf(state === name)}
            >
              {stateLabels[name]} ({counts[name].toLocaleString('en-US')})
            </a>
          ))}
        </p>
      )}
      {isOperator && (
        <form method="get" class="filters">
          <TextField name="tenant" label="Tenant" values={{ ...(tenant !== undefined && { tenant }) }} faults={[]} />
          {state !== undefined && <input type="hidden" name="state" value={state} />}
          <SearchButton />
        </form>
      )}
    </>
  )
}

const currentIf = (isCurrent: boolean) => (isCurrent ? ('page' as const) : undefined)

interface TableProps {
  readonly rows: readonly ConnectionRow[]
  readonly now: Date
  readonly showsTenant: boolean
}

function ConnectionTable({ rows, now, showsTenant }: TableProps) {
  return (
    <Scroll label="Connections">
      <table class="records connection-table">
        <thead>
          <tr>
            <th scope="col">Connection</th>
            <th scope="col">State</th>
            <th scope="col">Success rate</th>
            <th scope="col">Slowest step</th>
            <th scope="col">Last sign-in</th>
            <th scope="col">Last failure</th>
            <th scope="col">Expires</th>
            <th scope="col">Checked</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={`${row.listed.named.tenant}/${row.listed.named.connection}`} {...{ row, now, showsTenant }} />
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function Row({ row, now, showsTenant }: Omit<TableProps, 'rows'> & { readonly row: ConnectionRow }) {
  const { listed, success, slowest, expiries } = row
  const { named, state, findings, health, last } = listed
  const [worst, ...others] = findings
  return (
    <tr>
      <th scope="row">
        <a href={safeHref(connectionHref(named))}>
          {showsTenant && <span class="small">{named.tenant} / </span>}
          {named.connection}
        </a>
        <p class="small">{named.label}</p>
      </th>
      <td class="problem">
        <StateBadge state={state} />
        {worst !== undefined && <Problem finding={worst} now={now} />}
        {others.length > 0 && (
          <p class="small">
            <a href={safeHref(connectionHref(named))}>
              {others.length} more {others.length === 1 ? 'problem' : 'problems'}
              <span class="unseen"> of {named.connection}</span>
            </a>
          </p>
        )}
      </td>
      <td data-label="Success rate">
        <SuccessRate success={success} />
      </td>
      <td data-label="Slowest step">
        {slowest?.hour === undefined ? (
          <span class="small">no sign-ins</span>
        ) : (
          <>
            <p>{slowest.step}</p>
            <p class="small">
              p50 {formatMs(slowest.hour.p50)}, p95 {formatMs(slowest.hour.p95)}
            </p>
            <StepLine figures={slowest} />
          </>
        )}
      </td>
      <td data-label="Last sign-in">
        {last?.lastSignInAt === undefined ? (
          <span class="small">never</span>
        ) : (
          <Time at={last.lastSignInAt} now={now} />
        )}
      </td>
      <td data-label="Last failure">
        {last?.lastRefusal === undefined ? (
          <span class="small">none</span>
        ) : (
          <>
            <Time at={last.lastRefusal.lastAt} now={now} />
            <p class="small">{fixFor(last.lastRefusal.cause, named).title}</p>
            <p class="small">
              <TraceLink reference={last.lastRefusal.lastReference} />
            </p>
          </>
        )}
      </td>
      <td data-label="Expires">
        <SoonestExpiry expiry={expiries[0]} now={now} />
      </td>
      <td data-label="Checked">
        <CheckedAt health={health} now={now} />
      </td>
    </tr>
  )
}

interface PagesProps {
  readonly page: ConnectionsPageProps['page']
  readonly hrefOf: (number: number) => string
}

function Pages({ page: { number, count, total }, hrefOf }: PagesProps) {
  if (count === 1) return null
  return (
    <nav class="paging" aria-label="Pages of connections">
      <span class="small">
        Page {number} of {count}, {total.toLocaleString('en-US')} connections
      </span>
      {number > 1 && <LinkButton href={hrefOf(number - 1)} label="Previous" quiet />}
      {number < count && <LinkButton href={hrefOf(number + 1)} label="Next" quiet />}
    </nav>
  )
}
