/** Signing keys. The emulators sign ID tokens themselves, so that they can sign wrong ones. */
import { generateKeyPair, type KeyObject, randomUUID, sign } from 'node:crypto'
import { promisify } from 'node:util'

export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

const generate = promisify(generateKeyPair)

export async function newSigningKey(): Promise<SigningKey> {
  return { kid: randomUUID(), ...(await generate('rsa', { modulusLength: 2048 })) }
}

export function publicJwk({ kid, publicKey }: SigningKey): Record<string, unknown> {
  return { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }
}

export function privateJwk({ kid, privateKey }: SigningKey): Record<string, unknown> {
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }
}

export function signJws(header: object, payload: object, { privateKey }: SigningKey): string {
  const content = `${encodePart(header)}.${encodePart(payload)}`
  return `${content}.${sign('sha256', Buffer.from(content), privateKey).toString('base64url')}`
}

export function encodePart(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

export function claimsOf(jws: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString())
}
