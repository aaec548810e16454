/**
 * ID tokens that native or single-page apps got from the upstream. No code or state binds them to a
 * login, so each is accepted once, while new, and only for configured client IDs.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Check } from '../../../src/errors.ts'
import type { ConnectionContext, Login, PresentedIdToken } from '../../../src/provider/provider.ts'
import { checkBrandRules, identityOf, issuersOfToken } from '../brand-rules.ts'
import {
  type Claims,
  check,
  evidenceOf,
  oneOf,
  type SubjectSettings,
  sessionExpiryCheck,
  subjectCheck,
  wordsOf,
} from '../claims/claims.ts'
import type { Keys } from '../keys/keys.ts'
import type { Upstream } from '../upstream.ts'
import { requireAuthnContext } from './id-token.ts'
import { assertChecks, replayWindowSeconds, signedClaims, timeChecks } from './signed.ts'

export interface ExpectedPresentedToken extends SubjectSettings {
  /** Several if the brand has several spellings. */
  readonly issuer: string | readonly string[]
  /** Client IDs whose ID tokens are accepted. */
  readonly audiences: readonly string[]
  readonly algorithms: readonly string[]
}

export async function exchange(upstream: Upstream, presented: PresentedIdToken): Promise<Login> {
  const { config, context, metadata, keys } = upstream
  const { audiences, integerSubjects } = config
  const issuer = issuersOfToken(upstream, presented.idToken)
  const known = await presented.record.step('discovery', () => metadata.get())
  const expected = { issuer, audiences, integerSubjects, algorithms: upstream.algorithms.forLogoutTokens(known) }
  const claims = await validatePresentedToken(keys, context, expected, presented)
  requireAuthnContext(claims, config, presented.record)
  checkBrandRules(upstream, claims, presented.record)
  const identity = identityOf(upstream, claims, undefined, presented.record)
  return { identity, evidence: evidenceOf(claims, context.now()) }
}

/** Validates and consumes an ID token. Also for Google's and Apple's SDKs. */
export async function validatePresentedToken(
  keys: Keys,
  context: ConnectionContext,
  { issuer, audiences, algorithms, ...settings }: ExpectedPresentedToken,
  { idToken, nonce, record, once = context.once }: PresentedIdToken,
): Promise<Claims> {
  const { claims } = await signedClaims(idToken, keys, algorithms, record)
  const { aud, azp, iss, sub } = claims
  const isOurs = (value: unknown) => audiences.some((audience) => audience === value)
  const apps = audiences.join(' or ')
  assertChecks(
    [
      oneOf('iss', iss, [issuer].flat()),
      // accepts one audience only: Core 3.1.3.7 refuses untrusted additional ones
      check('aud', isOurs(Array.isArray(aud) && aud.length === 1 ? aud[0] : aud), apps, wordsOf(aud)),
      azp !== undefined && oneOf('azp', azp, audiences),
      ...timeChecks(claims, context.now(), 'required'),
      sessionExpiryCheck(claims, context.now()),
      subjectCheck(sub, settings),
      nonceCheck(claims['nonce'], nonce),
    ],
    record,
  )
  assertChecks([await checkFirstUse(idToken, once)], record)
  return claims
}

function nonceCheck(got: unknown, wanted: string): Check {
  const ok = typeof got === 'string' && wanted !== '' && timingSafeEqual(hashOf(got), hashOf(wanted))
  return check(
    'nonce',
    ok,
    'the nonce the app sent along',
    ok ? 'that nonce' : got === undefined ? got : 'another value',
  )
}

/** Identified by the signed content: an ECDSA signature can be altered and stay valid. */
async function checkFirstUse(idToken: string, once: ConnectionContext['once']): Promise<Check> {
  const content = hashOf(idToken.slice(0, idToken.lastIndexOf('.'))).toString('base64url')
  const ok = await once(`id-token ${content}`, replayWindowSeconds)
  return check('first use', ok, 'an ID token not used before', ok ? 'a new one' : 'a used one')
}

const hashOf = (text: string) => createHash('sha256').update(text).digest()
