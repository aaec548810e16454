/**
 * The session or API token that a request presents: `Authorization: Bearer`, our cookie, `?token=`
 * or a plain cookie. Only values with our prefix and checksum count, so that an app may use the
 * same header and the same names for its own.
 */
import type { IncomingMessage } from 'node:http'
import type { TokenSource } from '../broker/session/token-source.ts'
import { isToken } from '../crypto/token.ts'
import { GatehouseError } from '../errors.ts'
import { computedOnce } from '../primitives/computed-once.ts'
import type { Tenant } from '../tenant.ts'
import {
  type CookieKeys,
  type CookieSettings,
  cookieValues,
  openToken,
  readCookie,
  sessionCookieName,
} from './cookies.ts'

export interface PresentedCredential {
  readonly token: string
  readonly source: TokenSource
}

export interface CredentialPorts extends CookieKeys {
  readonly tenants: ReadonlyMap<string, Tenant>
}

/**
 * Throws `credentials_conflict` for two different ones. Of the same one in several places, the
 * first source counts. The checksum of a single one is left to the check, which computes it anyway.
 */
export function readCredential(
  ports: CredentialPorts,
  { headers, rawHeaders, url }: Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'url'>,
): PresentedCredential | null {
  const { authorization, cookie } = headers
  const { query, cookies } = placesOf(ports.tenants)
  const bearer = authorization === undefined ? undefined : bearerForm.exec(authorization)?.[1]
  let found: PresentedCredential | null = bearer === undefined ? null : { token: bearer, source: 'header' }
  if (authorization !== undefined && isRepeated(rawHeaders))
    for (const token of bearersIn(rawHeaders)) found = oneOf(ports, found, { token, source: 'header' })
  const sealed = cookie === undefined ? null : tokenFromCookie(ports, cookie)
  if (sealed !== null) found = oneOf(ports, found, { token: sealed, source: 'cookie' })
  if (cookie !== undefined)
    for (const plainCookie of cookies)
      for (const token of cookieValues(cookie, plainCookie).filter(isOurs))
        found = oneOf(ports, found, { token, source: { plainCookie } })
  if (query)
    for (const token of tokensInQuery(url, headers[queryTokenHeader]))
      found = oneOf(ports, found, { token, source: 'query' })
  return found
}

/** The same for an unknown API token as for one that has ended. */
export function credentialRefused(presented: PresentedCredential | null): GatehouseError {
  if (!presented?.token.startsWith('gth_a_')) return new GatehouseError('session_invalid', 'no live session')
  return new GatehouseError('session_invalid', 'no live API token', {
    text: 'This API token was revoked, has expired or is unknown, or it is suspended or not allowed from here. Check it in Developer settings, or create a new one.',
  })
}

/** The token of our cookie, whose content was encrypted here. */
export function tokenFromCookie({ keyRing, cookie }: CookieKeys, header: string | undefined): string | null {
  const name = sessionCookieName(cookie)
  const value = readCookie(header, name)
  return value === null ? null : (openToken(keyRing, name, value)?.token ?? null)
}

/** Node keeps only the first Authorization header; a proxy may read another. */
function isRepeated(rawHeaders: readonly string[]): boolean {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) if (isAuthorization(rawHeaders[at])) count += 1
  return count > 1
}

const isAuthorization = (name: string | undefined) => name?.length === 13 && name.toLowerCase() === 'authorization'

const bearersIn = (rawHeaders: readonly string[]) =>
  rawHeaders
    .filter((_, at) => at % 2 === 1 && isAuthorization(rawHeaders[at - 1]))
    .flatMap((value) => bearerForm.exec(value)?.[1] ?? [])

const bearerForm = /^Bearer +(gth_[sa]_[0-9A-Za-z]{49})$/i
const form = /^gth_[sa]_[0-9A-Za-z]{49}$/
const isOurs = (value: string) => form.test(value)

const isCredential = (token: string) => isToken('gth_s_', token) || isToken('gth_a_', token)

/** Places that any tenant allows: the tenant of a request is known only after the store is read. */
const placesOf = computedOnce((tenants: CredentialPorts['tenants']) => {
  const policies = [...tenants.values()].map(({ sessions }) => sessions)
  const cookies = policies.flatMap(({ tokenCookie }) => (tokenCookie === undefined ? [] : [tokenCookie]))
  return { query: policies.some(({ tokenInQuery }) => tokenInQuery), cookies: [...new Set(cookies)] }
})

/** Header for a token of the app's own query, because the URL of its request to us is logged. */
const queryTokenHeader = 'gatehouse-query-token'

function tokensInQuery(url: string | undefined, forwarded: string | string[] | undefined): readonly string[] {
  const at = url?.indexOf('?') ?? -1
  const own = url === undefined || at === -1 ? [] : new URLSearchParams(url.slice(at)).getAll('token')
  if (forwarded === undefined && own.length === 0) return own
  return [...own, ...String(forwarded ?? '').split(/, */)].filter(isOurs)
}

function oneOf(
  { cookie }: CookieKeys,
  found: PresentedCredential | null,
  next: PresentedCredential,
): PresentedCredential {
  if (found === null || !isCredential(found.token)) return next
  if (found.token === next.token || !isCredential(next.token)) return found
  throw credentialsConflict(found.source, next.source, cookie)
}

/** A request presents one token, or one developer's client secret. */
type Place = TokenSource | 'secret'

export function credentialsConflict(one: Place, other: Place, cookie: CookieSettings): GatehouseError {
  const places = [one, other].map((source) => placeName(source, sessionCookieName(cookie))).join(' and ')
  const text = `This request has two different credentials, in ${places}. Send one of them.`
  return new GatehouseError('credentials_conflict', `two different credentials, in ${places}`, { text })
}

function placeName(place: Place, ourCookie: string): string {
  if (typeof place === 'object') return `the cookie ${place.plainCookie}`
  const [header, secret] = ['Authorization: Bearer', 'Authorization: Secret']
  return { header, secret, cookie: `the cookie ${ourCookie}`, query: '?token=' }[place]
}
