import { GatehouseError } from '../../errors.ts'
import { enforceRecoveryCodesLimit } from '../limits/factor-limits.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { UserKey } from '../session/session.ts'
import { type FactorEventPorts, recordFactorEvent } from './factor-events.ts'
import { factorsOf } from './factors-of.ts'
import { replaceRecoveryCodes } from './recovery-codes.ts'

export interface CreatedRecoveryCodes {
  readonly codes: readonly string[]
  /** The user had codes before, which ended. */
  readonly replaced: boolean
}

/** Ends the former codes. Throws `factor_missing` without an authenticator, `too_many_attempts`. */
export async function createRecoveryCodes(
  ports: FactorEventPorts & Ports<'authenticators' | 'counters' | 'random' | 'recoveryCodes'>,
  user: UserKey,
): Promise<CreatedRecoveryCodes> {
  const { totp, passkeys, recoveryCodesAt } = await factorsOf(ports, user)
  if (totp.length + passkeys.length === 0)
    throw new GatehouseError('factor_missing', 'the user has no second factor that a code could replace')
  await enforceRecoveryCodesLimit(ports.counters, user)
  const codes = await replaceRecoveryCodes(ports, user)
  const replaced = recoveryCodesAt !== undefined
  await recordFactorEvent(ports, user, { action: 'recovery_codes.created', replaced })
  return { codes, replaced }
}
