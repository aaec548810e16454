/** Paths and methods of the OpenID Provider. */
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

export const discoveryRoutes: readonly string[] = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
]

/** Query parameter for the user code, unknown to oidc-provider. */
export const prefilledUserCode = 'prefilled_user_code'

const read: readonly string[] = ['GET', 'HEAD', 'OPTIONS']
const post: readonly string[] = ['POST', 'OPTIONS']

/** No HEAD for authorization: a link scanner would use up a pushed request. */
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
  ...discoveryRoutes.map((path) => [path, read] as const),
])

const resumed = /^\/oauth2\/(?:auth|device)\/[\w-]{1,64}$/

/** Undefined for a URL that is not served here. */
export function methodsOf(url: string): readonly string[] | undefined {
  if (!url.startsWith('/oauth2/') && !url.startsWith('/.well-known/')) return undefined
  const end = url.indexOf('?')
  const path = end === -1 ? url : url.slice(0, end)
  return methods.get(path) ?? (resumed.test(path) ? ['GET'] : undefined)
}

/** The path for the log, without the interaction's id. */
export function routeOf(path: string): string {
  return resumed.test(path) ? path.replace(/[^/]+$/, ':uid') : path
}

/** Source expression for `form-action`. */
export function formTarget(redirectUri: string): string {
  const { origin, protocol } = new URL(redirectUri)
  return origin === 'null' ? protocol : origin
}
