/** Public keys of apps: PEM or JWK becomes a JWK without private members. */
import { createPublicKey, hash, type KeyObject } from 'node:crypto'
import type { JWK } from 'jose'
import { computedOnce } from '../primitives/computed-once.ts'

export type ReadKey =
  | { readonly ok: true; readonly jwk: JWK & { readonly kid: string } }
  | {
      readonly ok: false
      /** Follows the field's name: "is …". */
      readonly wrong: string
    }

const maxKeyLength = 10_000
const minRsaBits = 2048
const maxRsaBits = 8192

const curveAlgorithms: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
}
const rsaAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']

/** Algorithms for this key: the key decides, never the token's `alg`. */
export function algorithmsOf({ kty, crv }: JWK): readonly string[] {
  if (kty === 'RSA') return rsaAlgorithms
  const algorithm = curveAlgorithms[crv ?? '']
  if (algorithm === undefined) return []
  // Ed25519: RFC 9864 name of EdDSA with this curve
  return algorithm === 'EdDSA' ? ['EdDSA', 'Ed25519'] : [algorithm]
}

const privateKey =
  'is a private key: keep it secret. Register its public key instead (openssl pkey -in key.pem -pubout)'
const unreadable = "isn't a public key. Enter it as PEM (-----BEGIN PUBLIC KEY-----) or as one JWK"

/** @param text a PEM (SPKI, or a certificate) or a JWK as JSON */
export function readPublicKey(text: string): ReadKey {
  const given = text.trim()
  if (given.length > maxKeyLength) return wrong(`must have at most ${maxKeyLength} characters`)
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(given)) return wrong(privateKey)
  return given.startsWith('{') ? readJwk(given) : readPem(given)
}

/** A JWK that was read already, such as one of a key set. */
export function readParsedJwk(jwk: Readonly<Record<string, unknown>>): ReadKey {
  if (Array.isArray(jwk['keys'])) return wrong('is a set of keys: give one of them, or the address of the set')
  if (['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'priv'].some((member) => Object.hasOwn(jwk, member)))
    return wrong(privateKey)
  if (jwk['kty'] === 'oct' || Object.hasOwn(jwk, 'k'))
    return wrong('is a shared secret, not a public key: only RSA, EC and Ed25519 keys are taken')
  if (jwk['use'] !== undefined && jwk['use'] !== 'sig')
    return wrong('is meant for encryption (use), not for signatures')
  const key = keyOf(() => createPublicKey({ key: { ...jwk }, format: 'jwk' }))
  return key === undefined ? wrong(unreadable) : checkKey(key, jwk['kid'], jwk['alg'])
}

export const publicKeyOf = computedOnce((jwk: JWK) => createPublicKey({ key: { ...jwk }, format: 'jwk' }))

function readJwk(text: string): ReadKey {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? readParsedJwk({ ...value }) : wrong(unreadable)
  } catch {
    return wrong('starts with { but is not valid JSON')
  }
}

function readPem(text: string): ReadKey {
  const key = keyOf(() => createPublicKey(text))
  return key === undefined ? wrong(unreadable) : checkKey(key)
}

function keyOf(read: () => KeyObject): KeyObject | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function checkKey(key: KeyObject, kid?: unknown, alg?: unknown): ReadKey {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType === 'rsa' && (bits < minRsaBits || bits > maxRsaBits))
    return wrong(`is an RSA key of ${bits} bits: it needs ${minRsaBits} to ${maxRsaBits}`)
  const exported = acceptedJwk(key)
  if (exported === undefined) return wrong('is of a kind that is not taken: RSA, EC P-256, P-384, P-521 or Ed25519')
  const allowed = algorithmsOf(exported)
  if (alg !== undefined && (typeof alg !== 'string' || !allowed.includes(alg)))
    return wrong(`says an alg that this key cannot have; it signs with ${allowed.join(', ')}`)
  const id = typeof kid === 'string' && /^[\w.~:=+/-]{1,128}$/.test(kid) ? kid : thumbprintOf(exported)
  return { ok: true, jwk: { ...exported, kid: id, use: 'sig', ...(typeof alg === 'string' && { alg }) } }
}

function acceptedJwk(key: KeyObject): JWK | undefined {
  if (!['rsa', 'ec', 'ed25519'].includes(key.asymmetricKeyType ?? '')) return undefined
  try {
    const { kty = '', crv, n, e, x, y } = key.export({ format: 'jwk' })
    if (kty === 'RSA') return typeof n === 'string' && typeof e === 'string' ? { kty, n, e } : undefined
    if (typeof crv !== 'string' || typeof x !== 'string' || !Object.hasOwn(curveAlgorithms, crv)) return undefined
    return { kty, crv, x, ...(typeof y === 'string' && { y }) }
  } catch {
    return undefined // a curve without a name in JWK
  }
}

/** RFC 7638: the members in order, hashed. */
function thumbprintOf({ kty, crv, n, e, x, y }: JWK): string {
  const members = kty === 'RSA' ? { e, kty, n } : { crv, kty, x, ...(y !== undefined && { y }) }
  return hash('sha256', JSON.stringify(members), 'base64url')
}

function wrong(sentence: string): ReadKey {
  return { ok: false, wrong: sentence }
}
