/** Identifies the user by ID token and userinfo, which must have the same subject. */
import { GatehouseError } from '../../src/errors.ts'
import type { Recorder } from '../../src/provider/provider.ts'
import { type Claims, emailOf, isSubject } from '../oidc/claims/claims.ts'
import { presentMembers } from '../oidc/endpoint/optional.ts'
import { validateIdToken } from '../oidc/token/id-token.ts'
import { fetchUserProfile } from './oauth2-family.ts'
import { claimsOf } from './person.ts'
import type { OAuth2Config, Upstream } from './traits.ts'

/** Secrets of the party that began the login. */
export interface LoginProof {
  readonly nonce?: string | undefined
  readonly codeVerifier?: string | undefined
  readonly authenticatedAfter: Date | undefined
}

/** Undefined for a brand without ID tokens. */
export async function idTokenOf<C extends OAuth2Config>(
  upstream: Upstream<C>,
  idToken: string | undefined,
  login: LoginProof,
  record: Recorder,
): Promise<Claims | undefined> {
  const { traits, config, context, keys } = upstream
  const rules = traits.idToken
  if (rules === undefined) return undefined
  // a memo without a required nonce is refused
  if (rules.nonce && login.nonce === undefined)
    throw new GatehouseError('callback_malformed', 'the memo of this login has no nonce')
  const expected = {
    issuer: issuersOf(upstream),
    clientId: config.clientId,
    now: context.now(),
    authenticatedAfter: login.authenticatedAfter,
    providesAuthTime: rules.providesAuthTime?.(config),
    algorithms: rules.algorithms,
    nonce: rules.nonce ? login.nonce : undefined,
  }
  const claims = await validateIdToken(idToken, expected, keys, record)
  checkBrandRules(upstream, claims, record)
  return claims
}

/** The issuer and its other spellings in ID tokens. */
export function issuersOf<C extends OAuth2Config>({ traits, endpoints: { issuer } }: Upstream<C>): readonly string[] {
  return [issuer, ...(traits.idToken?.otherIssuers?.(issuer) ?? [])]
}

export function checkBrandRules<C extends OAuth2Config>(upstream: Upstream<C>, claims: Claims, record: Recorder): void {
  for (const { text, ...check } of upstream.traits.idToken?.checks?.(claims, upstream.config) ?? []) {
    const message = `the ID token did not pass the check of ${check.name}`
    if (!check.ok) throw new GatehouseError('upstream_invalid', message, { check, ...(text !== undefined && { text }) })
    record.check(check)
  }
}

export async function fetchPerson<C extends OAuth2Config>(
  upstream: Upstream<C>,
  accessToken: string,
  idToken: Claims | undefined,
  record: Recorder,
): Promise<{ readonly subject: string; readonly userinfo: Claims | undefined }> {
  const { traits } = upstream
  const subject = idToken?.['sub']
  if (traits.userinfo === 'none') return { subject: subjectIn(subject), userinfo: undefined }
  try {
    const userinfo = await record.step('userinfo', () => userinfoOf(upstream, accessToken))
    const got = userinfo['sub']
    if (idToken !== undefined) checkSubject(got, subject, record)
    return { subject: subjectIn(got), userinfo }
  } catch (failure) {
    const enough = traits.userinfo === 'asked' && idToken !== undefined && emailOf(idToken) !== undefined
    if (!enough || !(failure instanceof GatehouseError) || failure.check !== undefined) throw failure
    return { subject: subjectIn(subject), userinfo: undefined }
  }
}

async function userinfoOf<C extends OAuth2Config>(upstream: Upstream<C>, accessToken: string): Promise<Claims> {
  const person = await fetchUserProfile(await upstream.strategy(), upstream.overrides, accessToken)
  const { claims, idToken } = upstream.traits
  const said = claimsOf(person, claims ?? (idToken && ((raw) => raw)))
  if (said !== undefined) return presentMembers(said)
  throw new GatehouseError('upstream_invalid', 'the userinfo endpoint sent an invalid response: no claims')
}

function checkSubject(asserted: unknown, subject: unknown, record: Recorder): void {
  const ok = isSubject(asserted) && asserted === subject
  const expected = 'the sub of the ID token'
  const check = { name: 'sub of userinfo', ok, expected, got: ok ? expected : 'another value' }
  if (!ok) throw new GatehouseError('upstream_invalid', 'userinfo and ID token have different subjects', { check })
  record.check(check)
}

function subjectIn(value: unknown): string {
  if (isSubject(value)) return value
  const check = { name: 'sub', ok: false, expected: 'a text of 1 to 255 characters', got: typeof value }
  throw new GatehouseError('upstream_invalid', 'the upstream sent no usable subject', { check })
}
