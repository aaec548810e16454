/**
 * How often tokens that no known key fits may have the keys fetched. Each door has an allowance of its own, so that whoever sends junk
 * to one costs nothing at the other.
 */
export type Reason = 'unknown key' | 'wrong signature'

export interface RenewalAllowance {
  /** Undefined when it is used up; else its return, for a fetch that found the key: only keys that were not there count (RP-42). */
  take(reason: Reason): (() => void) | undefined
}

const everyMs = 60_000

/**
 * Once a minute. A signature that fails under a known key id is rarely a new key and often a fault, so it leaves one for an unknown
 * key id, which is paid for by the minute after.
 */
export function renewalAllowance(now: () => Date): RenewalAllowance {
  interface Used {
    readonly until: number
    readonly reason?: Reason
  }
  let used: Used = { until: Number.NEGATIVE_INFINITY }

  return {
    take(reason) {
      const time = now().getTime()
      const isLeft = reason === 'unknown key' && used.reason === 'wrong signature'
      if (time < used.until && !isLeft) return undefined
      const before = used
      const taken = { until: Math.max(time, before.until) + everyMs, reason }
      used = taken
      return () => {
        if (used === taken) used = before
      }
    },
  }
}
