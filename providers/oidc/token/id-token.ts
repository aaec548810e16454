/** Validates ID tokens from a token endpoint. */
import { type Check, GatehouseError } from '../../../src/errors.ts'
import type { Recorder } from '../../../src/provider/provider.ts'
import { type Claims, checkClaims, clockToleranceSeconds, type Expected, momentOf, wordOf } from '../claims/claims.ts'
import { signatureAlgorithms } from '../discovery.ts'
import type { Keys } from '../keys/keys.ts'
import { assertChecks, decoded, refuseEncrypted } from './signed.ts'

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
  const isNonceNeeded = nonceOptional !== true || claims['nonce'] !== undefined
  assertChecks(
    [
      ...headerChecks(header, algorithms),
      ...checkClaims(claims, expected),
      ...notBefore(claims['nbf'], now),
      ...(nonce === undefined || !isNonceNeeded ? [] : [nonceCheck(claims['nonce'], nonce)]),
    ],
    record,
  )
  const { keyId } = await record.step('signature', () => keys.verify(idToken, algorithms))
  const made = 'made by a key the issuer publishes'
  record.check({ name: 'signature', ok: true, expected: made, got: `key ${wordOf(keyId)}` })
  return claims
}

/** RFC 8725: we choose the algorithm, and no critical extension is supported. */
function headerChecks(header: Claims, algorithms: readonly string[]): readonly Check[] {
  const ok = algorithms.some((algorithm) => header['alg'] === algorithm)
  const crit = header['crit']
  return [
    {
      name: 'alg',
      ok,
      expected: algorithms.join(' or '),
      got: `${wordOf(header['alg'])}${ok ? '' : algorithmHint(header['alg'])}`,
    },
    ...(crit === undefined ? [] : [{ name: 'crit', ok: false, expected: 'none', got: wordOf(crit) }]),
  ]
}

function algorithmHint(algorithm: unknown): string {
  const isUsable = [...signatureAlgorithms, 'HS256'].some((name) => name === algorithm)
  return isUsable ? ' (set idTokenSignedResponseAlg if the upstream signs with it)' : ''
}

function notBefore(value: unknown, now: Date): readonly Check[] {
  if (value === undefined) return []
  const ok = typeof value === 'number' && value <= now.getTime() / 1000 + clockToleranceSeconds
  return [{ name: 'nbf', ok, expected: 'not in the future', got: momentOf(value) }]
}

function nonceCheck(got: unknown, nonce: string): Check {
  const ours = 'the nonce of this login'
  const said = got === nonce ? ours : got === undefined ? 'none' : 'another value'
  return { name: 'nonce', ok: got === nonce, expected: ours, got: said }
}
