/** How the pages show states, problems and figures of connections. */

import type { StateName } from '../../../broker/health/connection-state.ts'
import {
  type ConnectionExpiry,
  daysUntil,
  expiryProblem,
  expiryTexts,
  whenText,
} from '../../../broker/health/expiries.ts'
import {
  type Hourly,
  type Outcomes,
  type StepFigures,
  type SuccessFigures,
  successRate,
} from '../../../broker/health/figures.ts'
import type { Finding } from '../../../broker/health/findings.ts'
import type { KnownHealth } from '../../../broker/ports/health.ts'
import { safeHref } from '../../../pages/layout.tsx'
import { CodeText } from '../../../pages/parts.tsx'
import { formatMs } from '../../../pages/sizes.ts'
import { Time } from '../../../pages/time.tsx'
import { Sparkline } from '../charts/sparkline.tsx'
import { traceHref } from './connections-query.ts'

const stateClasses: Readonly<Record<StateName, string>> = {
  down: 'down',
  misconfigured: 'misconfigured',
  degraded: 'degraded',
  'never used': 'never',
  healthy: 'healthy',
}

export const StateBadge = ({ state }: { readonly state: StateName }) => (
  <span class={`state ${stateClasses[state]}`}>{stateLabels[state]}</span>
)

export const stateLabels: Readonly<Record<StateName, string>> = {
  down: 'Down',
  misconfigured: 'Misconfigured',
  degraded: 'Degraded',
  'never used': 'Never used',
  healthy: 'Healthy',
}

interface ProblemProps {
  readonly finding: Finding
  readonly now: Date
}

/** A problem with its fix and fixer. */
export function Problem({ finding, now }: ProblemProps) {
  const { title, fix, fixer, since, reference } = finding
  return (
    <>
      <p>
        <strong>{title}</strong>
      </p>
      <p>
        <CodeText text={fix} />
      </p>
      <p class="small">
        Who can fix it: {fixer}
        {since !== undefined && (
          <>
            {' · since '}
            <Time at={since} now={now} />
          </>
        )}
        {reference !== undefined && (
          <>
            {' · '}
            <TraceLink reference={reference} />
          </>
        )}
      </p>
    </>
  )
}

export const TraceLink = ({ reference }: { readonly reference: string }) => (
  <a class="trace-link" href={safeHref(traceHref(reference))}>
    <span class="unseen">Trace </span>
    <code>{reference}</code>
  </a>
)

interface CheckedProps {
  readonly health: KnownHealth | undefined
  readonly now: Date
  /** Such as `web-1 (process 4242)`; not shown without. */
  readonly process?: string | undefined
}

export function CheckedAt({ health, now, process }: CheckedProps) {
  if (health === undefined) return <span class="small">not probed yet</span>
  const { checkedAt, isStale } = health
  return (
    <>
      <Time at={checkedAt} now={now} />
      {isStale && <p class="fault">This result is out of date.</p>}
      {process !== undefined && <p class="small">by {process}</p>}
    </>
  )
}

/** Text such as `98.7%`. */
export function formatRate(rate: number | null): string {
  if (rate === null) return 'none'
  const percent = rate * 100
  return `${percent === 100 || percent === 0 ? percent : Math.min(99.9, Math.max(0.1, percent)).toFixed(1)}%`
}

export function SuccessRate({ success }: { readonly success: SuccessFigures | undefined }) {
  if (success === undefined) return <span class="small">no sign-ins</span>
  const { hour, day, rates } = success
  return (
    <>
      <Rate outcomes={hour} time="1 h" />
      <Rate outcomes={day} time="24 h" />
      {hasCourse(rates) && (
        <Sparkline points={rates} max={1} label={`Success rate by hour, 24 hours: ${rangeOf(rates, formatRate)}`} />
      )}
    </>
  )
}

const Rate = ({ outcomes, time }: { readonly outcomes: Outcomes; readonly time: string }) => (
  <p class="whole">
    {formatRate(successRate(outcomes))}{' '}
    <span class="small">
      of {sumOf(outcomes)} ({time})
    </span>
  </p>
)

const sumOf = ({ signedIn, refused }: Outcomes) => (signedIn + refused).toLocaleString('en-US')

export function StepLine({ figures }: { readonly figures: StepFigures }) {
  return hasCourse(figures.p95s) ? (
    <Sparkline
      points={figures.p95s}
      label={`p95 of ${figures.step} by hour, 24 hours: ${rangeOf(figures.p95s, (ms) => formatMs(ms))}`}
    />
  ) : null
}

/** Fewer points show no course. */
const hasCourse = (points: Hourly) => points.filter((point) => point !== null).length >= 3

function rangeOf(points: Hourly, format: (value: number) => string): string {
  const values = points.filter((point) => point !== null)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return least === most ? format(most) : `${format(least)} to ${format(most)}`
}

interface ExpiriesProps {
  readonly expiries: readonly ConnectionExpiry[]
  readonly now: Date
}

/** Days until certificates and secrets expire. */
export function Expiries({ expiries, now }: ExpiriesProps) {
  if (expiries.length === 0) return <span class="small">unknown</span>
  return (
    <>
      {expiries.map((expiry) => {
        const problem = expiryProblem(expiry, now)
        return (
          <div class="expiry" key={`${expiry.kind} ${expiry.name}`}>
            <p class={problem === undefined ? undefined : 'fault'}>
              {expiryTexts[expiry.kind].subject} {whenText(expiry.expiresAt, now)}
            </p>
            {problem !== undefined && (
              <>
                <p class="small">
                  <CodeText text={problem.fix} />
                </p>
                <p class="small">Who can fix it: {problem.fixer}</p>
              </>
            )}
          </div>
        )
      })}
    </>
  )
}

interface SoonestExpiryProps {
  readonly expiry: ConnectionExpiry | undefined
  readonly now: Date
}

export function SoonestExpiry({ expiry, now }: SoonestExpiryProps) {
  if (expiry === undefined) return <span class="small">unknown</span>
  const days = daysUntil(expiry.expiresAt, now)
  const isSoon = expiryProblem(expiry, now) !== undefined
  return (
    <>
      <p class={isSoon ? 'fault' : undefined}>
        {days < 0 ? 'expired' : `${days.toLocaleString('en-US')} ${days === 1 ? 'day' : 'days'}`}
      </p>
      <p class="small">{expiry.kind}</p>
    </>
  )
}
