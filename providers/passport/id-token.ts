/** An ID token of a brand, judged: algorithm, claims, nonce, signature. Nothing of it is believed before all of them hold. */
import { type Check, GatehouseError } from '../../src/errors.ts'
import type { Recorder } from '../../src/provider.ts'
import { type Claims, clockToleranceSeconds, type Expected, judgeClaims, momentOf, wordOf } from '../oidc/claims.ts'
import type { Keys } from '../oidc/keys.ts'
import { decoded, demand } from '../oidc/signed.ts'

export interface ExpectedToken extends Expected {
  readonly algorithms: readonly string[]
  /** Undefined for a brand that does not send it back. */
  readonly nonce: string | undefined
}

export async function judgeIdToken(
  idToken: string | undefined,
  expected: ExpectedToken,
  keys: Keys,
  record: Recorder,
): Promise<Claims> {
  if (idToken === undefined) throw new GatehouseError('upstream_invalid', 'the token endpoint gave no ID token')
  const { header, claims } = decoded(idToken)
  const { algorithms, nonce, now } = expected
  demand(
    [
      ...headerChecks(header, algorithms),
      ...judgeClaims(claims, expected),
      ...notBefore(claims['nbf'], now),
      ...(nonce === undefined ? [] : [nonceCheck(claims['nonce'], nonce)]),
    ],
    record,
  )
  const { keyId } = await record.step('signature', () => keys.verify(idToken, algorithms))
  const made = 'made by a key the issuer publishes'
  record.check({ name: 'signature', ok: true, expected: made, got: `key ${wordOf(keyId)}` })
  return claims
}

/** RFC 8725: the algorithm is ours to choose; extensions that demand to be understood are not understood. */
function headerChecks(header: Claims, algorithms: readonly string[]): readonly Check[] {
  const ok = algorithms.some((algorithm) => header['alg'] === algorithm)
  const crit = header['crit']
  return [
    { name: 'alg', ok, expected: algorithms.join(' or '), got: wordOf(header['alg']) },
    ...(crit === undefined ? [] : [{ name: 'crit', ok: false, expected: 'none', got: wordOf(crit) }]),
  ]
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
