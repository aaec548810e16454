/** Limits guesses of one-time passwords and recovery codes (MF-02), in all processes together. */

import type { Counters } from '../ports/volatile.ts'
import type { UserKey } from '../session/session.ts'
import { enforceLimits, keyOf, type Refund } from './rate-limits.ts'

const challengeSeconds = 600
const hourSeconds = 3600

/**
 * 5 tries for a challenge, 20 an hour for a user: a new sign-in gives a new challenge, but no more
 * tries. Only a correct code is refunded, so wrong ones count everywhere. Throws
 * `too_many_attempts`.
 * @param challenge such as the pending sign-in or the session
 */
export function enforceFactorLimit(counters: Counters, user: UserKey, challenge: string): Promise<Refund> {
  const { tenant, userId } = user
  return enforceLimits(counters, {
    own: [{ key: keyOf('factor-challenge', tenant, userId, challenge), max: 5, windowSeconds: challengeSeconds }],
    shared: [{ key: keyOf('factor-user', tenant, userId), max: 20, windowSeconds: hourSeconds }],
  })
}

/** Ten sets of recovery codes an hour: each takes half a second of a thread. */
export async function enforceRecoveryCodesLimit(counters: Counters, { tenant, userId }: UserKey): Promise<void> {
  const key = keyOf('recovery-codes', tenant, userId)
  await enforceLimits(counters, { own: [{ key, max: 10, windowSeconds: hourSeconds }] })
}
