/** DPoP proofs (RFC 9449), as a resource server checks them. */
import { hash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, errors, type JWTPayload, jwtVerify } from 'jose'
import { type CheckOptions, defaultToleranceSeconds } from './caller.ts'

export interface DpopRequest {
  /** The DPoP header. */
  readonly proof: string | undefined
  readonly method: string
  /** Path and query, as the client sent them. */
  readonly path: string
}

export interface DpopOptions {
  /**
   * URL of your API as clients call it, such as `https://api.shop.example`, with any path that your
   * proxy removes. DPoP needs it. Default: the origin of `audience`, if that is an http(s) URL.
   */
  readonly publicUrl?: string
  /**
   * Stores a proof for so many seconds; false if it is stored already. Use a store that all
   * processes share, such as Redis (`SET key 1 EX seconds NX`). Default: the memory of this
   * process.
   */
  readonly rememberProof?: (id: string, seconds: number) => Promise<boolean>
}

/** A proof that matches its token and request. */
export interface DpopProof {
  /** Thumbprint of the key that signed it. */
  readonly jkt: string
  /** False when it was used before. Call it last. */
  isNew(): Promise<boolean>
}

export type DpopCheck = (token: string, request: DpopRequest) => Promise<DpopProof | null>

export const dpopAlgorithms: readonly string[] = ['ES256', 'RS256', 'PS256', 'EdDSA', 'Ed25519']
const maxAgeSeconds = 60
const maxProofLength = 8192
const maxJtiLength = 512

/** Undefined if the URL of the API is unknown. Throws a TypeError for an invalid one. */
export function dpopCheck(
  options: DpopOptions & Partial<CheckOptions> & { readonly audience?: string },
): DpopCheck | undefined {
  const base = baseOf(options)
  if (base === undefined) return undefined
  const { clockToleranceSeconds: tolerance = defaultToleranceSeconds } = options
  const keptSeconds = maxAgeSeconds + 2 * tolerance
  const { rememberProof = inMemory(keptSeconds) } = options
  return async (token, { proof, method, path }) => {
    const read = proof === undefined || proof.length > maxProofLength ? null : await verified(proof, tolerance)
    if (read === null) return null
    const { payload, jkt } = read
    const { jti, iat, htm, htu, ath } = payload
    if (typeof jti !== 'string' || jti === '' || jti.length > maxJtiLength || typeof iat !== 'number') return null
    const age = Date.now() / 1000 - iat
    if (!(age >= -tolerance && age <= maxAgeSeconds + tolerance)) return null
    if (htm !== method || !isAddress(htu, base, path) || ath !== hash('sha256', token, 'base64url')) return null
    return { jkt, isNew: () => rememberProof(hash('sha256', `${jkt} ${jti}`, 'base64url'), keptSeconds) }
  }
}

function baseOf({ publicUrl, audience }: DpopOptions & { readonly audience?: string }): string | undefined {
  if (publicUrl === undefined) {
    const origin = URL.parse(audience ?? '')
    return origin !== null && /^https?:$/.test(origin.protocol) ? origin.origin : undefined
  }
  const url = URL.parse(publicUrl)
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new TypeError(`publicUrl must be a URL such as https://api.shop.example, not ${publicUrl}`)
  return url.href.replace(/\/$/, '')
}

/** Verifies with the key in the header. The caller compares that key with the token's binding. */
async function verified(
  proof: string,
  clockTolerance: number,
): Promise<{ readonly payload: JWTPayload; readonly jkt: string } | null> {
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: [...dpopAlgorithms],
      clockTolerance,
    })
    const { jwk } = protectedHeader
    return jwk === undefined ? null : { payload, jkt: await calculateJwkThumbprint(jwk) }
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException) return null
    throw error
  }
}

/** RFC 9449 4.3: without query and fragment, normalized. */
function isAddress(htu: unknown, base: string, path: string): boolean {
  const [got, expected] = [URL.parse(typeof htu === 'string' ? htu : ''), URL.parse(`${base}${path}`)]
  if (got === null || expected === null || got.username !== '' || got.password !== '') return false
  return `${got.origin}${got.pathname}` === `${expected.origin}${expected.pathname}`
}

/** Two sets in rotation: a proof in neither has expired. */
function inMemory(seconds: number): (id: string) => Promise<boolean> {
  let [current, before] = [new Set<string>(), new Set<string>()]
  let turnsAt = Date.now() + seconds * 1000
  return async (id) => {
    const now = Date.now()
    if (now >= turnsAt) {
      before = now >= turnsAt + seconds * 1000 ? new Set() : current
      current = new Set()
      turnsAt = now + seconds * 1000
    }
    if (current.has(id) || before.has(id)) return false
    current.add(id)
    return true
  }
}
