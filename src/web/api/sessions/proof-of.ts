import type { z } from 'zod'
import { challengeOf } from '../../../broker/factors/passkeys/challenges.ts'
import { assertionForm, readResponse } from '../../../broker/factors/passkeys/responses.ts'
import type { FactorProof } from '../../../broker/factors/verify-factor.ts'
import { GatehouseError } from '../../../errors.ts'
import type { schemas } from '../schemas.ts'

/** The factor that a body proves. Throws `request_invalid`, `passkey_invalid`. */
export function proofOf({ method, code, response }: z.output<typeof schemas.StepUp>): FactorProof {
  if (method === 'passkey') return { method, response, challenge: challengeOf(readResponse(assertionForm, response)) }
  if (code === undefined)
    throw new GatehouseError('request_invalid', 'code is missing', { text: 'The code is missing.' })
  return { method, code }
}
