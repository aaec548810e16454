/** JWT access tokens (RFC 9068), checked by the keys Gatehouse publishes. */
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from 'jose'
import { bindingOf, restrictToTenants, type TenantOptions, tokenCaller, type VerifiedCaller } from './caller.ts'
import { GatehouseUnreachable } from './errors.ts'
import type { RequestOptions } from './send-request.ts'

/** Those that Gatehouse signs with; each key of its set names its own. */
export const algorithms = ['RS256', 'ES256', 'PS256', 'EdDSA', 'Ed25519']
export const defaultToleranceSeconds = 10
const defaultTimeoutMs = 2000

interface JwtCheckOptions extends RequestOptions, TenantOptions {
  readonly audience?: string
  readonly clockToleranceSeconds?: number
}

export function jwtCheck(issuer: string, options: JwtCheckOptions): (token: string) => Promise<VerifiedCaller | null> {
  const { audience, clockToleranceSeconds = defaultToleranceSeconds } = options
  if (audience === undefined) return async () => null // it could be for anybody's API
  const keys = publishedKeys(issuer, options)
  const verifyOptions = {
    issuer,
    audience,
    algorithms,
    typ: 'at+jwt',
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ['exp', 'sub', 'client_id'],
  }
  return async (token) => {
    const payload = await verified(jwtVerify(token, keys, verifyOptions))
    const binding = bindingOf(payload)
    if (payload === null || binding === undefined || typeof payload['client_id'] !== 'string') return null
    const caller = restrictToTenants(tokenCaller(payload, payload['client_id'], clockToleranceSeconds), options)
    return caller === null ? null : { caller, ...binding }
  }
}

/** The keys of `/oauth2/jwks`, read when they are first needed and when a token names one that is new. */
export function publishedKeys(issuer: string, { timeoutMs = defaultTimeoutMs, fetch }: Omit<RequestOptions, 'issuer'>) {
  return createRemoteJWKSet(new URL('/oauth2/jwks', issuer), {
    timeoutDuration: timeoutMs,
    ...(fetch !== undefined && { [customFetch]: fetch }),
  })
}

/** Tells a token that is not good from keys that cannot be had. */
export async function verified(work: Promise<{ readonly payload: JWTPayload }>): Promise<JWTPayload | null> {
  try {
    return (await work).payload
  } catch (error) {
    if (isInvalidToken(error)) return null
    throw new GatehouseUnreachable('the keys of Gatehouse could not be read', { cause: error })
  }
}

function isInvalidToken(error: unknown): boolean {
  return (
    error instanceof errors.JWTInvalid ||
    error instanceof errors.JWSInvalid ||
    error instanceof errors.JWTExpired ||
    error instanceof errors.JWTClaimValidationFailed ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JOSEAlgNotAllowed ||
    error instanceof errors.JOSENotSupported ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  )
}
