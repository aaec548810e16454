/** Validates ID tokens from a token endpoint. */

import { type Check, GatehouseError } from '../../../src/errors.ts'
import type { Recorder } from '../../../src/provider/provider.ts'
import {
  type Claims,
  check,
  checkClaims,
  clockToleranceSeconds,
  contextOf,
  type Expected,
  timeCheck,
  wordOf,
} from '../claims/claims.ts'
import { signatureAlgorithms } from '../discovery.ts'
import type { Keys } from '../keys/keys.ts'
import { assertChecks, decoded, refuseEncrypted, signatureCheck } from './signed.ts'

export interface ExpectedToken extends Expected {
  readonly algorithms: readonly string[]
  /** Undefined if the brand does not return it. */
  readonly nonce: string | undefined
  /** Accept a missing nonce, but never a wrong one. Default: required. */
  readonly nonceOptional?: boolean | undefined
}

/** Hundreds of groups make long tokens; the response size is limited anyway. */
const maxTokenLength = 262_144

export async function validateIdToken(
  idToken: string | undefined,
  expected: ExpectedToken,
  keys: Keys,
  record: Recorder,
): Promise<Claims> {
  if (idToken === undefined) throw new GatehouseError('upstream_invalid', 'the token endpoint gave no ID token')
  refuseEncrypted(idToken, 'the ID token', 'id_token_encrypted_response_alg')
  const { header, claims } = decoded(idToken, maxTokenLength)
  const { algorithms, nonce, now, nonceOptional } = expected
  const latest = now.getTime() / 1000 + clockToleranceSeconds
  const isNonceNeeded = nonceOptional !== true || claims['nonce'] !== undefined
  assertChecks(
    [
      ...headerChecks(header, algorithms),
      ...checkClaims(claims, expected),
      claims['nbf'] !== undefined && timeCheck(claims, 'nbf', (nbf) => nbf <= latest, 'not in the future'),
      nonce !== undefined && isNonceNeeded && nonceCheck(claims['nonce'], nonce),
    ],
    record,
  )
  const { keyId } = await record.step('signature', () => keys.verify(idToken, algorithms))
  record.check(signatureCheck(keyId))
  return claims
}

/** RFC 8725: we choose the algorithm, and no critical extension is supported. */
function headerChecks({ alg, crit }: Claims, algorithms: readonly string[]): readonly (Check | false)[] {
  const ok = algorithms.some((algorithm) => algorithm === alg)
  return [
    check('alg', ok, algorithms.join(' or '), `${wordOf(alg)}${ok ? '' : algorithmHint(alg)}`),
    crit !== undefined && check('crit', false, 'none', crit),
  ]
}

function algorithmHint(algorithm: unknown): string {
  const isUsable = [...signatureAlgorithms, 'HS256'].some((name) => name === algorithm)
  return isUsable ? ' (set idTokenSignedResponseAlg if the upstream signs with it)' : ''
}

function nonceCheck(got: unknown, nonce: string): Check {
  const ours = 'the nonce of this login'
  return check('nonce', got === nonce, ours, got === nonce ? ours : got === undefined ? got : 'another value')
}

export interface RequiredAuthnContext {
  /** Any of these. */
  readonly requiredAcr: readonly string[]
  /** All of these. */
  readonly requiredAmr: readonly string[]
}

/** Throws `upstream_invalid`. */
export function requireAuthnContext(
  claims: Claims,
  { requiredAcr, requiredAmr }: RequiredAuthnContext,
  record: Recorder,
): void {
  const { acr, amr = [] } = contextOf(claims)
  const isStrong = requiredAcr.some((name) => name === acr)
  const hasAll = requiredAmr.every((name) => amr.includes(name))
  assertChecks(
    [
      requiredAcr.length > 0 && check('acr', isStrong, requiredAcr.join(' or '), acr ?? claims['acr']),
      requiredAmr.length > 0 && check('amr', hasAll, requiredAmr.join(' and '), amr.join(', ') || 'none'),
    ],
    record,
  )
}
