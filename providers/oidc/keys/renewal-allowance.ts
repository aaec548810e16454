/** Limits refetches of keys and discovery, separately for logins and presented tokens. */
export type Reason = 'unknown key' | 'wrong signature' | 'unexpected algorithm'

export interface RenewalAllowance {
  /** Undefined if used up, otherwise its return: only useless fetches count (RP-42). */
  take(reason: Reason): (() => void) | undefined
}

const everyMs = 60_000

/** Once a minute per reason, so a wrong signature does not delay the fetch for a new key ID. */
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
