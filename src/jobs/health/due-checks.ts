/**
 * Selects the checks of a probe that run again. While all is well an upstream need not see a failed
 * token request and an authorization request every 48 seconds: it may log them, or count them as
 * attacks.
 */
import type { ProbedHealth } from '../../broker/ports/health.ts'
import type { HealthCheck } from '../../provider/provider.ts'

/** Each runs in another round, so that the rounds of a connection cost about the same. */
const roundOfCheck: ReadonlyMap<string, number> = new Map([
  ['keys', 0],
  ['client credentials', 1],
  ['callback URL', 3],
])
const rounds = 5

/** Findings of the last probe that still count, so that their checks need not run. */
export function findingsToKeep(
  last: ProbedHealth | undefined,
  round: number,
  isFresh: boolean,
): readonly HealthCheck[] {
  if (last?.status !== 'up' || !isFresh) return []
  return last.checks.flatMap(({ tookMs: _, ...check }) => {
    const own = roundOfCheck.get(check.name)
    return own === undefined || !check.ok || own === round % rounds ? [] : [check]
  })
}
