/**
 * Deletes old rows batch by batch: the store limits the time of each, and serves others between.
 */
import { setTimeout as sleep } from 'node:timers/promises'

/** A statement holds up others on the embedded file for some milliseconds. */
const batchSize = 500
const pauseMs = 10

/** Deletes at most `limit` rows; returns how many. */
export type Forget = (limit: number) => Promise<number>

export interface BatchForgetter {
  /**
   * Until none is left, or `stop`. Returns how many were deleted: 0 while an earlier call deletes.
   */
  run(forget: Forget): Promise<number>
  stop(): void
}

export function batchForgetter(): BatchForgetter {
  let isStopped = false
  let isRunning = false
  return {
    async run(forget) {
      if (isRunning) return 0
      isRunning = true
      try {
        let deleted = 0
        for (let count = batchSize; count === batchSize && !isStopped; ) {
          if (deleted > 0) await sleep(pauseMs, undefined, { ref: false })
          count = await forget(batchSize)
          deleted += count
        }
        return deleted
      } finally {
        isRunning = false
      }
    },
    stop: () => {
      isStopped = true
    },
  }
}
