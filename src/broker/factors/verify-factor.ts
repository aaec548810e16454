/** Verifies a second factor: every place that asks for one calls `verifyFactor`. */
import { GatehouseError } from '../../errors.ts'
import { enforceFactorLimit } from '../limits/factor-limits.ts'
import type { Totp } from '../ports/authenticators.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { UserKey } from '../session/session.ts'
import { assertMethodUsable } from './allowed-methods.ts'
import { type FactorEventPorts, recordFactorEvent } from './factor-events.ts'
import { type AssertionPorts, passkeyAssertionOptions, verifyPasskeyAssertion } from './passkeys/assertion.ts'
import { type CancelRecoveryPorts, cancelRecovery } from './recovery/recover.ts'
import { useRecoveryCode } from './recovery-codes.ts'
import { openSeed } from './seed.ts'
import { matchStep } from './totp.ts'

export type FactorProof =
  | { readonly method: 'totp'; readonly code: string }
  | { readonly method: 'recovery_code'; readonly code: string }
  /** An AuthenticationResponseJSON (WebAuthn Level 3, 5.1.9), and the challenge of its options. */
  | { readonly method: 'passkey'; readonly response: unknown; readonly challenge: string }

type PasskeyProof = Extract<FactorProof, { method: 'passkey' }>
export type FactorMethod = FactorProof['method']

export interface VerifiedFactor {
  readonly method: FactorMethod
  readonly authenticatorId?: string
  readonly at: Date
  /** Authentication Method Reference values (RFC 8176), of the factor alone. */
  readonly amr: readonly string[]
}

export type VerifyFactorPorts = FactorEventPorts &
  CancelRecoveryPorts &
  AssertionPorts &
  Ports<'authenticators' | 'counters' | 'keyRing' | 'recoveryCodes'>

/**
 * Each code is accepted once, in all processes (MF-01, MF-03). Wrong codes of all places count
 * together: 20 an hour for a user, and 5 for a challenge (MF-02). Throws `factor_invalid`,
 * `factor_not_allowed`, `too_many_attempts`.
 * @param challenge such as the id of the pending sign-in or of the session. Default: one for all
 */
export async function verifyFactor(
  ports: VerifyFactorPorts,
  user: UserKey,
  proof: FactorProof,
  challenge = '',
): Promise<VerifiedFactor> {
  await assertMethodUsable(ports, user, proof.method)
  if (proof.method === 'passkey') return verifyPasskey(ports, user, proof, challenge)
  const refund = await enforceFactorLimit(ports.counters, user, challenge)
  let verified: VerifiedFactor | undefined
  try {
    verified = await (proof.method === 'totp' ? verifyTotp : verifyRecoveryCode)(ports, user, proof.code)
  } catch (error) {
    await refund() // a failure of ours is no guess
    throw error
  }
  if (verified === undefined) throw new GatehouseError('factor_invalid', `the ${proof.method} is wrong or was used`)
  await refund()
  // the user has a factor after all; a recovery may be an attacker's
  await cancelRecovery(ports, user, 'a second factor').catch(() => undefined)
  return verified
}

/** Options for `navigator.credentials.get`. @param challenge as for `verifyFactor` */
export function passkeyFactorOptions(ports: AssertionPorts, { tenant, userId }: UserKey, challenge = '') {
  return passkeyAssertionOptions(ports, { tenant, userId, bound: challenge })
}

/**
 * Verifies a passkey for a challenge that names no user, as programs get for a sign-in. Throws
 * `factor_not_allowed`, and `factor_invalid`, also for another user's passkey.
 */
export async function verifySignInPasskey(ports: VerifyFactorPorts, user: UserKey, proof: PasskeyProof) {
  await assertMethodUsable(ports, user, proof.method)
  return verifyPasskey(ports, user, proof, undefined)
}

/** Cannot be guessed, so it counts for no limit. @param bound undefined: to no user either */
async function verifyPasskey(
  ports: VerifyFactorPorts,
  { tenant, userId }: UserKey,
  { response, challenge }: PasskeyProof,
  bound: string | undefined,
): Promise<VerifiedFactor> {
  try {
    const subject = bound === undefined ? { tenant } : { tenant, userId, bound }
    const { passkey, amr } = await verifyPasskeyAssertion(ports, subject, response, challenge)
    if (passkey.userId !== userId) throw new GatehouseError('passkey_invalid', 'the passkey belongs to another user')
    await cancelRecovery(ports, { tenant, userId }, 'a passkey').catch(() => undefined)
    return { method: 'passkey', authenticatorId: passkey.id, at: ports.now(), amr }
  } catch (cause) {
    if (!(cause instanceof GatehouseError) || cause.code !== 'passkey_invalid') throw cause
    const text = 'The passkey did not work: it may have been removed, or the request expired. Try again.'
    throw new GatehouseError('factor_invalid', cause.message, { cause, text })
  }
}

async function verifyTotp(ports: VerifyFactorPorts, user: UserKey, code: string): Promise<VerifiedFactor | undefined> {
  const at = ports.now()
  const own = (await ports.authenticators.of(user)).filter((each): each is Totp => each.kind === 'totp')
  for (const totp of own) {
    const seed = openSeed(ports.keyRing, totp)
    const step = seed === null ? undefined : matchStep(seed, code, at)
    if (step === undefined || !(await ports.authenticators.useTotpStep(user, totp.id, step, at))) continue
    return { method: 'totp', authenticatorId: totp.id, at, amr: ['otp'] }
  }
  return undefined
}

async function verifyRecoveryCode(
  ports: VerifyFactorPorts,
  user: UserKey,
  code: string,
): Promise<VerifiedFactor | undefined> {
  if (!(await useRecoveryCode(ports, user, code))) return undefined
  const left = (await ports.recoveryCodes.stateOf(user))?.remaining ?? 0
  await recordFactorEvent(ports, user, { action: 'factor.used_recovery_code', left })
  return { method: 'recovery_code', at: ports.now(), amr: ['otp'] }
}
