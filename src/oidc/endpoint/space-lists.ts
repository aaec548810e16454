/**
 * Space-delimited parameters (RFC 6749 3.3) without repeated, leading or trailing spaces: some
 * clients send them, and oidc-provider splits at each.
 */
import type { Provider } from 'oidc-provider'
import { normalizeFormBodies } from '../library-internals.ts'

const names: ReadonlySet<string> = new Set(['scope', 'prompt', 'acr_values', 'response_type'])

type Parameter = readonly [name: string, value: unknown]

function normalized([name, value]: Parameter): Parameter {
  const isList = names.has(name) && typeof value === 'string'
  return [name, isList ? value.split(' ').filter(Boolean).join(' ') : value]
}

/** The URL of an authorization request with normalized lists. */
export function normalizeQuery(url: string): string {
  if (!/(?:%20|\+)(?:%20|\+|&|$)|=(?:%20|\+)/.test(url)) return url
  const [path = '/', query = ''] = url.split(/\?(.*)/s)
  const pairs = [...new URLSearchParams(query)].map(normalized).map(([name, value]) => [name, String(value)])
  return pairs.length === 0 ? url : `${path}?${new URLSearchParams(pairs)}`
}

export function normalizeForms(provider: Provider): void {
  normalizeFormBodies(provider, (body) => Object.fromEntries(Object.entries(body).map(normalized)))
}
