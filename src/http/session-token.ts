/** The session token of a request: Bearer, else our cookie, else `?token=`. */
import type { IncomingMessage } from 'node:http'
import type { TokenSource } from '../broker/session/check-session.ts'
import { type CookieKeys, openToken, readCookie, sessionCookieName } from './cookies.ts'

export interface SessionTokenFrom {
  readonly token: string
  readonly source: TokenSource
}

export function readSessionToken(
  keys: CookieKeys,
  request: Pick<IncomingMessage, 'headers' | 'url'>,
): SessionTokenFrom | null {
  const { authorization, cookie } = request.headers
  if (authorization !== undefined) return tokenFromBearer(authorization)
  const token = tokenFromCookie(keys, cookie)
  return token === null ? tokenFromQuery(request.url ?? '') : { token, source: 'cookie' }
}

export function tokenFromCookie({ keyRing, cookie }: CookieKeys, header: string | undefined): string | null {
  const name = sessionCookieName(cookie)
  const value = readCookie(header, name)
  return value === null ? null : (openToken(keyRing, name, value)?.token ?? null)
}

function tokenFromBearer(authorization: string): SessionTokenFrom | null {
  const token = /^Bearer +([\w~+/.-]+=*)$/i.exec(authorization)?.[1]
  return token === undefined ? null : { token, source: 'header' }
}

function tokenFromQuery(url: string): SessionTokenFrom | null {
  const query = url.indexOf('?')
  if (query === -1) return null
  const [token, ...more] = new URLSearchParams(url.slice(query)).getAll('token')
  return token === undefined || more.length > 0 ? null : { token, source: 'query' }
}
