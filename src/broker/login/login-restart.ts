/**
 * A login whose transaction was taken but not finished, because the process ended or a store
 * failed, may restart once when the same browser repeats the callback.
 */

import { secretHash } from '../../crypto/token.ts'
import type { GatehouseError } from '../../errors.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { TakenTransaction } from '../ports/volatile.ts'
import { type CallbackRequest, resumeSeconds } from './transaction.ts'

const keyOf = (state: string) => `login-over:${secretHash(state)}`

/** Not awaited: at worst a repeated callback restarts a login. */
export function recordOutcome<T extends { readonly outcome: string; readonly error?: GatehouseError }>(
  { counters }: Ports<'counters'>,
  state: string,
  finished: T,
): T {
  const isLost = /^(store_unavailable|internal)$/.test(finished.error?.code ?? '')
  if (!isLost) counters.hit(keyOf(state), resumeSeconds).catch(() => undefined)
  return finished
}

export async function mayRestart(
  { counters }: Ports<'counters'>,
  state: string,
  taken: TakenTransaction,
  callback: CallbackRequest,
): Promise<boolean> {
  if (taken.outcome !== 'used' || taken.browser === undefined || taken.browser !== callback.browser) return false
  if (taken.resume.linkToSession !== undefined) return false
  return (await counters.hit(keyOf(state), resumeSeconds)).count === 1
}
