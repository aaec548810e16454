/** `error_description` of a failure: what was expected and what was received, never a secret. */
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { appOf } from '../storage/clients.ts'
import { reasons, shown } from './error-messages.ts'

type Failure = errors.OIDCProviderError

/** Details of oidc-provider about claims of an assertion; none quotes a value. */
const assertionMessages =
  /^(audience \(aud\)|list of audience|expiration must|unique jti|iss \(JWT issuer\)|aud \(JWT audience\)|sub \(JWT subject\)|jwt not active)/

/** Undefined for errors that are not exposed. */
export function describeFailure(ctx: KoaContextWithOIDC, failure: Error): string | undefined {
  if (!(failure instanceof errors.OIDCProviderError) || !failure.expose) return undefined
  const description = descriptionOf(ctx, failure)
  // RFC 6749 5.2: printable ASCII without quotation mark and backslash
  return description?.replace(/"/g, "'").replace(/[^\x20-\x7e]|\\/g, '?')
}

function descriptionOf(ctx: KoaContextWithOIDC, failure: Failure): string | undefined {
  const { error_detail: detail, error_description: description } = failure
  // signature details are the same for request objects and client assertions
  const isRequestObject = failure instanceof errors.InvalidRequestObject
  const describe = (isRequestObject ? undefined : reasons.get(detail ?? '')) ?? reasons.get(description ?? '')
  if (describe !== undefined) return describe(ctx)
  if (detail !== undefined && assertionMessages.test(detail)) return `client_assertion: ${detail}`
  if (description !== undefined && /^origin .* not allowed for client: /.test(description)) return describeOrigin(ctx)
  if (failure instanceof errors.InvalidScope) return describeScopeError(ctx, failure)
  if (failure instanceof errors.InvalidRequestUri)
    return 'request_uri: expected an unused one pushed in the last minute, got an expired or unknown one'
  if (failure instanceof errors.InvalidTarget) return describeTargetError(ctx, failure)
  if (failure instanceof errors.InsufficientScope) return describeUserinfoError(ctx, failure)
  return detail?.includes(': ') ? detail : description // ours, such as those of clients.ts
}

/** Origins are registered: no secret. */
function describeOrigin({ headers }: KoaContextWithOIDC): string {
  const expected = 'none from a server, or one of the app: of its redirect URIs (single-page) or corsOrigins (native)'
  return `Origin: expected ${expected}, got ${shown(headers.origin)}`
}

function describeScopeError({ oidc }: KoaContextWithOIDC, failure: errors.InvalidScope): string {
  const got = 'scope' in failure && typeof failure.scope === 'string' ? failure.scope : undefined
  const description = failure.error_description ?? 'scope refused'
  if (got === undefined || description.startsWith('scope:')) return description
  if (oidc.params?.['grant_type'] === 'refresh_token')
    return `scope: expected some of the scopes of the refresh token, got ${shown(got)}`
  return oidc.client === undefined
    ? `${description}: ${shown(got)}`
    : `scope: expected some of ${appOf(oidc.client).scopes.join(' ')}, got ${shown(got)}`
}

function describeTargetError({ oidc }: KoaContextWithOIDC, { error_description: description = '' }: Failure): string {
  if (description !== 'resource indicator is missing, or unknown') return description
  const { AuthorizationCode, DeviceCode, RefreshToken } = oidc.entities
  const granted = [(AuthorizationCode ?? DeviceCode ?? RefreshToken)?.resource ?? []].flat()
  const expected = granted.length === 0 ? 'none, since no scope of an API was granted' : granted.join(' or ')
  return `resource: expected ${expected}, got ${shown([oidc.params?.['resource']].flat().join(' and '))}`
}

/** An access token is for one API, or for userinfo. */
function describeUserinfoError({ oidc }: KoaContextWithOIDC, { error_description: description = '' }: Failure): string {
  const api = oidc.entities.AccessToken?.aud
  if (api === undefined) return description
  return `access token: expected one for userinfo, got one for ${api}; read the ID token, or refresh with scope=openid`
}
