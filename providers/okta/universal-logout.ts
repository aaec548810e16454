/**
 * Okta's Universal Logout (draft-parecki-oauth-global-token-revocation): ends all sessions of a
 * user. https://developer.okta.com/docs/guides/oin-universal-logout-overview
 */
import { z } from 'zod'
import { GatehouseError } from '../../src/errors.ts'
import { canonicalEmail } from '../../src/profile/profile.ts'
import type { LogoutInstruction, LogoutMessage } from '../../src/provider/provider.ts'
import { check, isSubject, oneOf } from '../oidc/claims/claims.ts'
import { messageIdOf, typeCheck } from '../oidc/logout.ts'
import { assertChecks, decoded, signedClaims, timeChecks } from '../oidc/token/signed.ts'
import { openUpstream, type Upstream } from '../oidc/upstream.ts'

const subjectIdentifierSchema = z.discriminatedUnion('format', [
  z.object({ format: z.literal('iss_sub'), iss: z.string(), sub: z.string() }),
  z.object({ format: z.literal('email'), email: z.string() }),
  z.object({ format: z.literal('opaque'), id: z.string() }),
])
/** Okta's first guide named the subject identifier (RFC 9493) `subject` instead of `sub_id`. */
const requestBodySchema = z.union([
  z.object({ sub_id: subjectIdentifierSchema }).transform(({ sub_id: subject }) => subject),
  z.object({ subject: subjectIdentifierSchema }).transform(({ subject }) => subject),
])

/** Verifies a request: its JWT may be of the connection's authorization server or of its org. */
export function universalLogout(upstream: Upstream): (notice: LogoutMessage) => Promise<LogoutInstruction> {
  const { config, context, rules } = upstream
  const orgConfig = { ...config, issuer: new URL(config.issuer).origin, discoveryUrl: undefined }
  const org = openUpstream(orgConfig, context, rules)
  return async ({ bearer, url, body, record }) => {
    const token = bearer ?? ''
    assertChecks([check('bearer', token !== '', 'a signed JWT', token === '' ? 'none' : 'one')], record)
    const { iss } = decoded(token).claims
    const signer = [upstream, org].find((one) => one.config.issuer === iss)
    const issuers = [config.issuer, org.config.issuer]
    assertChecks([oneOf('iss', iss, issuers)], record)
    const { metadata, keys, algorithms: allowed } = signer ?? upstream
    const algorithms = allowed.forLogoutTokens(await metadata.get())
    const { header, claims } = await signedClaims(token, keys, algorithms, record)
    const audience = [claims['aud']].flat()
    const { sub } = claims
    assertChecks(
      [
        typeCheck(header['typ'], ['global-token-revocation+jwt'], 'required'),
        check('aud', audience.length === 1 && audience[0] === url.href, url.href, audience[0]),
        oneOf('sub', sub, [config.clientId]),
        ...timeChecks(claims, context.now(), 'required'),
      ],
      record,
    )
    const user = revokedUser(body, issuers)
    return { message: messageIdOf(claims, record), issuer: config.issuer, ...user, everywhere: true }
  }
}

/** The user whose sessions the request body ends. */
function revokedUser(body: unknown, issuers: readonly string[]): Pick<LogoutInstruction, 'subject' | 'email'> {
  const parsed = requestBodySchema.safeParse(body)
  if (!parsed.success) throw unreadable('sub_id must be of format iss_sub, email or opaque')
  const named = parsed.data
  if (named.format === 'email') {
    const email = canonicalEmail(named.email)
    if (email === null) throw unreadable('the email of sub_id is not an email address')
    return { email }
  }
  if (named.format === 'iss_sub' && !issuers.includes(named.iss))
    throw unreadable('the iss of sub_id is another issuer')
  const subject = named.format === 'opaque' ? named.id : named.sub
  if (!isSubject(subject)) throw unreadable('the user of sub_id must be a text of 1 to 255 characters')
  return { subject }
}

function unreadable(why: string): GatehouseError {
  return new GatehouseError('request_invalid', `invalid revocation request: ${why}`)
}
