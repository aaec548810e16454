/** Reads a JWK Set (RFC 7517). Section 5: unknown entries are ignored. */
import { X509Certificate } from 'node:crypto'
import { type CryptoKey, importJWK, type JSONWebKeySet, type JWK } from 'jose'
import { GatehouseError } from '../../../src/errors.ts'
import { signatureAlgorithms } from '../discovery.ts'
import { isJsonObject } from '../endpoint/optional.ts'

/** Throws `upstream_invalid` if no key can verify signatures. */
export function readKeySet(document: unknown): JSONWebKeySet {
  const entries: unknown = isJsonObject(document) ? document['keys'] : document
  const keys = entriesOf(entries ?? document).flatMap(readKey)
  if (keys.length > 0) return { keys }
  throw new GatehouseError(
    'upstream_invalid',
    'the published key set is empty or holds no key that verifies signatures',
  )
}

/**
 * The keys as a list. Some upstreams publish one key without a list, or a map from key ID to key,
 * whose names are not used: such a key without `kid` may check any token.
 */
function entriesOf(entries: unknown): readonly unknown[] {
  const isMap = isJsonObject(entries) && entries['kty'] === undefined
  return isMap ? Object.values(entries) : [entries].flat()
}

const publicMembers = { RSA: ['n', 'e'], EC: ['crv', 'x', 'y'], OKP: ['crv', 'x'] } as const

/** Reads only the public members: a private key published by mistake is not used. */
function readKey(entry: unknown): readonly JWK[] {
  if (!isJsonObject(entry)) return []
  const { use, key_ops: operations, kid, alg } = entry
  // some upstreams write the key type in lower case
  const kty = typeof entry['kty'] === 'string' ? entry['kty'].toUpperCase() : undefined
  if ((kty !== 'RSA' && kty !== 'EC' && kty !== 'OKP') || use === 'enc') return []
  if (Array.isArray(operations) && operations.length > 0 && !['verify', 'sign'].some((one) => operations.includes(one)))
    return []
  const given = publicMembers[kty].map((name) => [name, base64url(entry[name])] as const)
  const isComplete = given.every(([, value]) => value !== undefined)
  const members = isComplete ? Object.fromEntries(given) : certifiedMembers(kty, entry['x5c'])
  if (members === undefined) return []
  // an encryption key
  if (typeof alg === 'string' && /^(?:RSA-?OAEP|RSA1_5|ECDH|A\d|PBES|dir)/.test(alg)) return []
  // other values are no restriction
  const isSigning = typeof alg === 'string' && signatureAlgorithms.includes(alg)
  const named = { ...(isName(kid) && { kid }), ...(isSigning && { alg }) }
  return [{ kty, ...members, ...named }]
}

/** Members from a certificate (RFC 7517 4.7, also in PEM), which some upstreams publish alone. */
function certifiedMembers(
  kty: keyof typeof publicMembers,
  chain: unknown,
): Readonly<Record<string, string>> | undefined {
  const [certificate] = [chain].flat()
  if (typeof certificate !== 'string') return undefined
  try {
    const jwk = new X509Certificate(
      certificate.includes('-----') ? certificate : Buffer.from(certificate, 'base64'),
    ).publicKey.export({ format: 'jwk' })
    return jwk.kty === kty ? Object.fromEntries(publicMembers[kty].map((name) => [name, String(jwk[name])])) : undefined
  } catch {
    return undefined
  }
}

/** RFC 7518 6: some publish plain base64. */
function base64url(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  const urlSafe = value.replaceAll('+', '-').replaceAll('/', '_')
  return urlSafe.replace(/={1,2}$/, '')
}

/** Each candidate costs a signature check. */
const maxCandidates = 100

const isName = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** The keys with this ID, otherwise those without one, if they fit the algorithm. */
export function candidatesFor({ keys }: JSONWebKeySet, algorithm: string, keyId: string | undefined): readonly JWK[] {
  const fitting = keys.filter((key) => fits(key, algorithm))
  if (keyId === undefined) return fitting.slice(0, maxCandidates)
  const named = fitting.filter(({ kid }) => kid === keyId)
  const chosen = named.length > 0 ? named : fitting.filter(({ kid }) => kid === undefined)
  return chosen.slice(0, maxCandidates)
}

const curves: Readonly<Record<string, string>> = {
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
  EdDSA: 'Ed25519',
  Ed25519: 'Ed25519',
}

function fits({ kty, crv = '', alg }: JWK, algorithm: string): boolean {
  const isSame = alg === undefined || alg === algorithm || (crv === 'Ed25519' && ['EdDSA', 'Ed25519'].includes(alg))
  if (!isSame) return false
  const curve = curves[algorithm]
  return curve === undefined ? kty === 'RSA' && /^[RP]S/.test(algorithm) : curve === crv
}

/** Importing a key is as costly as checking a signature, so each key is imported once. */
const imported = new WeakMap<JWK, Map<string, Promise<CryptoKey | Uint8Array | undefined>>>()

/** Undefined for an unusable key, such as RSA without a valid modulus. */
export function keyFrom(jwk: JWK, algorithm: string): Promise<CryptoKey | Uint8Array | undefined> {
  const known = imported.get(jwk) ?? new Map<string, Promise<CryptoKey | Uint8Array | undefined>>()
  imported.set(jwk, known)
  const key = known.get(algorithm) ?? importJWK(jwk, algorithm).catch(() => undefined)
  known.set(algorithm, key)
  return key
}
