/**
 * Starts the probes of all connections when each is due. A probe delays no other: starts are
 * bounded per second and each has a time limit, so about eighty run at once at most.
 */
import type { ConnectionKey } from '../../broker/connections.ts'
import { firstProbes, nextProbeAt, roundOf, type Schedule } from './schedule.ts'

export interface ProberOptions {
  readonly places: readonly ConnectionKey[]
  readonly schedule: Schedule
  readonly now: () => Date
  /** When a place was last probed by any process. */
  readonly checkedAt: (place: ConnectionKey) => Date | undefined
  /** Never throws. Rounds of a place count up by one. */
  readonly probe: (place: ConnectionKey, round: number) => Promise<unknown>
}

export interface Prober {
  start(): void
  stop(): void
}

/**
 * After a pause of the process, such as a suspended machine, probes start at twice the usual rate.
 */
const minGapMs = 50
/** A clock that is set forward or back is noticed by then. */
const maxSleepMs = 10_000

export function createProber({ places, schedule, now, checkedAt, probe }: ProberOptions): Prober {
  let dueAt: number[] = []
  let timer: NodeJS.Timeout | undefined

  function startNextDue(): void {
    const time = now().getTime()
    const next = earliest(dueAt)
    const place = places[next]
    if (place !== undefined && (dueAt[next] ?? time) <= time) {
      dueAt[next] = nextProbeAt(schedule, next, time)
      void probe(place, roundOf(schedule, next, time))
    }
    const wait = (dueAt[earliest(dueAt)] ?? time) - time
    // after a clock was set back
    if (wait > schedule.intervalMs) plan()
    timer = setTimeout(startNextDue, Math.min(Math.max(wait, minGapMs), maxSleepMs)).unref()
  }

  function plan(): void {
    dueAt = firstProbes(
      schedule,
      places.map((place) => checkedAt(place)?.getTime()),
      now().getTime(),
    )
  }

  return {
    start() {
      clearTimeout(timer)
      if (places.length === 0) return
      plan()
      startNextDue()
    },
    stop: () => clearTimeout(timer),
  }
}

function earliest(times: readonly number[]): number {
  let first = 0
  for (let index = 1; index < times.length; index += 1) if ((times[index] ?? 0) < (times[first] ?? 0)) first = index
  return first
}
