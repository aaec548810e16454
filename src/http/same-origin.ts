/** Same-origin checks of requests with our cookies or from our forms (SE-07). */
import type { RequestHandler } from 'express'
import { GatehouseError } from '../errors.ts'
import { isSameSite } from '../primitives/same-site.ts'
import { truncate } from '../primitives/untrusted-text.ts'

/** Decides by `Sec-Fetch-Site` and `Origin`: false without both, or if one contradicts. */
export function isSameOrigin(headers: FromHeaders, publicUrl: URL): boolean {
  const context = headers['sec-fetch-site']
  // with `Referrer-Policy: no-referrer` browsers send `Origin: null` with our own forms
  const origin = headers.origin === 'null' ? undefined : headers.origin
  if (origin !== undefined && origin !== publicUrl.origin) return false
  return context === undefined ? origin === publicUrl.origin : context === 'same-origin'
}

/**
 * Whether a request that a cookie authenticates may write: from our own origin, or from a page of
 * the tenant's `returnOrigins`, whose browser then names it in `Origin` (SE-07).
 */
export function mayWriteWithCookie(headers: FromHeaders, { publicUrl, returnOrigins }: TrustedOrigins): boolean {
  if (isSameOrigin(headers, publicUrl)) return true
  const { origin, 'sec-fetch-site': context } = headers
  const isCrossOrigin = context === undefined || context === 'same-site' || context === 'cross-site'
  return isCrossOrigin && origin !== undefined && returnOrigins.includes(origin)
}

/**
 * Whether a write with a cookie may pass to the app behind a proxy, as in the SDK's `mayUseCookie`:
 * from a page of the requested origin, or of one of these. False without both headers (SE-07).
 */
export function mayWriteThroughProxy(headers: FromHeaders, origins: readonly string[]): boolean {
  const { origin, 'sec-fetch-site': context } = headers
  return context === 'same-origin' || (origin !== undefined && origins.includes(origin))
}

interface TrustedOrigins {
  readonly publicUrl: URL
  readonly returnOrigins: readonly string[]
}

/** Redirects included. Without `Sec-Fetch-Site`, `Origin` or `Referer` decide if present. */
export function isFromOtherSite({ origin, referer, ...headers }: FromHeaders, publicUrl: URL): boolean {
  const context = headers['sec-fetch-site']
  if (context !== undefined) return context === 'cross-site'
  const from = URL.parse(origin ?? referer ?? '')
  return from !== null && (from.protocol !== publicUrl.protocol || !isSameSite(from, publicUrl))
}

/** Whether `Origin` or `Referer` name the origin of `address`. */
export function isSentBy({ origin, referer }: FromHeaders, address: string): boolean {
  const from = URL.parse(origin ?? referer ?? '')
  return from !== null && from.origin === URL.parse(address)?.origin
}

export interface FromHeaders {
  readonly origin?: string | undefined
  readonly referer?: string | undefined
  readonly 'sec-fetch-site'?: string | string[] | undefined
}

export function sameOrigin(shell: { readonly publicUrl: URL }): RequestHandler {
  return (request, _response, next) => {
    const origin = truncate(request.headers.origin ?? 'an unnamed origin')
    const context = truncate(String(request.headers['sec-fetch-site'] ?? 'no Sec-Fetch-Site'))
    if (!isSameOrigin(request.headers, shell.publicUrl))
      throw new GatehouseError('origin_refused', `a form from ${origin} (${context})`)
    next()
  }
}
