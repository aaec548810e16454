/** Which browser sent a request: for connections that are offered in some browsers only. */
import type { Request, Response } from 'express'
import { type BrowserName, hasBrowserRules, type Tenant } from '../tenant.ts'

/** The brand list of User-Agent Client Hints; `Not…A…Brand` entries are noise by design. */
const hints: readonly (readonly [RegExp, BrowserName])[] = [
  [/"Microsoft Edge"/, 'edge'],
  [/"(?:Google Chrome|HeadlessChrome)"/, 'chrome'],
]

/**
 * Tried in this order, because most browsers name others too. Undefined: a browser that rules
 * cannot name.
 */
const agents: readonly (readonly [RegExp, BrowserName | undefined])[] = [
  [/\bEdg(?:e|A|iOS)?\//, 'edge'],
  [
    /; wv\)|\b(?:OPR|OPT|Opera|SamsungBrowser|YaBrowser|Vivaldi|DuckDuckGo|Ddg|GSA|FBA[NV]|Instagram|Line)\b/,
    undefined,
  ],
  [/\b(?:Firefox|FxiOS)\//, 'firefox'],
  [/\b(?:Chrome|CriOS|HeadlessChrome)\//, 'chrome'],
  [/^Mozilla\/5\.0 \((?:Macintosh|iPhone|iPad|iPod)\b(?=.* Version\/\d)(?=.* Safari\/)/, 'safari'],
]

/** Undefined for a browser that rules cannot name, web views and programs. Pure. */
export function browserOf(userAgent: string | undefined, brands: string | undefined): BrowserName | undefined {
  const listed = brands?.slice(0, 512) ?? ''
  if (listed.includes('"Chromium"')) return hints.find(([pattern]) => pattern.test(listed))?.[1]
  const agent = userAgent?.slice(0, 512) ?? ''
  return agents.find(([pattern]) => pattern.test(agent))?.[1]
}

interface BrowserCall {
  readonly request: Request
  readonly response: Response
}

/**
 * The browser, if the tenant has rules for browsers; `Vary` then names what the page depends on.
 */
export function browserFor(tenant: Tenant, { request, response }: BrowserCall): BrowserName | undefined {
  if (!hasBrowserRules(tenant)) return undefined
  response.vary('Sec-CH-UA').vary('User-Agent')
  const brands = request.headers['sec-ch-ua']
  return browserOf(request.headers['user-agent'], typeof brands === 'string' ? brands : undefined)
}
