/** One look: all is healthy, or what is wrong, worst first, with the fix and who can apply it. */

import type { Problem, Severity } from '../../../broker/deployment/problem.ts'
import { safeHref } from '../../../pages/layout.tsx'
import { CodeText } from '../../../pages/parts.tsx'
import { Time } from '../../../pages/time.tsx'
import { StateBadge } from '../connections/state-parts.tsx'

export interface StatusBannerProps {
  readonly problems: readonly Problem[]
  readonly at: Date
}

const severityLabels: Readonly<Record<Severity, string>> = { down: 'Down', degraded: 'Degraded', warning: 'Warning' }

export function StatusBanner({ problems, at }: StatusBannerProps) {
  const [worst] = problems
  return (
    <section id="status" class={`banner ${worst?.severity ?? 'healthy'}`} aria-labelledby="status-title" data-live>
      <div class="banner-head">
        <h2 id="status-title">{titleOf(problems)}</h2>
        <p class="small">
          As of <Time at={at} />
        </p>
      </div>
      {problems.length > 0 && (
        <ul class="problems">
          {problems.map((problem) => (
            <ProblemRow key={problem.id} problem={problem} now={at} />
          ))}
        </ul>
      )}
    </section>
  )
}

function ProblemRow({ problem, now }: { readonly problem: Problem; readonly now: Date }) {
  const { severity, state, title, fix, fixer, since, path } = problem
  return (
    <li>
      {state === undefined ? (
        <span class={`state ${severity}`}>{severityLabels[severity]}</span>
      ) : (
        <StateBadge state={state} />
      )}
      <div>
        <h3>{path === undefined ? title : <a href={safeHref(path)}>{title}</a>}</h3>
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
        </p>
      </div>
    </li>
  )
}

function titleOf(problems: readonly Problem[]): string {
  if (problems.length === 0) return 'All healthy'
  return problems.length === 1 ? '1 problem' : `${problems.length} problems`
}
