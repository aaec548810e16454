import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { SigningJwk } from './signing-keys.ts'

/** Reading a JWK costs more than signing with it. */
const readKeys = new WeakMap<SigningJwk, KeyObject>()

export function privateKeyOf(jwk: SigningJwk): KeyObject {
  const read = readKeys.get(jwk) ?? createPrivateKey({ format: 'jwk', key: { ...jwk } })
  readKeys.set(jwk, read)
  return read
}
