/** The session cookie: the session token, signed and encrypted together with the cookie's name. */

import type { CookieOptions } from 'express'
import type { KeyRing } from '../crypto/keyring.ts'
import { BoundedMap } from '../primitives/bounded-map.ts'
import { computedOnce } from '../primitives/computed-once.ts'

export interface CookieSettings {
  /** Name without the `__Host-` prefix. */
  readonly name: string
  readonly domain: string | undefined
  readonly path: string
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly secure: boolean
  /** Kept when the browser closes. */
  readonly persistent: boolean
}

export interface CookieKeys {
  readonly keyRing: KeyRing
  readonly cookie: CookieSettings
}

const signatureLength = 32

/**
 * Name of the session cookie, with `__Host-` if possible: sibling domains cannot set such a cookie
 * (SE-03).
 */
export function sessionCookieName(settings: CookieSettings): string {
  return settings.secure && settings.domain === undefined && settings.path === '/'
    ? `__Host-${settings.name}`
    : settings.name
}

export function sealToken(keyRing: KeyRing, cookieName: string, token: string): string {
  const signature = keyRing.sign(`${cookieName}=${token}`)
  return keyRing.seal(Buffer.concat([signature, Buffer.from(token)]), `cookie ${cookieName}`).toString('base64url')
}

interface OpenedToken {
  readonly token: string
  /** False when an older key sealed it. */
  readonly current: boolean
}

/**
 * Cache of valid cookies only: browsers send the same one with every request, and its content never
 * changes. Whether the session is live, the store decides.
 */
const openedCookies = computedOnce(
  (_: KeyRing) => new BoundedMap<string, OpenedToken & { readonly cookieName: string }>(maxRemembered),
)
const maxRemembered = 5000

/** Null for a value that was not sealed here under this name. */
export function openToken(keyRing: KeyRing, cookieName: string, value: string): OpenedToken | null {
  if (value.length > 512) return null
  const cache = openedCookies(keyRing)
  const cached = cache.get(value)
  if (cached?.cookieName === cookieName) return cached
  const opened = keyRing.open(Buffer.from(value, 'base64url'), `cookie ${cookieName}`)
  if (opened === null) return null
  const token = opened.content.toString('utf8', signatureLength)
  if (!keyRing.verify(`${cookieName}=${token}`, opened.content.subarray(0, signatureLength))) return null
  const found = { token, current: opened.current, cookieName }
  cache.set(value, found)
  return found
}

/** Null for a cookie that is absent, or present twice: another site may have set one (SE-03). */
export function readCookie(header: string | undefined, name: string): string | null {
  if (header === undefined) return null
  const wanted = `${name}=`
  let value: string | null = null
  for (const part of header.split(';')) {
    const pair = part.trimStart()
    if (!pair.startsWith(wanted)) continue
    if (value !== null) return null
    value = pair.slice(wanted.length).trimEnd()
  }
  return value
}

/** Every value of a cookie by this name. */
export function cookieValues(header: string, name: string): readonly string[] {
  const pairs = header.split(';').map((pair) => pair.trim())
  return pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1))
}

/**
 * The cookies that an app behind a reverse proxy may receive: all but ours and those that hold a
 * token.
 */
export function withoutOurCookies(header: string | undefined, { name }: Pick<CookieSettings, 'name'>): string {
  const isOurs = (pair: string) => {
    const bare = pair.replace(/^__(host|secure)-/i, '')
    return /^gatehouse_/i.test(bare) || bare.startsWith(`${name}=`) || /=gth_[sa]_/.test(pair)
  }
  const pairs = (header ?? '').split(';').map((pair) => pair.trim())
  return pairs.filter((pair) => pair !== '' && !isOurs(pair) && isFitForHeader(pair)).join('; ')
}

/** Whether Node can send it as a header. */
export const isFitForHeader = (value: string) => !/[^\t\x20-\x7e\x80-\xff]/.test(value)

export function sessionCookieOptions(settings: CookieSettings, expires: Date): CookieOptions {
  return { ...removalOptions(settings), ...(settings.persistent && { expires }) }
}

/**
 * Options of a cookie for pages on other sites, by site of the page (CHIPS). Everywhere else the
 * cookie is Lax (SE-04).
 */
export function forOtherSites(options: CookieOptions): CookieOptions {
  return { ...options, sameSite: 'none', secure: true, partitioned: true }
}

/** The attributes that identify the cookie, which removal needs. */
export function removalOptions({ domain, path, sameSite, secure }: CookieSettings): CookieOptions {
  return { httpOnly: true, secure, sameSite, path, ...(domain !== undefined && { domain }) }
}
