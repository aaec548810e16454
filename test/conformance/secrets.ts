/** Secrets and keys of one run, which Gatehouse and the suite share. */
import { generateKeyPairSync, type JsonWebKey, randomBytes } from 'node:crypto'

export type SuiteKey = JsonWebKey & { readonly kid: string }

export interface Secrets {
  readonly one: string
  readonly two: string
  readonly post: string
  readonly out: string
  readonly outTwo: string
  readonly upstream: string
  readonly password: string
  readonly keyOne: SuiteKey
  readonly keyTwo: SuiteKey
  readonly fapiOne: SuiteKey
  readonly fapiTwo: SuiteKey
}

const secret = () => randomBytes(24).toString('hex')

function key(kid: string): SuiteKey {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), kid, alg: 'PS256', use: 'sig' }
}

export const makeSecrets = (): Secrets => ({
  one: secret(),
  two: secret(),
  post: secret(),
  out: secret(),
  outTwo: secret(),
  upstream: secret(),
  password: secret(),
  keyOne: key('key-one'),
  keyTwo: key('key-two'),
  fapiOne: key('fapi-one'),
  fapiTwo: key('fapi-two'),
})

/** For gatehouse.yaml, which takes keys as text. */
export const publicKeyOf = ({ kty, n, e, kid, alg, use }: SuiteKey): string =>
  JSON.stringify({ kty, n, e, kid, alg, use })
