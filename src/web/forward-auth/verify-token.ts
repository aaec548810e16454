/**
 * `X-Auth-Token` of `/verify`: the user as a JWT for one app, verified by the keys of
 * `/oauth2/jwks`. Its `typ` and its audience, an origin, keep it apart from other tokens (RFC
 * 8725 3.11).
 */

import { sign } from 'node:crypto'
import type { OpenSigningKeys, SigningJwk } from '../../broker/keys/signing-keys.ts'
import { privateKeyOf } from '../../broker/keys/signing-keys.ts'
import { endsAt, type Session } from '../../broker/session/session.ts'
import { BoundedMap } from '../../primitives/bounded-map.ts'

const lifetimeSeconds = 300
const type = 'forward-auth+jwt'
/** Maximum characters of a list as JSON: proxies accept 16 kB of headers or less. */
const maxListLength = 2048

export interface VerifyTokenParts {
  readonly keys: Pick<OpenSigningKeys, 'current'>
  readonly issuer: string
  readonly now: () => Date
}

interface Signed {
  readonly token: string
  /** Seconds since 1970. */
  readonly renewAt: number
  /** JSON of what the token says of the user. */
  readonly user: string
}

const maxRemembered = 2000

/** A token for a session and audience: signed once, sent again for the first half of its life. */
export type VerifyTokens = (session: Session, audience: string) => Promise<string>

export function openVerifyTokens({ keys, issuer, now }: VerifyTokenParts): VerifyTokens {
  const tokens = new BoundedMap<string, Signed>(maxRemembered)
  return async (session, audience) => {
    const name = `${session.id} ${audience}`
    const claims = claimsOf(session)
    const user = JSON.stringify(claims)
    const before = tokens.get(name)
    const iat = Math.floor(now().getTime() / 1000)
    if (before?.user === user && iat < before.renewAt) return before.token
    const exp = Math.min(iat + lifetimeSeconds, Math.floor(endsAt(session).getTime() / 1000))
    const { keys: current } = await keys.current()
    const token = signed({ iss: issuer, aud: audience, iat, exp, ...claims }, signingKeyOf(current))
    tokens.set(name, { token, user, renewAt: (iat + exp) / 2 })
    return token
  }
}

/** Claims of the user. As in the other headers, an email only if it is verified. */
function claimsOf({ userId, tenant, profile }: Session): Readonly<Record<string, unknown>> {
  const { email, name, groups = [], roles = [] } = profile
  return {
    sub: userId,
    tenant,
    ...(email?.verified === true && { email: email.address, email_verified: true }),
    ...(name !== undefined && { name }),
    groups: fitting(groups),
    roles: fitting(roles),
  }
}

function fitting(members: readonly string[]): readonly string[] {
  let length = 0
  const fits = members.findIndex((member) => {
    length += JSON.stringify(member).length + 1
    return length > maxListLength
  })
  return fits === -1 ? members : members.slice(0, fits)
}

/** ES256 where possible: it signs faster than RS256, and in a third of the space. */
function signingKeyOf(keys: readonly SigningJwk[]): SigningJwk {
  const key = keys.find(({ alg }) => alg === 'ES256') ?? keys.find(({ alg }) => alg === 'RS256')
  if (key === undefined) throw new Error('there is no key to sign with')
  return key
}

function signed(claims: object, jwk: SigningJwk): string {
  const key = privateKeyOf(jwk)
  const text = [{ alg: jwk.alg, kid: jwk.kid, typ: type }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
  return `${text}.${signature.toString('base64url')}`
}
