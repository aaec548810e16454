/** DPoP (RFC 9449) for apps with `profile: fapi2`. */
import { decodeProtectedHeader } from 'jose'
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { fapi2Algorithms } from '../../app/settings.ts'
import { settingsFor } from '../storage/clients.ts'

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
