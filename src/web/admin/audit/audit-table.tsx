import { isoTime } from '../../../http/iso-time.ts'
import { Scroll } from '../../../pages/scroll.tsx'
import type { AuditRow, Change } from './audit-rows.ts'
import { PartyText } from './party.tsx'

interface AuditTableProps {
  readonly rows: readonly AuditRow[]
  readonly showsTenant: boolean
}

export function AuditTable({ rows, showsTenant }: AuditTableProps) {
  return (
    <Scroll label="Audit events">
      <table class="records events">
        <thead>
          <tr>
            <th scope="col">Time (UTC)</th>
            <th scope="col">Action</th>
            <th scope="col">Actor</th>
            <th scope="col">Target</th>
            {showsTenant && <th scope="col">Tenant</th>}
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row} showsTenant={showsTenant} />
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function Row({ row, showsTenant }: { readonly row: AuditRow; readonly showsTenant: boolean }) {
  const { at, tenant, code, action, actor, target, address, agent, changes, details } = row
  const time = isoTime(at)
  return (
    <tr>
      <td class="time">
        <time dateTime={time}>
          {time.slice(0, 10)} {time.slice(11, 19)}
        </time>
      </td>
      <td>
        <p>{action}</p>
        <p class="small">
          <code>{code}</code>
        </p>
        <Changes changes={changes} />
        <Details details={details} />
      </td>
      <td data-label="Actor">
        <PartyText party={actor} />
      </td>
      <td data-label="Target">
        {target === undefined ? <span class="small">the actor</span> : <PartyText party={target} />}
      </td>
      {showsTenant && <td data-label="Tenant">{tenant === '*' ? 'deployment' : tenant}</td>}
      <td data-label="From">
        {address ?? <span class="small">no request</span>}
        {agent !== undefined && (
          <details>
            <summary>{agent.short}</summary>
            <p class="small">{agent.full}</p>
          </details>
        )}
      </td>
    </tr>
  )
}

function Changes({ changes }: { readonly changes: readonly Change[] }) {
  if (changes.length === 0) return null
  return (
    <ul class="changes">
      {changes.map(({ name, before, after }) => (
        <li key={name}>
          <span class="name">{name}</span>{' '}
          {before === undefined ? <span class="small">not set</span> : <del>{before}</del>}
          {' → '}
          {after === undefined ? <span class="small">not set</span> : <ins>{after}</ins>}
        </li>
      ))}
    </ul>
  )
}

function Details({ details }: Pick<AuditRow, 'details'>) {
  if (details.length === 0) return null
  return (
    <details>
      <summary>Details</summary>
      <ul class="details">
        {details.map(([name, value]) => (
          <li key={name}>
            <span class="name">{name}</span> <PartyText party={value} />
          </li>
        ))}
      </ul>
    </details>
  )
}
