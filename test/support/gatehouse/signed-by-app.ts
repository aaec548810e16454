/** The Authorization header of an app that proves itself by a key. */
import { type KeyObject, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { publicOrigin } from './tenants.ts'

interface Keyed {
  readonly id: string
  readonly kid: string
  readonly key: KeyObject
}

export async function signedByApp({ id, kid, key }: Keyed, now: Date): Promise<string> {
  const iat = Math.floor(now.getTime() / 1000)
  const claims = { iss: id, sub: id, aud: publicOrigin, iat, exp: iat + 300, jti: randomUUID() }
  return `Bearer ${await new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid }).sign(key)}`
}
