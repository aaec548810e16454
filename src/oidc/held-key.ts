/**
 * A signing key as the provider's library gets it: it may ask for signatures, and never sees the private key. `node:crypto` signs on its
 * own threads, for a sixth less processor time than Web Cryptography with a JWK.
 */
import { createPublicKey, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'
import { ExternalSigningKey } from 'oidc-provider'
import type { SigningJwk } from '../broker/signing-keys.ts'
import { privateKeyOf } from './private-key.ts'

const signed = promisify(sign)
/** As RFC 7518 3.4 wants ECDSA; RSA takes no notice of it. */
const dsaEncoding = 'ieee-p1363'

export class HeldKey extends ExternalSigningKey {
  readonly #jwk: SigningJwk
  readonly #private: KeyObject
  readonly #public: KeyObject

  constructor(jwk: SigningJwk) {
    super()
    this.#jwk = jwk
    this.#private = privateKeyOf(jwk)
    this.#public = createPublicKey(this.#private)
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
    return signed('sha256', data, { key: this.#private, dsaEncoding })
  }
}
