/**
 * Space-delimited parameters (RFC 6749 3.3). Some clients send runs of spaces, or spaces at the ends;
 * the library splits at each of them.
 */
import type { Provider } from 'oidc-provider'
import { HiddenProperty } from '../../primitives/hidden-property.ts'

const names: ReadonlySet<string> = new Set(['scope', 'prompt', 'acr_values', 'response_type'])

function normalized(text: string): string {
  return text.split(' ').filter(Boolean).join(' ')
}

/** The query of an authorization request, with its lists as the grammar has them. */
export function normalizeQuery(url: string): string {
  if (!/(?:%20|\+)(?:%20|\+|&|$)|=(?:%20|\+)/.test(url)) return url
  const [path = '/', query = ''] = url.split(/\?(.*)/s)
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => [
    name,
    names.has(name) ? normalized(value) : value,
  ])
  return pairs.length === 0 ? url : `${path}?${new URLSearchParams(pairs)}`
}

type Body = Readonly<Record<string, unknown>>

const bodies = new HiddenProperty<object, Body | undefined>()

/** Forms are parsed by the library, which assigns them here. */
export function normalizeForms(provider: Provider): void {
  Object.defineProperty(provider.OIDCContext.prototype, 'body', {
    configurable: true,
    get(this: object) {
      return bodies.get(this)
    },
    set(this: object, body: Body | undefined) {
      bodies.set(this, body === undefined ? undefined : withLists(body))
    },
  })
}

function withLists(body: Body): Body {
  const changed = Object.entries(body).map(([name, value]) => [
    name,
    names.has(name) && typeof value === 'string' ? normalized(value) : value,
  ])
  return Object.fromEntries(changed)
}
