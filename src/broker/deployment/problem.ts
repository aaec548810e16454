import type { Fixer } from '../../errors.ts'
import type { FaultyState } from '../health/findings.ts'

/** From the worst. `down`: sign-ins fail. `degraded`: some fail. `warning`: they will. */
export const severities = ['down', 'degraded', 'warning'] as const
export type Severity = (typeof severities)[number]

export interface Problem {
  /** Such as `store redis`: names the same problem each time. */
  readonly id: string
  readonly severity: Severity
  /** State of a connection, as its page shows it. */
  readonly state?: FaultyState | undefined
  readonly title: string
  /** Cause and remedy. */
  readonly fix: string
  readonly fixer: Fixer
  readonly since?: Date | undefined
  /** Path of our page that shows more. */
  readonly path?: string | undefined
}

/** Worst first; the oldest of equal ones first. */
export function byUrgency(one: Problem, other: Problem): number {
  const rank = ({ severity }: Problem) => severities.indexOf(severity)
  const time = ({ since }: Problem) => since?.getTime() ?? Number.MAX_SAFE_INTEGER
  return rank(one) - rank(other) || time(one) - time(other)
}
