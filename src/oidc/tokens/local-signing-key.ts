/**
 * A signing key that oidc-provider can use without seeing the private key. `node:crypto` signs in
 * its thread pool and uses less processor time than Web Cryptography.
 */
import { constants, createPublicKey, type KeyObject, type SignKeyObjectInput, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { ExternalSigningKey } from 'oidc-provider'
import type { SigningJwk } from '../../broker/keys/signing-keys.ts'
import { privateKeyOf } from '../../broker/keys/signing-keys.ts'
import type { SigningAlgorithm } from '../../crypto/signing-algorithm.ts'

const signed = promisify(sign)

/** RFC 7518 3.4 and 3.5: r and s concatenated; a salt as long as the hash. */
const signatureOptions: Readonly<Partial<Record<SigningAlgorithm, Omit<SignKeyObjectInput, 'key'>>>> = {
  ES256: { dsaEncoding: 'ieee-p1363' },
  PS256: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
}

export class LocalSigningKey extends ExternalSigningKey {
  readonly #jwk: SigningJwk
  /** Without options if possible: Node handles a plain key faster. */
  readonly #private: KeyObject | SignKeyObjectInput
  readonly #public: KeyObject

  constructor(jwk: SigningJwk) {
    super()
    const key = privateKeyOf(jwk)
    this.#jwk = jwk
    this.#private = jwk.alg in signatureOptions ? { key, ...signatureOptions[jwk.alg] } : key
    this.#public = createPublicKey(key)
  }

  override get kid(): string {
    return this.#jwk.kid
  }

  override get alg(): string {
    return this.#jwk.alg
  }

  override keyObject(): KeyObject {
    return this.#public
  }

  override sign(data: Uint8Array): Promise<Uint8Array> {
    return signed(this.#jwk.alg === 'EdDSA' ? undefined : 'sha256', data, this.#private)
  }
}
