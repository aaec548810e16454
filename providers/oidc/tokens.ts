/** The two calls a login makes with the code and with what came for it: the token endpoint, and userinfo. */
import * as client from 'openid-client'
import { GatehouseError } from '../../src/errors.ts'
import type { Recorder } from '../../src/provider.ts'
import { type Claims, emailOf, isSubject } from './claims.ts'
import type { IssuerMetadata } from './discovery.ts'
import { upstreamFailure } from './failure.ts'

/** What only the party that began the login knows. */
export interface LoginProof {
  readonly nonce: string
  readonly codeVerifier: string
}

export interface Tokens {
  readonly idToken: string
  readonly accessToken: string
  readonly claims: Claims
  readonly subject: string
}

export async function redeem(
  configuration: client.Configuration,
  answer: URL,
  state: string,
  proof: LoginProof,
): Promise<Tokens> {
  try {
    const tokens = await client.authorizationCodeGrant(configuration, answer, {
      expectedState: state,
      expectedNonce: proof.nonce,
      pkceCodeVerifier: proof.codeVerifier,
      idTokenExpected: true,
    })
    const claims = tokens.claims()
    if (claims === undefined || tokens.id_token === undefined)
      throw new GatehouseError('upstream_invalid', 'the token endpoint gave no ID token')
    return { idToken: tokens.id_token, accessToken: tokens.access_token, claims, subject: claims.sub }
  } catch (error) {
    throw upstreamFailure(error, 'the token endpoint')
  }
}

/**
 * Userinfo always has a say: Okta and others leave profile and email out of the ID token when an access token comes with it. When
 * it fails, an ID token that holds an email by itself is enough; another person's userinfo never is (RP-41).
 */
export async function completion(
  configuration: client.Configuration,
  known: IssuerMetadata,
  { accessToken, claims, subject }: Tokens,
  record: Recorder,
): Promise<Claims | undefined> {
  const thin = emailOf(claims) === undefined
  if (known.userinfo_endpoint === undefined) {
    if (thin)
      throw new GatehouseError(
        'upstream_invalid',
        'the ID token holds no email and the issuer has no userinfo endpoint',
      )
    return undefined
  }
  try {
    return await record.step('userinfo', () => fetchUserinfo(configuration, accessToken, subject, record))
  } catch (error) {
    const failure = upstreamFailure(error, 'the userinfo endpoint')
    if (thin || failure.check !== undefined) throw failure
    return undefined
  }
}

async function fetchUserinfo(
  configuration: client.Configuration,
  accessToken: string,
  subject: string,
  record: Recorder,
): Promise<Claims> {
  try {
    const claims: Claims = await client.fetchUserInfo(configuration, accessToken, client.skipSubjectCheck)
    const ok = isSubject(claims['sub']) && claims['sub'] === subject
    const check = {
      name: 'sub of userinfo',
      ok,
      expected: 'the sub of the ID token',
      got: ok ? 'the sub of the ID token' : 'another value',
    }
    if (!ok)
      throw new GatehouseError('upstream_invalid', 'userinfo is about another person than the ID token', { check })
    record.check(check)
    return claims
  } catch (error) {
    throw upstreamFailure(error, 'the userinfo endpoint')
  }
}
