/** Signs JWTs without a library, because a library refuses to make the invalid ones of faults. */
import { createHmac, generateKeyPair, type KeyObject, randomUUID, sign, verify } from 'node:crypto'
import { promisify } from 'node:util'
import type { Claims } from '../../emulator/pages.ts'
import { type OpenIdFaults, wrongClaims } from './faults.ts'

export interface TokenSigner {
  /** A JWT of these claims with the active faults applied. */
  sign(claims: Claims, header?: Claims): string
  /** The claims of a JWT that the current key signed; undefined for any other text. */
  verified(jwt: string): Claims | undefined
  /** The key set with the current key. */
  jwks(): object
  /** Signs with a new key and publishes only that one. */
  rotate(): Promise<void>
  /** Lets signers that start later use its keys. */
  close(): void
}

interface KeyPair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

interface SigningKey extends KeyPair {
  readonly kid: string
}

export async function tokenSigner(faults: OpenIdFaults): Promise<TokenSigner> {
  sharedUntrustedKey ??= newKey()
  const untrustedKey = await sharedUntrustedKey
  let key = await newKey()
  let ownKeys: readonly KeyPair[] = [key]

  function signed(claims: Claims, more: Claims = {}): string {
    const header = { alg: 'RS256', kid: key.kid, ...more, ...faults.values('header') }
    const payload = partOf(wrongClaims(claims, faults))
    const contentWith = (changes: Claims = {}) => `${partOf({ ...header, ...changes })}.${payload}`
    if (faults.has('algNone')) return `${contentWith({ alg: 'none' })}.`
    if (faults.has('strippedSignature')) return `${contentWith()}.`
    // key confusion: the public key as an HMAC secret (RFC 8725 2.1)
    if (faults.has('algHS256')) {
      const pem = key.publicKey.export({ format: 'pem', type: 'spki' })
      const content = contentWith({ alg: 'HS256' })
      return `${content}.${createHmac('sha256', pem).update(content).digest('base64url')}`
    }
    const { privateKey } = faults.has('forgedSignature') ? untrustedKey : key
    return `${contentWith()}.${sign('sha256', Buffer.from(contentWith()), privateKey).toString('base64url')}`
  }

  function verified(jwt: string): Claims | undefined {
    const [header = '', payload = '', signature = ''] = jwt.split('.')
    const content = Buffer.from(`${header}.${payload}`)
    if (!verify('sha256', content, key.publicKey, Buffer.from(signature, 'base64url'))) return undefined
    return JSON.parse(Buffer.from(payload, 'base64url').toString())
  }

  return {
    sign: signed,
    verified,
    jwks: () => ({ keys: [{ ...key.publicKey.export({ format: 'jwk' }), kid: key.kid, use: 'sig', alg: 'RS256' }] }),
    async rotate() {
      key = await newKey()
      ownKeys = [...ownKeys, key]
    },
    close() {
      unusedKeys.push(...ownKeys)
      ownKeys = []
    },
  }
}

/** Shared by all signers, because an RSA key takes long to generate. */
let sharedUntrustedKey: Promise<SigningKey> | undefined
/** Of closed signers. */
const unusedKeys: KeyPair[] = []

const generate = promisify(generateKeyPair)

/** A key that no other open signer has. */
async function newKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = unusedKeys.shift() ?? (await generate('rsa', { modulusLength: 2048 }))
  return { kid: randomUUID(), privateKey, publicKey }
}

const partOf = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
