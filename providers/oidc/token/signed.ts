/** A JWT that reached us by itself, not from a token endpoint: an app's ID token, a logout token. The signature first, then what it says. */
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { type Check, GatehouseError } from '../../../src/errors.ts'
import type { Recorder } from '../../../src/provider/provider.ts'
import { type Claims, clockToleranceSeconds, momentOf, wordOf } from '../claims/claims.ts'
import { presentMembers } from '../endpoint/optional.ts'
import type { Keys } from '../keys/keys.ts'

/** Of a token that anybody may send. */
const maxTokenLength = 16_384

export interface Signed {
  readonly header: Claims
  readonly claims: Claims
}

/** Throws `upstream_invalid` unless one of the keys made it. */
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

/** What it says before anything of it is believed. */
export function decoded(token: string, maxLength = maxTokenLength): Signed {
  try {
    if (token.length <= maxLength)
      return { header: decodeProtectedHeader(token), claims: presentMembers(decodeJwt(token)) }
  } catch {
    // said below: jose's own words may quote the token
  }
  const check = {
    name: 'form',
    ok: false,
    expected: `a signed JWT of at most ${maxLength / 1024} KB`,
    got: 'something else',
  }
  throw new GatehouseError('upstream_invalid', 'the token is no signed JWT', { check })
}

/** The algorithm that a token says, not believed; empty when it says none. */
export function algorithmOf(token: string): string {
  try {
    const { alg } = decodeProtectedHeader(token)
    return typeof alg === 'string' ? alg : ''
  } catch {
    return ''
  }
}

/** Throws for a JWE (RFC 7516): five parts. @param setting the client's setting at the upstream that asks for encryption */
export function refuseEncrypted(token: string, what: string, setting: string): void {
  if (!/^[\w-]+(?:\.[\w-]*){4}$/.test(token.trim())) return
  const check = { name: 'form', ok: false, expected: 'a signed JWT', got: 'an encrypted one (JWE)' }
  throw new GatehouseError(
    'upstream_invalid',
    `${what} is encrypted, which Gatehouse cannot read: at the upstream, remove ${setting} from the client`,
    { check },
  )
}

/** Records the checks up to the first that fails, which is thrown as `upstream_invalid`. */
export function assertChecks(checks: readonly Check[], record: Recorder, what = 'the token'): void {
  for (const check of checks) {
    if (!check.ok)
      throw new GatehouseError('upstream_invalid', `${what} did not pass the check of ${check.name}`, { check })
    record.check(check)
  }
}

/** Tokens that work once are young: a copy of them need not be remembered for longer than this. */
export const maxTokenAgeSeconds = 600

/** `iat` young and not ahead, `exp` and `nbf` kept where they are told. */
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
