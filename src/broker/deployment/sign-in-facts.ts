/** Counts of sign-ins for charts: equal spans without gaps. */
import type { SignInCount, SignInStatistics } from '../ports/sign-ins.ts'
import type { SignInFacts } from './facts.ts'

const [spanSeconds, spans] = [300, 12]
const [hourSeconds, hours] = [3600, 24]

/** @param tenant default: all together */
export async function readSignInFacts(
  statistics: Pick<SignInStatistics, 'counts'>,
  tenant: string | undefined,
  now: Date,
): Promise<SignInFacts> {
  const read = async (seconds: number, count: number) => {
    const since = firstSpan(now, seconds, count)
    return withoutGaps(await statistics.counts({ tenant, since }, seconds), since, seconds, count)
  }
  const [lastHour, lastDay] = await Promise.all([read(spanSeconds, spans), read(hourSeconds, hours)])
  return { lastHour, lastDay }
}

/** The start of the first of `count` spans, of which the last one holds `now`. */
function firstSpan(now: Date, seconds: number, count: number): Date {
  const current = Math.floor(now.getTime() / 1000 / seconds)
  return new Date((current - count + 1) * seconds * 1000)
}

function withoutGaps(
  counts: readonly SignInCount[],
  since: Date,
  seconds: number,
  count: number,
): readonly SignInCount[] {
  const byStart = new Map(counts.map((each) => [each.startsAt.getTime(), each]))
  return Array.from({ length: count }, (_, index) => {
    const startsAt = new Date(since.getTime() + index * seconds * 1000)
    return byStart.get(startsAt.getTime()) ?? { startsAt, signedIn: 0, refused: 0 }
  })
}
