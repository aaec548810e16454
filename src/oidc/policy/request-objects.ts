/** Signed request objects (JAR, RFC 9101) of apps with keys. Unsigned ones are refused (4). */
import { decodeJwt } from 'jose'
import { type Client, errors, type KoaContextWithOIDC } from 'oidc-provider'
import { fapi2Algorithms } from '../../app/settings.ts'
import { appOf, settingsFor } from '../storage/clients.ts'

/** FAPI 2.0 Message Signing 5.3.1: how old a request object may be, and how long it may live. */
const maxSeconds = 3600

type Members = Readonly<Record<string, unknown>>

/** Asked before the signature is verified. Throws `invalid_request_object`. */
export function checkRequestObject(
  { oidc }: KoaContextWithOIDC,
  claims: Members,
  { alg }: Members,
  client: Client,
): void {
  // what was pushed was checked then; the library keeps plain requests as unsigned JWTs of its own
  if (oidc.entities.PushedAuthorizationRequest !== undefined) return
  if (appOf(client).keys.length === 0)
    throw refused('a plain request, since this app has no key to sign request objects with', 'a request object')
  if (settingsFor(client).profile !== 'fapi2') return
  if (!fapi2Algorithms.includes(String(alg))) throw refused('alg PS256, ES256 or EdDSA', `alg ${alg}`)
  const { exp, nbf } = claims
  const now = Math.floor(Date.now() / 1000)
  if (typeof nbf !== 'number' || nbf < now - maxSeconds) throw refused('an nbf of the last 60 minutes', `${nbf}`)
  if (typeof exp !== 'number' || exp > nbf + maxSeconds) throw refused('an exp within 60 minutes of nbf', `${exp}`)
}

function refused(expected: string, got: string): errors.InvalidRequestObject {
  return new errors.InvalidRequestObject(`request: expected ${expected}, got ${got.slice(0, 40)}`)
}

/** The scope that a verified request object asks for; undefined without one. */
export function scopeOfRequestObject(request: unknown): unknown {
  try {
    return typeof request === 'string' ? decodeJwt(request)['scope'] : undefined
  } catch {
    return undefined
  }
}
