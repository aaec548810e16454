/** Validates JWTs that anyone can send: ID tokens from apps, logout tokens. */
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { type Check, GatehouseError } from '../../../src/errors.ts'
import type { Recorder } from '../../../src/provider/provider.ts'
import { type Claims, clockToleranceSeconds, momentOf, wordOf } from '../claims/claims.ts'
import { presentMembers } from '../endpoint/optional.ts'
import type { Keys } from '../keys/keys.ts'

const maxTokenLength = 16_384

export interface Signed {
  readonly header: Claims
  readonly claims: Claims
}

/** Throws `upstream_invalid` unless one of the keys signed it. */
export async function signedClaims(
  token: string,
  keys: Keys,
  algorithms: readonly string[],
  record: Recorder,
): Promise<Signed> {
  const signed = decoded(token)
  const expected = algorithms.join(' or ')
  const alg = signed.header['alg']
  assertChecks([{ name: 'alg', ok: algorithms.some((name) => name === alg), expected, got: wordOf(alg) }], record)
  const { keyId } = await record.step('signature', () => keys.verifyPresented(token, algorithms))
  const made = 'made by a key the issuer publishes'
  record.check({ name: 'signature', ok: true, expected: made, got: `key ${wordOf(keyId)}` })
  return signed
}

/** The unverified content. */
export function decoded(token: string, maxLength = maxTokenLength): Signed {
  try {
    if (token.length <= maxLength)
      return { header: decodeProtectedHeader(token), claims: presentMembers(decodeJwt(token)) }
  } catch {
    // jose's message may quote the token
  }
  const check = {
    name: 'form',
    ok: false,
    expected: `a signed JWT of at most ${maxLength / 1024} KB`,
    got: 'something else',
  }
  throw new GatehouseError('upstream_invalid', 'the token is no signed JWT', { check })
}

/** The unverified algorithm; empty if there is none. */
export function algorithmOf(token: string): string {
  try {
    const { alg } = decodeProtectedHeader(token)
    return typeof alg === 'string' ? alg : ''
  } catch {
    return ''
  }
}

/** Throws for a JWE (RFC 7516). @param setting the client setting at the upstream to change */
export function refuseEncrypted(token: string, what: string, setting: string): void {
  if (!/^[\w-]+(?:\.[\w-]*){4}$/.test(token.trim())) return
  const check = { name: 'form', ok: false, expected: 'a signed JWT', got: 'an encrypted one (JWE)' }
  throw new GatehouseError(
    'upstream_invalid',
    `${what} is encrypted, which Gatehouse cannot read: at the upstream, remove ${setting} from the client`,
    { check },
  )
}

/** Records the checks up to the first failure, which it throws as `upstream_invalid`. */
export function assertChecks(checks: readonly Check[], record: Recorder, what = 'the token'): void {
  for (const check of checks) {
    if (!check.ok)
      throw new GatehouseError('upstream_invalid', `${what} did not pass the check of ${check.name}`, { check })
    record.check(check)
  }
}

/** Replays need not be remembered longer than this. */
export const maxTokenAgeSeconds = 600

/** `iat` recent and not in the future; `exp` and `nbf` respected if present. */
export function timeChecks(claims: Claims, now: Date, exp: 'required' | 'optional'): readonly Check[] {
  const seconds = now.getTime() / 1000
  const time = (name: string, ok: (value: number) => boolean, expected: string): Check => {
    const value = claims[name]
    return { name, ok: typeof value === 'number' && ok(value), expected, got: momentOf(value) }
  }
  const isNew = (iat: number) => iat <= seconds + clockToleranceSeconds && iat >= seconds - maxTokenAgeSeconds
  const isNotExpired = (value: number) => value > seconds - clockToleranceSeconds
  return [
    time('iat', isNew, 'in the last 10 minutes'),
    ...(exp === 'optional' && claims['exp'] === undefined ? [] : [time('exp', isNotExpired, 'in the future')]),
    ...(claims['nbf'] === undefined
      ? []
      : [time('nbf', (value) => value <= seconds + clockToleranceSeconds, 'not in the future')]),
  ]
}

/** Longer than a token can pass `timeChecks`. */
export const replayWindowSeconds = maxTokenAgeSeconds + 2 * clockToleranceSeconds
