/** Validates JWTs that anyone can send: ID tokens from apps, logout tokens. */
import { decodeJwt } from 'jose'
import { type Check, GatehouseError } from '../../../src/errors.ts'
import type { Recorder } from '../../../src/provider/provider.ts'
import { type Claims, check, clockToleranceSeconds, oneOf, timeCheck, wordOf } from '../claims/claims.ts'
import { presentMembers } from '../endpoint/optional.ts'
import type { Keys } from '../keys/keys.ts'
import { headerOf } from './header.ts'

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
  const { alg } = signed.header
  assertChecks([oneOf('alg', alg, algorithms)], record)
  const { keyId } = await record.step('signature', () => keys.verifyPresented(token, algorithms))
  record.check(signatureCheck(keyId))
  return signed
}

/** A signature that was verified. */
export function signatureCheck(keyId: string, name = 'signature'): Check {
  return { name, ok: true, expected: 'made by a key the issuer publishes', got: `key ${wordOf(keyId)}` }
}

/** The unverified content. */
export function decoded(token: string, maxLength = maxTokenLength): Signed {
  try {
    if (token.length <= maxLength) return { header: headerOf(token), claims: presentMembers(decodeJwt(token)) }
  } catch {
    // jose's message may quote the token
  }
  throw new GatehouseError('upstream_invalid', 'the token is no signed JWT', {
    check: check('form', false, `a signed JWT of at most ${maxLength / 1024} KB`, 'something else'),
  })
}

/** The unverified algorithm; empty if there is none. */
export function algorithmOf(token: string): string {
  try {
    const { alg } = headerOf(token)
    return typeof alg === 'string' ? alg : ''
  } catch {
    return ''
  }
}

/** Throws for a JWE (RFC 7516). @param setting the client setting at the upstream to change */
export function refuseEncrypted(token: string, what: string, setting: string): void {
  // counts the parts first: an expression over the whole token takes longer
  if (token.split('.', 6).length !== 5 || !/^[\w-]+(?:\.[\w-]*){4}$/.test(token.trim())) return
  const message = `${what} is encrypted, which Gatehouse cannot read: at the upstream, remove ${setting} from the client`
  throw new GatehouseError('upstream_invalid', message, {
    check: check('form', false, 'a signed JWT', 'an encrypted one (JWE)'),
  })
}

/** Records the checks up to the first failure, which it throws as `upstream_invalid`. */
export function assertChecks(checks: readonly (Check | false)[], record: Recorder, what = 'the token'): void {
  for (const each of checks) {
    if (each === false) continue
    if (!each.ok)
      throw new GatehouseError('upstream_invalid', `${what} did not pass the check of ${each.name}`, { check: each })
    record.check(each)
  }
}

/** Replays need not be remembered longer than this. */
export const maxTokenAgeSeconds = 600

/** `iat` recent and not in the future; `exp` and `nbf` respected if present. */
export function timeChecks(claims: Claims, now: Date, exp: 'required' | 'optional'): readonly (Check | false)[] {
  const seconds = now.getTime() / 1000
  const isPast = (time: number) => time <= seconds + clockToleranceSeconds
  const isNew = (iat: number) => isPast(iat) && iat >= seconds - maxTokenAgeSeconds
  const isAhead = (time: number) => time > seconds - clockToleranceSeconds
  return [
    timeCheck(claims, 'iat', isNew, 'in the last 10 minutes'),
    (exp === 'required' || claims['exp'] !== undefined) && timeCheck(claims, 'exp', isAhead, 'in the future'),
    claims['nbf'] !== undefined && timeCheck(claims, 'nbf', isPast, 'not in the future'),
  ]
}

/** Longer than a token can pass `timeChecks`. */
export const replayWindowSeconds = maxTokenAgeSeconds + 2 * clockToleranceSeconds
