/** The factor that a form proves. */
import type { ProvableMethod } from '../../../broker/assurance/requirement.ts'
import { challengeOf } from '../../../broker/factors/passkeys/challenges.ts'
import { assertionForm, readResponse } from '../../../broker/factors/passkeys/responses.ts'
import type { FactorProof } from '../../../broker/factors/verify-factor.ts'
import type { ErrorCode, GatehouseError } from '../../../errors.ts'
import { type Fields, oneOf, requiredText } from '../../../http/fields.ts'

/** Whether the form itself shows the error. */
export const isFactorRefusal = ({ code }: GatehouseError): boolean => refusals.includes(code)

const refusals: readonly ErrorCode[] = ['factor_invalid', 'factor_not_allowed', 'too_many_attempts']

export const provableMethods = ['passkey', 'totp', 'recovery_code'] as const satisfies readonly ProvableMethod[]

export function readProof(form: Fields): FactorProof {
  const method = oneOf(form, 'method', provableMethods)
  if (method !== 'passkey') return { method, code: requiredText(form, 'code', 64) }
  const response = requiredText(form, 'response', 16_384)
  return { method, response, challenge: challengeOf(readResponse(assertionForm, response)) }
}
