/**
 * Apple's client secret: a JWT that we sign for each request. Apple allows six months; ours lasts
 * five minutes.
 * Apple Developer: "Creating a client secret".
 */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { SignJWT } from 'jose'
import { type Secret, secretLines } from '../../src/crypto/secret.ts'

export interface ClientSecretOptions {
  readonly clientId: string
  readonly teamId: string
  readonly keyId: string
  readonly privateKey: Secret
  /** Apple's issuer. */
  readonly audience: string
  readonly now: Date
}

const lifeSeconds = 300

export function newClientSecret(options: ClientSecretOptions): Promise<string> {
  const seconds = Math.floor(options.now.getTime() / 1000)
  return new SignJWT()
    .setProtectedHeader({ alg: 'ES256', kid: options.keyId })
    .setIssuer(options.teamId)
    .setSubject(options.clientId)
    .setAudience(options.audience)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + lifeSeconds)
    .sign(keyOf(options.privateKey))
}

export const privateKeyText = secretLines.refine(
  isSigningKey,
  'must be the text of the .p8 file, an EC P-256 private key',
)

function isSigningKey(privateKey: Secret): boolean {
  try {
    return keyOf(privateKey).asymmetricKeyDetails?.namedCurve === 'prime256v1'
  } catch {
    return false
  }
}

function keyOf(privateKey: Secret): KeyObject {
  return createPrivateKey(privateKey.reveal())
}
