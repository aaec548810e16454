/** A histogram of durations as plain numbers: counting one is a few additions. */

/** Upper bounds of its buckets, in seconds. */
export const durationBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

export class DurationCounts {
  /** One per bound, and one for longer durations. */
  readonly buckets = new Float64Array(durationBounds.length + 1)
  seconds = 0

  add(seconds: number): void {
    let at = 0
    while (at < durationBounds.length && seconds > (durationBounds[at] ?? 0)) at += 1
    this.buckets[at] = (this.buckets[at] ?? 0) + 1
    this.seconds += seconds
  }
}
