/** The cookies Gatehouse sets. The session cookie holds the session token, signed, then encrypted; its name is bound into both. */
import type { CookieOptions } from 'express'
import type { KeyRing } from '../crypto/keyring.ts'
import { BoundedMap } from '../primitives/bounded-map.ts'

export interface CookieSettings {
  /** Without the `__Host-` prefix. */
  readonly name: string
  readonly domain: string | undefined
  readonly path: string
  readonly sameSite: 'lax' | 'strict' | 'none'
  readonly secure: boolean
  /** Kept when the browser closes, until the session ends. */
  readonly persistent: boolean
}

const signatureLength = 32

/** `__Host-` wherever browsers allow it: such a cookie cannot be planted by a sibling domain (SE-03). */
export function sessionCookieName(settings: CookieSettings): string {
  return settings.secure && settings.domain === undefined && settings.path === '/'
    ? `__Host-${settings.name}`
    : settings.name
}

export function sealToken(keyRing: KeyRing, cookieName: string, token: string): string {
  const signature = keyRing.sign(`${cookieName}=${token}`)
  return keyRing.seal(Buffer.concat([signature, Buffer.from(token)]), `cookie ${cookieName}`).toString('base64url')
}

/** Null for anything that was not sealed here under this name. */
export function openToken(keyRing: KeyRing, cookieName: string, value: string): OpenedToken | null {
  if (value.length > 512) return null
  const known = openedBefore(keyRing).get(value)
  if (known?.cookieName === cookieName) return known.opened
  const opened = keyRing.open(Buffer.from(value, 'base64url'), `cookie ${cookieName}`)
  if (opened === null) return null
  const token = opened.content.toString('utf8', signatureLength)
  if (!keyRing.verify(`${cookieName}=${token}`, opened.content.subarray(0, signatureLength))) return null
  const found = { token, current: opened.current }
  openedBefore(keyRing).set(value, { cookieName, opened: found })
  return found
}

interface OpenedToken {
  readonly token: string
  /** False when an older key sealed it. */
  readonly current: boolean
}

interface OpenedCookie {
  readonly cookieName: string
  readonly opened: OpenedToken
}

/**
 * A browser brings the same cookie with every request, and what it holds never changes: whether its session still lives, the store
 * says. Only what was ours is remembered, so nobody can fill this with anything else.
 */
const openedCookies = new WeakMap<KeyRing, BoundedMap<string, OpenedCookie>>()
const maxRemembered = 5000

function openedBefore(keyRing: KeyRing): BoundedMap<string, OpenedCookie> {
  const known = openedCookies.get(keyRing) ?? new BoundedMap(maxRemembered)
  openedCookies.set(keyRing, known)
  return known
}

/** The one value of a cookie; null when it is absent, or present twice: then someone else planted one (SE-03). */
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

/** What of a request's cookies an app behind a proxy may have: none of ours, whatever stands around them. */
export function withoutOurCookies(header: string | undefined, { name }: Pick<CookieSettings, 'name'>): string {
  const isOurs = (pair: string) => {
    const bare = pair.replace(/^__(host|secure)-/i, '')
    return /^gatehouse_/i.test(bare) || bare.startsWith(`${name}=`)
  }
  const pairs = (header ?? '').split(';').map((pair) => pair.trim())
  return pairs.filter((pair) => pair !== '' && !isOurs(pair) && !unfitForHeader.test(pair)).join('; ')
}

const unfitForHeader = /[^\t\x20-\x7e\x80-\xff]/

export function sessionCookieOptions(settings: CookieSettings, expires: Date): CookieOptions {
  return { ...removalOptions(settings), ...(settings.persistent && { expires }) }
}

/** The attributes a cookie must have to be removed again. */
export function removalOptions({ domain, path, sameSite, secure }: CookieSettings): CookieOptions {
  return { httpOnly: true, secure, sameSite, path, ...(domain !== undefined && { domain }) }
}
