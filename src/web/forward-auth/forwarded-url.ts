/** The requested URL, from the X-Forwarded-* headers of a trusted proxy. */
import type { IncomingHttpHeaders } from 'node:http'
import type { CookieSettings } from '../../http/cookies.ts'
import { withoutQueryTokens } from '../../http/query-token.ts'

const maxUriLength = 1800

/**
 * The forwarded URL without tokens of ours. Null if the headers name none. `/login` checks whether
 * a login may return there (OP-27).
 */
export function forwardedUrl(headers: IncomingHttpHeaders): URL | null {
  const protocol = firstProtocol(headers['x-forwarded-proto'])
  const host = headers['x-forwarded-host']
  const uri = headers['x-forwarded-uri']
  if (protocol !== 'https' && protocol !== 'http') return null
  if (typeof host !== 'string' || !/^[a-z\d.-]+(?::\d{1,5})?$|^\[[\da-f:]+\](?::\d{1,5})?$/i.test(host)) return null
  const path = typeof uri === 'string' && uri.startsWith('/') ? withoutQueryTokens(pathOf(uri)) : '/'
  const address = `${protocol}://${host}${path.length > maxUriLength ? '/' : path}`
  return URL.canParse(address) ? new URL(address) : null
}

/** Proxies in a row append their own: the first is what the browser requested. */
function firstProtocol(header: string | readonly string[] | undefined): string | undefined {
  return [header].flat().join(',').split(',', 1)[0]?.trim().toLowerCase()
}

/** Browsers leave some characters as they are that a return address may not have. */
function pathOf(uri: string): string {
  const hex = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
  return uri.replace(/[^\x21\x24-\x5b\x5d-\x7e]/g, hex)
}

/** Whether browsers send the session cookie there; otherwise signing in would loop. */
export function receivesCookie(cookie: CookieSettings, publicUrl: URL, requestedUrl: URL): boolean {
  if (cookie.path !== '/' || (cookie.secure && requestedUrl.protocol !== 'https:')) return false
  const { hostname } = requestedUrl
  if (cookie.domain === undefined) return hostname === publicUrl.hostname
  return hostname === cookie.domain || hostname.endsWith(`.${cookie.domain}`)
}
