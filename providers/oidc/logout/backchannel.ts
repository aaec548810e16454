/** OpenID Connect Back-Channel Logout 1.0, section 2.6. */
import { type Check, GatehouseError } from '../../../src/errors.ts'
import type { LogoutInstruction, LogoutMessage, LogoutMessageId, Recorder } from '../../../src/provider/provider.ts'
import { type Claims, isSubject, subjectOf, wordOf } from '../claims/claims.ts'
import { assertChecks, replayWindowSeconds, signedClaims, timeChecks } from '../token/signed.ts'
import type { Upstream } from '../upstream.ts'

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
      `a logout request with ${more.length === 0 ? 'no' : 'several'} logout_token`,
    )
  const { header, claims } = await signedClaims(token, keys, algorithms.forLogoutTokens(await metadata.get()), record)
  const { iss, aud, sid } = claims
  const sub = subjectOf(claims['sub'], config) ?? claims['sub']
  assertChecks(
    [
      typeCheck(header['typ'], ['logout+jwt', 'jwt'], 'optional'),
      { name: 'iss', ok: iss === config.issuer, expected: config.issuer, got: wordOf(iss) },
      { name: 'aud', ok: [aud].flat().includes(config.clientId), expected: config.clientId, got: wordsOf(aud) },
      ...timeChecks(claims, context.now(), 'optional'),
      { name: 'events', ok: isLogout(claims['events']), expected: event, got: typeof claims['events'] },
      // ID tokens have one: they must not pass as logout tokens
      { name: 'nonce', ok: claims['nonce'] === undefined, expected: 'none', got: typeof claims['nonce'] },
      nameCheck('sub', sub),
      nameCheck('sid', sid),
      { name: 'sub or sid', ok: sub !== undefined || sid !== undefined, expected: 'one of them', got: 'neither' },
    ],
    record,
  )
  const message = messageIdOf(claims, record)
  return { message, issuer: config.issuer, ...(isSubject(sid) && { sid }), ...(isSubject(sub) && { subject: sub }) }
}

/** RFC 7515 4.1.9: optional `application/`, case-insensitive. */
export function typeCheck(got: unknown, types: readonly string[], presence: 'required' | 'optional'): Check {
  const type = typeof got === 'string' ? got.toLowerCase().replace(/^application\//, '') : ''
  const ok = (got === undefined && presence === 'optional') || types.includes(type)
  return { name: 'typ', ok, expected: types.join(' or '), got: wordOf(got) }
}

/** The `jti` identifies a message. */
export function messageIdOf({ jti }: Claims, record: Recorder): LogoutMessageId {
  assertChecks(
    [{ name: 'jti', ok: isSubject(jti), expected: 'a text of 1 to 255 characters', got: typeof jti }],
    record,
  )
  return { id: String(jti), seconds: replayWindowSeconds }
}

function nameCheck(name: string, value: unknown): Check {
  const ok = value === undefined || isSubject(value)
  return { name, ok, expected: 'a text of 1 to 255 characters', got: typeof value }
}

function isLogout(events: unknown): boolean {
  if (typeof events !== 'object' || events === null || !Object.hasOwn(events, event)) return false
  const about: unknown = Reflect.get(events, event)
  return typeof about === 'object' && about !== null && !Array.isArray(about)
}

const wordsOf = (value: unknown) => [value].flat().slice(0, 10).map(wordOf).join(', ')
