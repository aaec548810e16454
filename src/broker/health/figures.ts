/** How often sign-ins of a connection succeed and how long their steps take. */
import type { ConnectionKey } from '../connections.ts'
import type { SignInCount, SignInStatistics, StepDurations } from '../ports/sign-ins.ts'

const hourMs = 3_600_000
const spanSeconds = 300
const hours = 24
/** Spans start at multiples of their length, so this one holds every time. */
const oneSpanSeconds = 100 * 365 * 86_400 // of whole hours: steps are read from the rows of hours

export interface Outcomes {
  readonly signedIn: number
  readonly refused: number
}

/** Values by hour, oldest first. Null: no sign-in in that hour. */
export type Hourly = readonly (number | null)[]

export interface SuccessFigures {
  readonly hour: Outcomes
  readonly day: Outcomes
  /** Share from 0 to 1. */
  readonly rates: Hourly
}

export interface Quantiles {
  readonly p50: number
  readonly p95: number
}

export interface StepFigures {
  readonly step: string
  readonly hour: Quantiles | undefined
  readonly day: Quantiles | undefined
  readonly p95s: Hourly
}

export async function successFigures(
  statistics: SignInStatistics,
  key: ConnectionKey,
  now: Date,
): Promise<SuccessFigures> {
  return summedCounts(await statistics.counts({ ...key, since: before(now, hours) }, spanSeconds), now)
}

/** The slowest of the day first. */
export async function stepFigures(
  statistics: SignInStatistics,
  key: ConnectionKey,
  now: Date,
): Promise<readonly StepFigures[]> {
  const day = { ...key, since: before(now, hours) }
  const [hourly, ofDay, ofHour] = await Promise.all([
    statistics.steps(day, 3600),
    statistics.steps(day, oneSpanSeconds),
    statistics.steps({ ...key, since: before(now, 1) }, oneSpanSeconds + spanSeconds),
  ])
  const slowestFirst = ofDay.toSorted((one, other) => other.p95 - one.p95)
  return slowestFirst.map(({ step, p50, p95 }) => ({
    step,
    hour: ofHour.find((each) => each.step === step),
    day: { p50, p95 },
    p95s: hourlyP95(hourly, step, now),
  }))
}

/** The step that was slowest in the last hour, by one query, for a row of a list. */
export async function slowestStep(
  statistics: SignInStatistics,
  key: ConnectionKey,
  now: Date,
): Promise<StepFigures | undefined> {
  const hourly = await statistics.steps({ ...key, since: before(now, hours) }, 3600)
  const latest = hourly.at(-1)?.startsAt.getTime()
  const inLatest = hourly.filter(({ startsAt }) => startsAt.getTime() === latest)
  const [slowest] = inLatest.toSorted((one, other) => other.p95 - one.p95)
  if (slowest === undefined) return undefined
  const { step, p50, p95 } = slowest
  return { step, hour: { p50, p95 }, day: undefined, p95s: hourlyP95(hourly, step, now) }
}

const before = (now: Date, count: number) => new Date(now.getTime() - count * hourMs)

/** Index of the hour that ends now is 23. */
const hourIndex = (at: Date, now: Date) => hours - 1 - Math.floor((now.getTime() - at.getTime()) / hourMs)

function summedCounts(counts: readonly SignInCount[], now: Date): SuccessFigures {
  const byHour = Array.from({ length: hours }, () => ({ signedIn: 0, refused: 0 }))
  for (const { startsAt, signedIn, refused } of counts) {
    const slot = byHour[Math.max(0, hourIndex(startsAt, now))]
    if (slot === undefined) continue
    slot.signedIn += signedIn
    slot.refused += refused
  }
  const sum = (one: Outcomes, other: Outcomes) => ({
    signedIn: one.signedIn + other.signedIn,
    refused: one.refused + other.refused,
  })
  const none = { signedIn: 0, refused: 0 }
  return { hour: byHour.at(-1) ?? none, day: byHour.reduce(sum, none), rates: byHour.map(successRate) }
}

/** Null without sign-ins. */
export function successRate({ signedIn, refused }: Outcomes): number | null {
  return signedIn + refused === 0 ? null : signedIn / (signedIn + refused)
}

/** Spans start at full hours, so the first may have begun earlier. */
function hourlyP95(durations: readonly StepDurations[], step: string, now: Date): Hourly {
  const line: (number | null)[] = Array.from({ length: hours }, () => null)
  for (const { startsAt, step: name, p95 } of durations)
    if (name === step) line[Math.max(0, hourIndex(startsAt, now))] = p95
  return line
}
