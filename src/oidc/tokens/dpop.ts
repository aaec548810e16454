/** DPoP (RFC 9449) for apps with `profile: fapi2`. */
import { decodeProtectedHeader } from 'jose'
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { fapi2Algorithms } from '../../app/settings.ts'
import { settingsFor } from '../storage/clients.ts'

/**
 * FAPI 2.0 5.4.1 limits the algorithms of proofs. The library has one list for all apps, and calls this
 * before it reads a proof. Nonces are not required: a proof works once and for a minute.
 */
export function requireNonce({ oidc, headers }: KoaContextWithOIDC): boolean {
  const { dpop } = headers
  if (oidc.client === undefined || settingsFor(oidc.client).profile !== 'fapi2') return false
  const alg = typeof dpop === 'string' ? algorithmOf(dpop) : undefined
  if (alg !== undefined && !fapi2Algorithms.includes(alg))
    throw new errors.InvalidDpopProof(`DPoP: alg: expected PS256, ES256 or EdDSA, got ${alg.slice(0, 20)}`)
  return false
}

/** Undefined for what is no JWT: the library refuses it with its own reason. */
function algorithmOf(proof: string): string | undefined {
  try {
    return decodeProtectedHeader(proof).alg
  } catch {
    return undefined
  }
}
