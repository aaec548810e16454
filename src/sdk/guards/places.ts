/** Places besides `Authorization: Bearer` where an app accepts a session or API token. */
import { type PresentedPlaces, tokenForm } from '../session-check.ts'
import type { GuardedRequest } from './request.ts'

export interface PlaceOptions {
  /**
   * Cookies that may hold a credential: Gatehouse's session cookie, such as `gatehouse_session`,
   * and the cookie that the tenant names as `sessions.tokenCookie`. Writes with a cookie need a
   * same-origin request or one of `origins`. Default: none.
   */
  readonly cookies?: readonly string[]
  /** Accepts `?token=` too, if the tenant sets `sessions.tokenInQuery`. Default false. */
  readonly tokenInQuery?: boolean
  /** Origins of other pages that may write with a cookie. Default: none. */
  readonly origins?: readonly string[]
}

/** Form of the encrypted session cookie: base64url. */
const sealedForm = /^[\w-]{100,512}$/

/** Undefined if the request has none there. */
export function otherPlaces({ url, headers }: GuardedRequest, options: PlaceOptions): PresentedPlaces | undefined {
  const cookie = cookiesNamed(options.cookies ?? [], headers['cookie'])
  const queryToken = options.tokenInQuery === true ? tokenInQuery(url) : undefined
  return cookie === undefined && queryToken === undefined ? undefined : { cookie, queryToken }
}

/** The cookies of these names with a value of Gatehouse's form. The app's own are never sent. */
function cookiesNamed(names: readonly string[], header: GuardedRequest['headers'][string]): string | undefined {
  if (typeof header !== 'string' || names.length === 0) return undefined
  const pairs = header.split(';').map((pair) => pair.trim())
  const ours = pairs.filter((pair) => {
    const [name = ''] = pair.split('=', 1)
    const value = pair.slice(name.length + 1)
    return names.includes(name) && (tokenForm.test(value) || sealedForm.test(value))
  })
  return ours.length === 0 ? undefined : ours.join('; ')
}

/** The tokens of the query, separated by commas: Gatehouse refuses different ones. */
function tokenInQuery(url: string): string | undefined {
  const at = url.indexOf('?')
  if (at === -1) return undefined
  const tokens = new URLSearchParams(url.slice(at)).getAll('token').filter((token) => tokenForm.test(token))
  return tokens.length === 0 ? undefined : tokens.join(',')
}

/** Cookies come on their own, so a write needs proof of its origin. Fails without one. */
export function mayUseCookie(
  { method, headers }: Pick<GuardedRequest, 'method' | 'headers'>,
  { origins = [] }: PlaceOptions,
): boolean {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return true
  const { origin } = headers
  if (typeof origin === 'string' && origins.includes(origin)) return true
  return headers['sec-fetch-site'] === 'same-origin'
}
