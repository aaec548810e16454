/**
 * How often tokens may have an upstream's keys or discovery document fetched again. Logins and presented tokens have an allowance
 * each, so that junk at one endpoint costs nothing at the other.
 */
export type Reason = 'unknown key' | 'wrong signature' | 'unexpected algorithm'

export interface RenewalAllowance {
  /** Undefined when it is used up; else its return, for a fetch that helped: only fetches in vain count (RP-42). */
  take(reason: Reason): (() => void) | undefined
}

const everyMs = 60_000

/** Once a minute for each reason: a wrong signature must not delay the fetch for a key id that is new. */
export function renewalAllowance(now: () => Date): RenewalAllowance {
  const used = new Map<Reason, { readonly until: number }>()
  return {
    take(reason) {
      const time = now().getTime()
      if (time < (used.get(reason)?.until ?? Number.NEGATIVE_INFINITY)) return undefined
      const taken = { until: time + everyMs }
      used.set(reason, taken)
      return () => {
        if (used.get(reason) === taken) used.delete(reason)
      }
    },
  }
}
