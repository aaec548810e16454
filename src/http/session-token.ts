/** Which session token a request brings, and how: Bearer first, then our cookie, then `?token=`. */
import type { IncomingMessage } from 'node:http'
import type { TokenSource } from '../broker/session/session.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { type CookieSettings, openToken, readCookie, sessionCookieName } from './cookies.ts'

export interface SessionTokenFrom {
  readonly token: string
  readonly source: TokenSource
}

interface Ring {
  readonly keyRing: KeyRing
  readonly cookie: CookieSettings
}

export function readSessionToken(
  shell: Ring,
  request: Pick<IncomingMessage, 'headers' | 'url'>,
): SessionTokenFrom | null {
  const { authorization, cookie } = request.headers
  if (authorization !== undefined) return bearer(authorization)
  if (cookie !== undefined) {
    const token = cookieToken(shell, cookie)
    if (token !== null) return { token, source: 'cookie' }
  }
  return queryToken(request.url ?? '')
}

export function cookieToken(shell: Ring, header: string | undefined): string | null {
  const name = sessionCookieName(shell.cookie)
  const value = readCookie(header, name)
  return value === null ? null : (openToken(shell.keyRing, name, value)?.token ?? null)
}

function bearer(authorization: string): SessionTokenFrom | null {
  const token = /^Bearer +([\w~+/.-]+=*)$/i.exec(authorization)?.[1]
  return token === undefined ? null : { token, source: 'header' }
}

function queryToken(url: string): SessionTokenFrom | null {
  const query = url.indexOf('?')
  if (query === -1) return null
  const [token, ...more] = new URLSearchParams(url.slice(query)).getAll('token')
  return token === undefined || more.length > 0 ? null : { token, source: 'query' }
}
