/** How many users of one connection are re-checked at once, and when its upstream is left alone. */
import pLimit from 'p-limit'

export interface ConnectionLimit {
  /** @param work resolves to whether the upstream answered; undefined if it was not asked */
  run(work: () => Promise<boolean | undefined>): Promise<void>
  /** No re-check is queued, and the upstream is not paused. */
  hasCapacity(): boolean
  isPaused(): boolean
  /** End of the pause in milliseconds since 1970; in the past without a pause. */
  resumesAt(): number
}

const maxConcurrent = 8
/** Requests to the upstream pause after this many without an answer. */
const maxFailures = 5
const minPauseMs = 10_000
const maxPauseMs = 60_000

export function connectionLimit(now: () => number): ConnectionLimit {
  const limit = pLimit(maxConcurrent)
  let failures = 0
  let resumesAt = 0
  const isPaused = () => now() < resumesAt

  function count(isAnswered: boolean): void {
    failures = isAnswered ? 0 : failures + 1
    const pauseMs = minPauseMs * 2 ** (failures - maxFailures)
    if (failures >= maxFailures) resumesAt = Math.max(resumesAt, now() + Math.min(maxPauseMs, pauseMs))
  }

  return {
    run: (work) =>
      limit(async () => {
        const isAnswered = await work()
        if (isAnswered !== undefined) count(isAnswered)
      }),
    hasCapacity: () => limit.pendingCount === 0 && limit.activeCount < maxConcurrent && !isPaused(),
    isPaused,
    resumesAt: () => resumesAt,
  }
}
