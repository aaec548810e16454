/**
 * For an app behind a reverse proxy that calls `/verify?audience=…`: verifies `X-Auth-Token`.
 *
 *     const issuer = 'https://login.example'
 *     const audience = 'https://app.example'
 *     const userOf = forwardAuthCheck({ issuer, audience, tenants: ['acme'] })
 *     const user = await userOf(request.headers['x-auth-token'])
 *     if (user === null) return response.status(401).end()
 */
import { jwtVerify } from 'jose'
import { acceptsTenant, type CheckOptions, defaultToleranceSeconds } from './caller.ts'
import { algorithms, publishedKeys, verified } from './jwt-check.ts'
import { member, originOf, textMember } from './send-request.ts'

export interface ForwardAuthOptions extends CheckOptions {
  /** Your app's origin, as in the proxy's configuration. */
  readonly audience: string
}

export interface ForwardedUser {
  readonly userId: string
  readonly tenant: string
  /** Only if it is verified. */
  readonly email: string | undefined
  readonly name: string | undefined
  readonly groups: readonly string[]
  readonly roles: readonly string[]
}

/**
 * Returns the user, or null when the header is missing, forged, expired, or for another app or
 * tenant. The check throws `GatehouseUnreachable`; wrong options throw a TypeError at once.
 */
export function forwardAuthCheck(
  options: ForwardAuthOptions,
): (header: string | readonly string[] | undefined) => Promise<ForwardedUser | null> {
  const issuer = originOf(options)
  const { audience, clockToleranceSeconds = defaultToleranceSeconds } = options
  if (URL.parse(audience)?.origin !== audience)
    throw new TypeError(`audience must be the origin of your app, such as https://app.example, not ${audience}`)
  const keys = publishedKeys(issuer, options)
  const verifyOptions = {
    issuer,
    audience,
    algorithms,
    typ: 'forward-auth+jwt',
    clockTolerance: clockToleranceSeconds,
    requiredClaims: ['exp', 'sub', 'tenant'],
  }
  return async (header) => {
    if (typeof header !== 'string' || header === '') return null
    const claims = await verified(jwtVerify(header, keys, verifyOptions))
    const [userId, tenant] = [textMember(claims, 'sub'), textMember(claims, 'tenant')]
    if (userId === undefined || tenant === undefined || !acceptsTenant(options, tenant)) return null
    return {
      userId,
      tenant,
      email: textMember(claims, 'email'),
      name: textMember(claims, 'name'),
      groups: textsOf(member(claims, 'groups')),
      roles: textsOf(member(claims, 'roles')),
    }
  }
}

const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
