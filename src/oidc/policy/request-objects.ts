/** Request objects (JAR, RFC 9101) of apps with keys. Unsigned ones are refused. */
import { decodeJwt } from 'jose'
import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider'
import { fapi2Algorithms } from '../../app/settings.ts'
import { appOf, settingsFor } from '../storage/clients.ts'

/** Maximum age and lifetime of a request object (FAPI 2.0 Message Signing 5.3.1). */
const maxSeconds = 3600

type Members = Readonly<Record<string, unknown>>

/** Called before the signature is verified. Throws `invalid_request_object`. */
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
