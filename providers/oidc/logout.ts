/** OpenID Connect Back-Channel Logout 1.0 and RP-Initiated Logout 1.0. */
import { z } from 'zod'
import { type Check, GatehouseError } from '../../src/errors.ts'
import type { LogoutInstruction, LogoutMessage, LogoutMessageId, Memo, Recorder } from '../../src/provider/provider.ts'
import { issuersOf } from './brand-rules.ts'
import { type Claims, check, isSubject, oneOf, subjectOf, wordsOf } from './claims/claims.ts'
import { assertChecks, replayWindowSeconds, signedClaims, timeChecks } from './token/signed.ts'
import type { Upstream } from './upstream.ts'

const event = 'http://schemas.openid.net/event/backchannel-logout'

export async function validateLogoutToken(
  upstream: Upstream,
  { parameters, record }: LogoutMessage,
): Promise<LogoutInstruction> {
  const { config, context, metadata, keys, algorithms } = upstream
  const [token, ...more] = parameters.getAll('logout_token')
  if (token === undefined || more.length > 0)
    throw new GatehouseError(
      'request_invalid',
      `a logout request with ${more.length > 0 ? 'several' : 'no'} logout_token`,
    )
  const accepted = algorithms.forLogoutTokens(await metadata.get())
  const { header, claims } = await signedClaims(token.trim(), keys, accepted, record)
  const { iss, aud } = claims
  const issuers = issuersOf(upstream, claims)
  const sub = subjectOf(claims['sub'], config) ?? claims['sub']
  const sid = sidOf(claims) ?? claims['sid']
  assertChecks(
    [
      typeCheck(header['typ'], ['logout+jwt', 'jwt'], 'optional'),
      oneOf('iss', iss, issuers),
      check('aud', [aud].flat().includes(config.clientId), config.clientId, wordsOf(aud)),
      ...timeChecks(claims, context.now(), 'optional'),
      check('events', isLogout(claims['events']), event, typeof claims['events']),
      // ID tokens have one: they must not pass as logout tokens
      check('nonce', claims['nonce'] === undefined, 'none', typeof claims['nonce']),
      nameCheck('sub', sub),
      nameCheck('sid', sid),
      check('sub or sid', sub !== undefined || sid !== undefined, 'one of them', 'neither'),
    ],
    record,
  )
  const message = messageIdOf(claims, record)
  return { message, issuer: String(iss), ...(isSubject(sid) && { sid }), ...(isSubject(sub) && { subject: sub }) }
}

/** RFC 7515 4.1.9: optional `application/`, case-insensitive. */
export function typeCheck(got: unknown, types: readonly string[], presence: 'required' | 'optional'): Check {
  const type = typeof got === 'string' ? got.toLowerCase().replace(/^application\//, '') : ''
  const ok = (got === undefined && presence === 'optional') || types.includes(type)
  return check('typ', ok, types.join(' or '), got)
}

/** The session ID of an ID token or logout token; some send integers. */
export function sidOf({ sid }: Claims): string | undefined {
  return subjectOf(sid, { integerSubjects: true })
}

/** The `jti` identifies a message; some send integers. */
export function messageIdOf(claims: Claims, record: Recorder): LogoutMessageId {
  const jti = subjectOf(claims['jti'], { integerSubjects: true })
  assertChecks([check('jti', isSubject(jti), 'a text of 1 to 255 characters', typeof claims['jti'])], record)
  return { id: String(jti), seconds: replayWindowSeconds }
}

function nameCheck(name: string, value: unknown): Check {
  return check(name, value === undefined || isSubject(value), 'a text of 1 to 255 characters', typeof value)
}

function isLogout(events: unknown): boolean {
  if (typeof events !== 'object' || events === null || !Object.hasOwn(events, event)) return false
  const about: unknown = Reflect.get(events, event)
  // PHP writes an empty object as []
  return typeof about === 'object' && about !== null && (!Array.isArray(about) || about.length === 0)
}

const memoForm = z.object({ idToken: z.string() })
/** Longer URLs may be refused. Without the hint the upstream asks the user. */
const maxHintLength = 6000

export function logoutMemo(idToken: string): Memo {
  return { idToken } satisfies z.infer<typeof memoForm>
}

export async function logout({ config, metadata }: Upstream, memo: Memo, returnTo: URL): Promise<URL | undefined> {
  const { end_session_endpoint: endpoint } = await metadata.get()
  if (endpoint === undefined) return undefined
  const { idToken = '' } = memoForm.safeParse(memo).data ?? {}
  const url = new URL(endpoint)
  if (idToken !== '' && idToken.length <= maxHintLength) url.searchParams.set('id_token_hint', idToken)
  url.searchParams.set('client_id', config.clientId)
  url.searchParams.set('post_logout_redirect_uri', returnTo.href)
  return url
}
