/** How long the steps of a connection's sign-ins take, and why sign-ins failed. */
import type { Quantiles, StepFigures } from '../../../broker/health/figures.ts'
import type { FailureGroup } from '../../../broker/ports/sign-ins.ts'
import { fixFor } from '../../../broker/sign-ins/fixes.ts'
import { safeHref } from '../../../pages/layout.tsx'
import { Scroll } from '../../../pages/scroll.tsx'
import { formatMs } from '../../../pages/sizes.ts'
import { Time } from '../../../pages/time.tsx'
import { failuresHref } from './connections-query.ts'
import { StepLine, TraceLink } from './state-parts.tsx'

export function Steps({ steps }: { readonly steps: readonly StepFigures[] }) {
  if (steps.length === 0) return <p>No sign-in in the last day.</p>
  return (
    <Scroll label="Durations of the steps">
      <table class="records">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col" class="number">
              p50, hour
            </th>
            <th scope="col" class="number">
              p95, hour
            </th>
            <th scope="col" class="number">
              p50, day
            </th>
            <th scope="col" class="number">
              p95, day
            </th>
            <th scope="col">p95 by hour</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((figures) => (
            <tr key={figures.step}>
              <th scope="row">{figures.step}</th>
              <QuantileCells span="hour" quantiles={figures.hour} />
              <QuantileCells span="day" quantiles={figures.day} />
              <td data-label="p95 by hour">
                <StepLine figures={figures} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

interface QuantileCellsProps {
  readonly span: 'hour' | 'day'
  readonly quantiles: Quantiles | undefined
}

const QuantileCells = ({ span, quantiles }: QuantileCellsProps) => (
  <>
    {(['p50', 'p95'] as const).map((name) => (
      <td key={name} data-label={`${name}, ${span}`} class="number">
        {quantiles === undefined ? 'none' : formatMs(quantiles[name])}
      </td>
    ))}
  </>
)

interface FailuresProps {
  readonly groups: readonly FailureGroup[]
  readonly label: string
  readonly now: Date
}

export function Failures({ groups, label, now }: FailuresProps) {
  if (groups.length === 0) return <p>No sign-in failed.</p>
  return (
    <Scroll label="Failures">
      <table class="records">
        <thead>
          <tr>
            <th scope="col">Cause</th>
            <th scope="col" class="number">
              Count
            </th>
            <th scope="col">Last</th>
            <th scope="col">Trace</th>
            <th scope="col">Who can fix it</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <FailureRow key={group.cause} group={group} label={label} now={now} />
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

function FailureRow({ group, label, now }: Omit<FailuresProps, 'groups'> & { readonly group: FailureGroup }) {
  const { title, fixer } = fixFor(group.cause, { label })
  return (
    <tr>
      <th scope="row">
        <a href={safeHref(failuresHref(group))}>{title}</a>
        <p class="small">
          <code>{group.cause}</code>
        </p>
      </th>
      <td data-label="Count" class="number">
        {group.count.toLocaleString('en-US')}
      </td>
      <td data-label="Last">
        <Time at={group.lastAt} now={now} />
      </td>
      <td data-label="Trace">
        <TraceLink reference={group.lastReference} />
      </td>
      <td data-label="Who can fix it">{fixer}</td>
    </tr>
  )
}
