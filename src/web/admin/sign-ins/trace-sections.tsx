/** The parts of a trace that both its page and a shared link show. */

import { checksOf, type Explanation } from '../../../broker/sign-ins/explanation.ts'
import { fixerSentence } from '../../../broker/sign-ins/fixes.ts'
import { type TimelinePause, type TimelineStep, timelineOf } from '../../../broker/sign-ins/timeline.ts'
import type { Trace } from '../../../broker/trace.ts'
import type { Check } from '../../../errors.ts'
import { CodeText, Section, SourceLink } from '../../../pages/parts.tsx'
import { Scroll } from '../../../pages/scroll.tsx'
import { elapsedText } from './elapsed-text.ts'

const outcomes = {
  started: { label: 'Not finished', state: 'never' },
  'signed in': { label: 'Signed in', state: 'healthy' },
  refused: { label: 'Refused', state: 'down' },
  'sessions ended': { label: 'Sessions ended', state: 'never' },
} as const satisfies Record<Trace['outcome'], { readonly label: string; readonly state: string }>

export const outcomeLabel = (outcome: Trace['outcome']): string => outcomes[outcome].label

export function OutcomeBadge({ outcome }: Pick<Trace, 'outcome'>) {
  const { label, state } = outcomes[outcome]
  return <span class={`state ${state}`}>{label}</span>
}

interface ExplainedProps {
  readonly explanation: Explanation
  /** Text that the user read at a refusal. */
  readonly shown?: string | undefined
  /** File and section of the setup guide. */
  readonly guide?: { readonly file: string; readonly section: string } | undefined
}

export function Explained({ explanation: { title, fix, fixer }, shown, guide }: ExplainedProps) {
  return (
    <div class="explained">
      <h2 id="explanation">{title}</h2>
      {fix !== undefined && (
        <p>
          <CodeText text={fix} />
        </p>
      )}
      {fixer !== undefined && (
        <p>
          <strong>{fixerSentence(fixer)}</strong>
        </p>
      )}
      {shown !== undefined && <p class="small">The user saw: “{shown}”</p>}
      {guide !== undefined && (
        <p class="small">
          Setup guide: <SourceLink {...guide} label={guide.section} />
        </p>
      )}
    </div>
  )
}

export function StepsSection({ steps }: Pick<Trace, 'steps'>) {
  return (
    <Section id="steps" title="Steps">
      {steps.length === 0 ? (
        <p>No step was recorded.</p>
      ) : (
        <Scroll label="Table: Steps">
          <table class="timeline">
            <thead>
              <tr>
                <th scope="col" class="number">
                  Start
                </th>
                <th scope="col">Step</th>
                <th scope="col" class="number">
                  Took
                </th>
                <th scope="col">Timeline</th>
              </tr>
            </thead>
            <tbody>
              {timelineOf(steps).map((row, index) =>
                row.kind === 'pause' ? <PauseRow key={index} {...row} /> : <StepRow key={index} {...row} />,
              )}
            </tbody>
          </table>
        </Scroll>
      )}
    </Section>
  )
}

const maxDepth = 3

function StepRow({ step, depth, left, width }: TimelineStep) {
  const { name, atMs, tookMs, note, checks } = step
  const isFailed = note !== undefined || checks.some(({ ok }) => !ok)
  return (
    <tr>
      <td class="number">{elapsedText(atMs)}</td>
      <td class={`words depth-${Math.min(depth, maxDepth)}`}>
        {name}
        {isFailed && <span class="state down">Failed</span>}
        {note !== undefined && <p class="small note">{note}</p>}
      </td>
      <td class="number">{elapsedText(tookMs)}</td>
      <td>
        <svg class={isFailed ? 'bar failed' : 'bar'} viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
          <rect x={left.toFixed(2)} y="0" width={width.toFixed(2)} height="10" />
        </svg>
      </td>
    </tr>
  )
}

const PauseRow = ({ tookMs }: TimelinePause) => (
  <tr class="pause">
    <td />
    <td>at the identity provider, or waiting for the user</td>
    <td class="number">{elapsedText(tookMs)}</td>
    <td />
  </tr>
)

export function ChecksSection({ steps }: Pick<Trace, 'steps'>) {
  const checks = checksOf({ steps })
  const failed = checks.filter(({ ok }) => !ok).length
  return (
    <Section id="checks" title="Checks">
      <p class="small">{countText(failed, checks.length)}</p>
      {checks.length > 0 && (
        <Scroll label="Table: Checks">
          <table class="records">
            <thead>
              <tr>
                <th scope="col">Result</th>
                <th scope="col">Check</th>
                <th scope="col">Expected</th>
                <th scope="col">Received</th>
                <th scope="col">Step</th>
              </tr>
            </thead>
            <tbody>
              {checks.map((check, index) => (
                <tr key={index}>
                  <td>
                    <CheckBadge {...check} />
                  </td>
                  <th scope="row">{check.name}</th>
                  <td data-label="Expected" class="words">
                    {check.expected ?? '–'}
                  </td>
                  <td data-label="Received" class="words">
                    {check.got ?? '–'}
                  </td>
                  <td data-label="Step">{check.step}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Section>
  )
}

function countText(failed: number, all: number): string {
  if (all === 0) return 'No check was made: the sign-in ended before an answer arrived.'
  if (failed === 0) return all === 1 ? 'The check passed.' : `All ${all} checks passed.`
  return `${failed} of ${all} failed.`
}

const CheckBadge = ({ ok }: Pick<Check, 'ok'>) => (
  <span class={ok ? 'state healthy' : 'state down'}>{ok ? 'Passed' : 'Failed'}</span>
)

/** Reasons of the decision; nothing for a trace without one. */
export function ReasonsSection({ reasons }: Pick<Trace, 'reasons'>) {
  if (reasons.length === 0) return null
  return (
    <Section id="reasons" title="Decision">
      <ul class="limits">
        {reasons.map((reason, index) => (
          <li key={index}>{reason}</li>
        ))}
      </ul>
    </Section>
  )
}
