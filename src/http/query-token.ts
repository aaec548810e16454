/** Keeps tokens in addresses out of the history of our pages and out of links we make (LK-02). */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Nested addresses, as in `return_to`, are searched this deep. */
const maxDepth = 2

/** An address without `token` parameters that hold a token of ours. Others keep their spelling. */
export function withoutQueryTokens(address: string, depth = maxDepth): string {
  const at = address.indexOf('?')
  if (at === -1) return address
  const pairs = address.slice(at + 1).split('&')
  const others = pairs.map((pair) => withoutToken(pair, depth)).filter((pair) => pair !== null)
  const path = address.slice(0, at)
  return others.length === 0 ? path : `${path}?${others.join('&')}`
}

function withoutToken(pair: string, depth: number): string | null {
  if (!/^token=|[%?]/.test(pair)) return pair // has no token, encoded or not
  const [[name, value] = ['', '']] = new URLSearchParams(`?${pair}`)
  if (name === 'token' && /^gth_/i.test(value)) return null
  if (depth === 0 || !value.includes('?')) return pair
  const rest = withoutQueryTokens(value, depth - 1)
  return rest === value ? pair : String(new URLSearchParams({ [name]: rest }))
}

/** A token of ours, or an encoded letter or underscore, which may be of its prefix. */
const mayHoldToken = /gth_|%(?:25)*[4-7][0-9a-f]/i

/** Whether a page was opened with a token in its address. The API reads such tokens itself. */
export function hasQueryToken({ method, url = '' }: Pick<IncomingMessage, 'method' | 'url'>): boolean {
  if ((method !== 'GET' && method !== 'HEAD') || !mayHoldToken.test(url) || !/^\/(?!api\/)/.test(url)) return false
  return withoutQueryTokens(url) !== url
}

/** 303 to the same page: browsers then keep only that address in their history. */
export function redirectWithoutToken(
  publicUrl: URL,
  { url = '/' }: Pick<IncomingMessage, 'url'>,
  response: ServerResponse,
): void {
  // absolute, since a path may begin with two slashes
  const location = `${publicUrl.origin}${withoutQueryTokens(url)}`
  response.writeHead(303, {
    location,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-length': 0,
  })
  response.end()
}
