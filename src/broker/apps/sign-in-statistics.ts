/** An app's own sign-in statistics: every one of the last 30 days (UTC), oldest first. */
import type { AppDay } from '../ports/app-sign-ins.ts'
import type { Ports } from '../ports/core-ports.ts'

export const statisticsDays = 30
const dayMs = 86_400_000

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10)

/** The first day of the statistics; older ones are deleted. */
export function firstDay(now: Date): string {
  return dayOf(now.getTime() - (statisticsDays - 1) * dayMs)
}

export async function signInStatistics(
  { signInCounts, now }: Ports<'signInCounts' | 'now'>,
  appId: string,
): Promise<readonly AppDay[]> {
  const at = now()
  const counted = new Map((await signInCounts.since(appId, firstDay(at))).map((each) => [each.day, each]))
  return Array.from({ length: statisticsDays }, (_, index) => {
    const day = dayOf(at.getTime() - (statisticsDays - 1 - index) * dayMs)
    return counted.get(day) ?? { day, signIns: 0, refusals: 0 }
  })
}
