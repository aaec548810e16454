/**
 * Signed requests of apps: request objects (JAR, RFC 9101) and, with `profile: fapi2`, DPoP (RFC
 * 9449).
 */
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider'
import { fapi2Algorithms } from '../../app/settings.ts'
import { appOf, settingsFor } from '../storage/clients.ts'

/** Maximum age and lifetime of a request object (FAPI 2.0 Message Signing 5.3.1). */
const maxSeconds = 3600

type Members = Readonly<Record<string, unknown>>

/** Called before the signature is verified. Throws `invalid_request_object`, also if unsigned. */
export function checkRequestObject(
  { oidc }: KoaContextWithOIDC,
  { exp, nbf }: Members,
  { alg }: Members,
  client: Client,
): void {
  // already checked when pushed: oidc-provider stores a plain request as an unsigned JWT
  if (oidc.entities.PushedAuthorizationRequest !== undefined) return
  if (appOf(client).keys.length === 0)
    throw refused('a plain request, since this app has no key to sign request objects with', 'a request object')
  if (settingsFor(client).profile !== 'fapi2') return
  if (!fapi2Algorithms.includes(String(alg))) throw refused('alg PS256, ES256 or EdDSA', `alg ${alg}`)
  const now = Math.floor(Date.now() / 1000)
  if (typeof nbf !== 'number' || nbf < now - maxSeconds) throw refused('an nbf of the last 60 minutes', `${nbf}`)
  if (typeof exp !== 'number' || exp > nbf + maxSeconds) throw refused('an exp within 60 minutes of nbf', `${exp}`)
}

function refused(expected: string, got: string): errors.InvalidRequestObject {
  return new errors.InvalidRequestObject(`request: expected ${expected}, got ${got.slice(0, 40)}`)
}

/** Undefined for text that is not a JWT. */
export function scopeOfRequestObject(request: unknown): unknown {
  try {
    return typeof request === 'string' ? decodeJwt(request)['scope'] : undefined
  } catch {
    return undefined
  }
}

/**
 * Limits the algorithms of proofs (FAPI 2.0 5.4.1): oidc-provider has one list for all apps, and
 * calls this function before it reads a proof. Nonces are not required, since a proof is single use
 * and short-lived.
 */
export function requireNonce({ oidc, headers }: KoaContextWithOIDC): boolean {
  if (oidc.client === undefined || settingsFor(oidc.client).profile !== 'fapi2') return false
  const { dpop } = headers
  const alg = typeof dpop === 'string' ? algorithmOf(dpop) : undefined
  if (alg !== undefined && !fapi2Algorithms.includes(alg))
    throw new errors.InvalidDpopProof(`DPoP: alg: expected PS256, ES256 or EdDSA, got ${alg.slice(0, 20)}`)
  return false
}

/** Undefined for text that is not a JWT: oidc-provider refuses it. */
function algorithmOf(proof: string): string | undefined {
  try {
    return decodeProtectedHeader(proof).alg
  } catch {
    return undefined
  }
}
