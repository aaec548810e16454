/**
 * Verifies JWS signatures (RFC 7518 3.3 to 3.5, RFC 8037). Node's own functions work in this
 * thread: WebCrypto hands each signature to another one, which costs more than the check.
 */
import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { JWK } from 'jose'

interface Scheme {
  readonly keyType: 'rsa' | 'ec' | 'ed25519'
  readonly hash: string | undefined
  readonly options?: { readonly padding: number; readonly saltLength?: number } | { readonly dsaEncoding: 'ieee-p1363' }
}

const pkcs1 = (hash: string): Scheme => ({ keyType: 'rsa', hash, options: { padding: constants.RSA_PKCS1_PADDING } })
const pss = (hash: string, saltLength: number): Scheme => {
  return { keyType: 'rsa', hash, options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength } }
}
const ecdsa = (hash: string): Scheme => ({ keyType: 'ec', hash, options: { dsaEncoding: 'ieee-p1363' } })
const eddsa: Scheme = { keyType: 'ed25519', hash: undefined }

const schemes: Readonly<Record<string, Scheme>> = {
  RS256: pkcs1('sha256'),
  RS384: pkcs1('sha384'),
  RS512: pkcs1('sha512'),
  PS256: pss('sha256', 32),
  PS384: pss('sha384', 48),
  PS512: pss('sha512', 64),
  ES256: ecdsa('sha256'),
  ES384: ecdsa('sha384'),
  ES512: ecdsa('sha512'),
  EdDSA: eddsa,
  Ed25519: eddsa,
}

/** Reading a key is as costly as checking a signature, so each key is read once. */
const read = new WeakMap<JWK, { readonly key: KeyObject | undefined }>()

/** Undefined for an unusable key, such as RSA without a valid modulus. */
export function publicKeyOf(jwk: JWK): KeyObject | undefined {
  const known = read.get(jwk) ?? { key: readKey(jwk) }
  read.set(jwk, known)
  return known.key
}

function readKey(jwk: JWK): KeyObject | undefined {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' })
  } catch {
    return undefined
  }
}

/** RFC 7518 3.3 and 3.5. */
export const isWeak = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean =>
  asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) < 2048

/** Whether the key made the signature of a compact JWS, by this algorithm. */
export function isSignedBy(token: string, algorithm: string, key: KeyObject): boolean {
  const scheme = schemes[algorithm]
  const end = token.lastIndexOf('.')
  const signature = token.slice(end + 1)
  if (scheme === undefined || scheme.keyType !== key.asymmetricKeyType || !/^[\w-]+$/.test(signature)) return false
  const content = Buffer.from(token.slice(0, end))
  try {
    return verify(scheme.hash, content, { key, ...scheme.options }, Buffer.from(signature, 'base64url'))
  } catch {
    return false // a key that cannot have made it
  }
}
