/** Verifies JWT access tokens (RFC 9068) with the published keys. */
import { createRemoteJWKSet, customFetch, errors, type JWTPayload, jwtVerify } from 'jose'
import {
  bindingOf,
  type CheckOptions,
  defaultToleranceSeconds,
  restrictToTenants,
  tokenCaller,
  type VerifiedCaller,
} from './caller.ts'
import { defaultTimeoutMs, GatehouseUnreachable, type RequestOptions } from './send-request.ts'

export const algorithms = ['RS256', 'ES256', 'PS256', 'EdDSA', 'Ed25519']

export function jwtCheck(
  issuer: string,
  options: CheckOptions & { readonly audience?: string },
): (token: string) => Promise<VerifiedCaller | null> {
  const { audience, clockToleranceSeconds = defaultToleranceSeconds } = options
  if (audience === undefined) return async () => null // the token could be for another API
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

/** The keys of `/oauth2/jwks`, fetched on first use and for an unknown `kid`. */
export function publishedKeys(issuer: string, { timeoutMs = defaultTimeoutMs, fetch }: Omit<RequestOptions, 'issuer'>) {
  return createRemoteJWKSet(new URL('/oauth2/jwks', issuer), {
    timeoutDuration: timeoutMs,
    ...(fetch !== undefined && { [customFetch]: fetch }),
  })
}

/** Null for an invalid token; throws `GatehouseUnreachable` without the keys. */
export async function verified(work: Promise<{ readonly payload: JWTPayload }>): Promise<JWTPayload | null> {
  try {
    return (await work).payload
  } catch (error) {
    if (error instanceof errors.JOSEError && invalidToken.test(error.code)) return null
    throw new GatehouseUnreachable('the keys of Gatehouse could not be fetched', { cause: error })
  }
}

/** Codes of jose errors about a JWT or JWS, its algorithm, or the key that it names. */
const invalidToken = /^ERR_(JW[ST]_|JOSE_(ALG_NOT_ALLOWED|NOT_SUPPORTED)|JWKS_(NO|MULTIPLE)_MATCHING)/
