/** Cookies of ours that are encrypted for their name: HttpOnly, Lax, `__Host-` where allowed. */
import type { Response } from 'express'
import { type CookieKeys, readCookie } from './cookies.ts'

export interface SealedCookie {
  /** Undefined if it is absent, too long or not sealed by us. */
  read(keys: CookieKeys, header: string | undefined): string | undefined
  write(keys: CookieKeys, response: Response, content: string): void
  clear(keys: CookieKeys, response: Response): void
}

export interface SealedCookieOptions {
  readonly name: string
  readonly keptMs: number
  /** Encryption context in place of the cookie's name. */
  readonly context?: string
}

/** Browsers store no longer ones. */
const maxLength = 4096

export const ownCookieName = ({ cookie }: Pick<CookieKeys, 'cookie'>, name: string) =>
  cookie.secure ? `__Host-${name}` : name

export function sealedCookie({ name, keptMs, context }: SealedCookieOptions): SealedCookie {
  const attributes = { httpOnly: true, sameSite: 'lax', path: '/' } as const
  const contextOf = (keys: CookieKeys) => context ?? ownCookieName(keys, name)
  return {
    read(keys, header) {
      const value = readCookie(header, ownCookieName(keys, name))
      if (value === null || value.length > maxLength) return undefined
      return keys.keyRing.open(Buffer.from(value, 'base64url'), contextOf(keys))?.content.toString()
    },
    write(keys, response, content) {
      const { secure } = keys.cookie
      const value = keys.keyRing.seal(content, contextOf(keys)).toString('base64url')
      response.cookie(ownCookieName(keys, name), value, { ...attributes, secure, maxAge: keptMs })
    },
    clear: (keys, response) =>
      void response.clearCookie(ownCookieName(keys, name), { ...attributes, secure: keys.cookie.secure }),
  }
}
