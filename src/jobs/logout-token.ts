import { SignJWT } from 'jose'
import type { SigningJwk } from '../broker/keys/signing-keys.ts'
import { privateKeyOf } from '../broker/keys/signing-keys.ts'
import type { LogoutNotification } from '../broker/ports/durable.ts'

const event = 'http://schemas.openid.net/event/backchannel-logout'
const lifetimeSeconds = 120

export interface LogoutTokenOptions {
  readonly issuer: string
  readonly key: SigningJwk
  readonly now: Date
  readonly jti: string
}

/** OIDC Back-Channel Logout 1.0, 2.4. */
export function logoutToken({ appId, subject, sid }: LogoutNotification, options: LogoutTokenOptions): Promise<string> {
  const { issuer, key, now, jti } = options
  const issuedAt = Math.floor(now.getTime() / 1000)
  return new SignJWT({ sid, events: { [event]: {} } })
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'logout+jwt' })
    .setIssuer(issuer)
    .setAudience(appId)
    .setSubject(subject)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + lifetimeSeconds)
    .setJti(jti)
    .sign(privateKeyOf(key))
}
