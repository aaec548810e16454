/** The token by which an app's server is told that a session is over (OIDC Back-Channel Logout 1.0, 2.4). */
import { SignJWT } from 'jose'
import { privateKeyOf } from '../broker/keys/private-key.ts'
import type { SigningJwk } from '../broker/keys/signing-keys.ts'
import type { LogoutNotification } from '../broker/ports/logout-queue.ts'

const event = 'http://schemas.openid.net/event/backchannel-logout'
const lifeSeconds = 120

export interface LogoutTokenParts {
  readonly issuer: string
  readonly key: SigningJwk
  readonly now: Date
  readonly jti: string
}

export function logoutToken({ appId, subject, sid }: LogoutNotification, parts: LogoutTokenParts): Promise<string> {
  const { issuer, key, now, jti } = parts
  const issuedAt = Math.floor(now.getTime() / 1000)
  return new SignJWT({ sid, events: { [event]: {} } })
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'logout+jwt' })
    .setIssuer(issuer)
    .setAudience(appId)
    .setSubject(subject)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifeSeconds)
    .setJti(jti)
    .sign(privateKeyOf(key))
}
