/**
 * Parameters as oidc-provider reads them: space-delimited lists (RFC 6749 3.3) without repeated,
 * leading or trailing spaces, and `claims` without members that Core 5.5 says to ignore.
 */
import type { Provider } from 'oidc-provider'
import { normalizeFormBodies } from '../library-internals.ts'

const lists: ReadonlySet<string> = new Set(['scope', 'prompt', 'acr_values', 'response_type'])

type Parameter = readonly [name: string, value: unknown]

function normalized([name, value]: Parameter): Parameter {
  if (typeof value !== 'string') return [name, value]
  if (lists.has(name)) return [name, value.split(' ').filter(Boolean).join(' ')]
  return [name, name === 'claims' ? requestedClaims(value) : value]
}

/** Empty, which counts as absent, if nothing is requested. An unreadable text stays as it is. */
function requestedClaims(text: string): string {
  const claims = jsonIn(text)
  if (claims === null) return ''
  if (typeof claims !== 'object' || Array.isArray(claims)) return text
  const known = Object.entries(claims).filter(
    ([name, value]) => value !== null && (name === 'userinfo' || name === 'id_token'),
  )
  return known.length === 0 ? '' : JSON.stringify(Object.fromEntries(known))
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The URL of an authorization request with normalized parameters. */
export function normalizeQuery(url: string): string {
  if (!/(?:%20|\+)(?:%20|\+|&|$)|=(?:%20|\+)|[?&]claims=/.test(url)) return url
  const [path = '/', query = ''] = url.split(/\?(.*)/s)
  const pairs = [...new URLSearchParams(query)].map(normalized).map(([name, value]) => [name, String(value)])
  return pairs.length === 0 ? url : `${path}?${new URLSearchParams(pairs)}`
}

export function normalizeForms(provider: Provider): void {
  normalizeFormBodies(provider, (body) => Object.fromEntries(Object.entries(body).map(normalized)))
}
