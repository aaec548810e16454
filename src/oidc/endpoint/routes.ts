/** Where the provider lives, and which of its addresses take which methods. Everything else below `/oauth2` is no address. */
export const routes = {
  authorization: '/oauth2/auth',
  token: '/oauth2/token',
  userinfo: '/oauth2/userinfo',
  jwks: '/oauth2/jwks',
  introspection: '/oauth2/introspect',
  revocation: '/oauth2/revoke',
  pushed_authorization_request: '/oauth2/par',
  device_authorization: '/oauth2/device_authorization',
  code_verification: '/oauth2/device',
  end_session: '/oauth2/logout',
} as const

/** The device's code in a link, by a name that only our page knows. */
export const shownCode = 'shown_code'

const read: readonly string[] = ['GET', 'HEAD', 'OPTIONS']
const post: readonly string[] = ['POST', 'OPTIONS']

/** No HEAD where an answer is made: whoever only looks (a scanner of links) would use up a pushed request, and get the code. */
const methods: ReadonlyMap<string, readonly string[]> = new Map([
  [routes.authorization, ['GET', 'POST']],
  [routes.token, post],
  [routes.userinfo, ['GET', 'POST', 'OPTIONS']],
  [routes.jwks, read],
  [routes.introspection, post],
  [routes.revocation, post],
  [routes.pushed_authorization_request, post],
  [routes.device_authorization, post],
  [routes.code_verification, ['GET', 'HEAD', 'POST']],
  ['/.well-known/openid-configuration', read],
  ['/.well-known/oauth-authorization-server', read],
])

const resumed = /^\/oauth2\/(?:auth|device)\/[\w-]{1,64}$/

/** The methods of an address of the provider; undefined for an address that is none of its. */
export function methodsOf(url: string): readonly string[] | undefined {
  if (!url.startsWith('/oauth2/') && !url.startsWith('/.well-known/')) return undefined
  const end = url.indexOf('?')
  const path = end === -1 ? url : url.slice(0, end)
  return methods.get(path) ?? (resumed.test(path) ? ['GET'] : undefined)
}

/** For the log: an address without the id in it. */
export function routeOf(path: string): string {
  return resumed.test(path) ? path.replace(/[^/]+$/, ':uid') : path
}
