/** Faults of OpenID Connect upstreams: names, descriptions, and changes to tokens and claims. */
import { type Faults, responseFaults } from '../../emulator/faults.ts'
import type { Claims } from '../../emulator/pages.ts'

/** All upstreams. */
const commonFaults = {
  denies: 'Upstream denies every sign-in',
  ...responseFaults,
  tokenError: 'The token endpoint responds with an error and status 200',
  noIdToken: 'The token response has no ID token',
  forgedSignature: 'The ID token is signed by another key with the same key ID',
  strippedSignature: 'The ID token has no signature',
  algNone: 'The ID token has alg none',
  algHS256: 'The ID token is signed by HS256 with the public key as the secret',
  wrongIssuer: 'The ID token is of another issuer',
  wrongNonce: 'The ID token has the nonce of another login',
  noNonce: 'The ID token has no nonce',
  wrongAudience: 'The ID token is for another app',
  foreignAzp: 'The ID token is for two apps, with the other as azp',
  noSub: 'The ID token has no sub',
  expired: 'The ID token expired an hour ago',
  clockAhead: 'Its clock is 10 minutes ahead',
  clockBehind: 'Its clock is 10 minutes behind',
  claims: 'These claims in the ID token (values; from programs)',
  header: 'These header parameters of the ID token (values; from programs)',
  noEmail: 'The user has no email',
  emailVerifiedText: 'email_verified is a string',
  person: 'These claims in userinfo (values; from programs)',
  otherUserinfo: 'Userinfo is about another user',
} as const satisfies Record<string, string>

/** Upstreams with discovery and groups. */
const discoveryFaults = {
  fullIdToken: 'The ID token has profile and email, not only sub',
  manyGroups: 'The user is in 300 groups',
  noGroups: 'There is no groups claim',
  otherIssuer: 'Discovery has another issuer',
  discovery: 'These values in the discovery document (values; from programs)',
} as const satisfies Record<string, string>

/** Upstreams with refresh tokens. */
const refreshFaults = {
  noRefreshToken: 'The token response has no refresh token',
  refreshError: 'Refreshing is refused with invalid_grant',
  rateLimited: 'The token endpoint answers with status 429',
  otherUserRefreshed: 'The ID token of a refresh is about another user',
  sameRefreshToken: 'Refresh tokens are not replaced when they are used',
} as const satisfies Record<string, string>

/** Google, LinkedIn and Apple; each page shows those of its brand. */
const brandFaults = {
  thinIdToken: 'The ID token has only sub',
  otherSpelling: 'The ID token has the other spelling of the issuer',
  noHostedDomain: 'The ID token has no hd claim',
  noTokenType: 'The token response has no token_type',
  localeText: 'The locale is a string, not an object',
  hiddenEmail: 'The user hides the email behind a relay address',
  garbageUser: 'The user parameter of the first consent is unreadable',
} as const satisfies Record<string, string>

export const discoveryFaultNames = Object.keys(discoveryFaults) as (keyof typeof discoveryFaults)[]
export const refreshFaultNames = Object.keys(refreshFaults) as (keyof typeof refreshFaults)[]
export const faultTable = { ...commonFaults, ...discoveryFaults, ...refreshFaults, ...brandFaults }

export type FaultName = keyof typeof faultTable

export type OpenIdFaults = Faults<FaultName>

/** Descriptions of the common faults and those of a brand. */
export function describedFaults(own: readonly FaultName[]): Readonly<Record<string, string>> {
  return { ...commonFaults, ...Object.fromEntries(own.map((name) => [name, faultTable[name]])) }
}

/** Seconds that its clock is ahead. */
export function clockShift(faults: OpenIdFaults): number {
  return faults.has('clockAhead') ? 600 : faults.has('clockBehind') ? -600 : 0
}

/** The ID token's claims with the active faults applied. */
export function wrongClaims(claims: Claims, faults: OpenIdFaults): Claims {
  const shifted = (seconds: number) =>
    Object.fromEntries(['iat', 'exp', 'auth_time'].map((name) => [name, Number(claims[name]) + seconds]))
  return {
    ...claims,
    ...(clockShift(faults) !== 0 && shifted(clockShift(faults))),
    ...(faults.has('expired') && shifted(-7200)),
    ...(faults.has('wrongIssuer') && { iss: 'https://other.example' }),
    ...(faults.has('wrongNonce') && { nonce: 'nonce-of-another-login' }),
    ...(faults.has('noNonce') && { nonce: undefined }),
    ...(faults.has('wrongAudience') && { aud: 'another-app' }),
    ...(faults.has('foreignAzp') && { aud: [claims['aud'], 'another-app'], azp: 'another-app' }),
    ...(faults.has('noSub') && { sub: undefined }),
    ...faults.values('claims'),
  }
}

/** The user's claims in userinfo or an ID token. */
export function userClaims(claims: Claims, faults: OpenIdFaults): Claims {
  return {
    ...claims,
    ...(faults.has('noEmail') && { email: undefined, email_verified: undefined }),
    ...(faults.has('emailVerifiedText') && {
      email_verified: faults.value('emailVerifiedText') === 'false' ? 'false' : 'true',
    }),
    ...(faults.has('manyGroups') && { groups: Array.from({ length: 300 }, (_, n) => `Group ${n + 1}`) }),
    ...(faults.has('noGroups') && { groups: undefined }),
  }
}

export function userinfoOf(claims: Claims, faults: OpenIdFaults): Claims {
  return {
    ...userClaims(claims, faults),
    ...(faults.has('otherUserinfo') && { sub: 'another-user' }),
    ...faults.values('person'),
  }
}
