/**
 * When each connection is probed: at its own offset in the interval, the offsets spread evenly.
 * They depend on the clock alone, so a process that takes over continues the schedule of the last
 * one.
 */

export interface Schedule {
  readonly intervalMs: number
  readonly connections: number
}

/** Time between two probes at the start, which has nothing to spread over the interval. */
export const firstGapMs = 100

/** Time of the next probe after `now`, at most an interval later. */
export function nextProbeAt({ intervalMs, connections }: Schedule, index: number, now: number): number {
  const offset = (index / connections) * intervalMs
  return Math.floor((now - offset) / intervalMs + 1) * intervalMs + offset
}

/** Number of the interval that `now` is in; neighbors are in different rounds at the same time. */
export function roundOf({ intervalMs, connections }: Schedule, index: number, now: number): number {
  const offset = (index / connections) * intervalMs
  return Math.floor((now - offset) / intervalMs) + index
}

/**
 * First probe times of all connections for a process that begins to probe: those without a recent
 * result soon, one after the other.
 * @param checkedAt of the last results
 */
export function firstProbes(schedule: Schedule, checkedAt: readonly (number | undefined)[], now: number): number[] {
  let queued = 0
  return checkedAt.map((at, index) => {
    if (at !== undefined && now - at < schedule.intervalMs) return nextProbeAt(schedule, index, now)
    queued += 1
    return now + queued * firstGapMs
  })
}
