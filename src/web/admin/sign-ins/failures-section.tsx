/** Failures of the chosen time, one row per cause. */

import type { FailureGroup } from '../../../broker/ports/sign-ins.ts'
import { fixFor } from '../../../broker/sign-ins/fixes.ts'
import { safeHref } from '../../../pages/layout.tsx'
import { CodeText, Section } from '../../../pages/parts.tsx'
import { Scroll } from '../../../pages/scroll.tsx'
import { Time } from '../../../pages/time.tsx'
import { connectionPath, signInsHref, tracePath } from './paths.ts'
import type { SearchValues } from './search.ts'

export interface FailuresSectionProps {
  readonly failures: readonly FailureGroup[]
  /** More causes exist. */
  readonly isCut: boolean
  readonly values: SearchValues
  /** Undefined: of all tenants together. */
  readonly tenant: string | undefined
  readonly labelOf: (connection: string) => string
  readonly now: Date
}

const countForm = new Intl.NumberFormat('en')

export function FailuresSection({ failures, isCut, values, tenant, labelOf, now }: FailuresSectionProps) {
  return (
    <Section id="failures" title="Failures by cause">
      {failures.length === 0 ? (
        <p>No sign-in failed in this time.</p>
      ) : (
        <Scroll label="Table: Failures by cause">
          <table class="records">
            <thead>
              <tr>
                <th scope="col" class="number">
                  Count
                </th>
                <th scope="col">Cause</th>
                {tenant !== undefined && <th scope="col">Connection</th>}
                <th scope="col">Who can fix it</th>
                <th scope="col">Last seen</th>
              </tr>
            </thead>
            <tbody>
              {failures.map((group) => (
                <Row key={`${group.connection} ${group.cause}`} {...{ group, values, tenant, labelOf, now }} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
      {isCut && (
        <p class="small">Only the most frequent causes are listed. Choose a tenant or a connection for more.</p>
      )}
    </Section>
  )
}

type RowProps = Pick<FailuresSectionProps, 'values' | 'tenant' | 'labelOf' | 'now'> & { readonly group: FailureGroup }

function Row({ group, values: { period, since, until }, tenant, labelOf, now }: RowProps) {
  const { cause, count, lastAt, lastReference } = group
  const connection = tenant === undefined ? undefined : group.connection
  const label = connection === undefined ? undefined : labelOf(connection)
  const { title, fix, fixer } = fixFor(cause, label === undefined ? undefined : { label })
  return (
    <tr>
      <td data-label="Count" class="number">
        {countForm.format(count)}
      </td>
      <th scope="row" class="words">
        <a href={safeHref(signInsHref({ tenant, connection, cause, period, since, until }))}>{title}</a>
        <p class="small">
          <CodeText text={fix} />
        </p>
      </th>
      {tenant !== undefined && connection !== undefined && (
        <td data-label="Connection">
          <a href={safeHref(connectionPath(tenant, connection))}>{label}</a>
        </td>
      )}
      <td data-label="Who can fix it">{fixer}</td>
      <td data-label="Last seen">
        <a href={safeHref(tracePath(lastReference))}>
          <Time at={lastAt} now={now} />
        </a>
      </td>
    </tr>
  )
}
