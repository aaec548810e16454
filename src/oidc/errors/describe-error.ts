/**
 * The library keeps the reason of a refusal to itself. An app's developer needs it; so it gets a sentence that says what was expected
 * and what came (error-messages.ts), and nothing that is a secret.
 */
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { appOf } from '../storage/clients.ts'
import { reasons, shown } from './error-messages.ts'

/** What the library says of claims; none of it quotes them. */
const assertionMessages =
  /^(audience \(aud\)|list of audience|expiration must|unique jti|iss \(JWT issuer\)|aud \(JWT audience\)|sub \(JWT subject\)|jwt not active)/

/** A sentence for `error_description`; undefined when there is no better one than the library's, or none for the outside. */
export function describeFailure(ctx: KoaContextWithOIDC, failure: Error): string | undefined {
  if (!(failure instanceof errors.OIDCProviderError) || !failure.expose) return undefined
  const { error_detail: detail, error_description: description } = failure
  // the details of a signature are the same for a request object and a client assertion
  const ofSignature = failure instanceof errors.InvalidRequestObject ? undefined : reasons.get(detail ?? '')
  const errorDescriptions = ofSignature ?? reasons.get(description ?? '')
  if (errorDescriptions !== undefined) return ascii(errorDescriptions(ctx))
  if (detail !== undefined && assertionMessages.test(detail)) return ascii(`client_assertion: ${detail}`)
  if (failure instanceof errors.InvalidScope) return ascii(describeScopeError(ctx, failure))
  if (failure instanceof errors.InvalidRequestUri)
    return 'request_uri: expected one that was pushed in the last minute and not used yet, got one that is over or unknown'
  if (failure instanceof errors.InvalidTarget) return ascii(describeTargetError(ctx, failure))
  if (failure instanceof errors.InsufficientScope) return ascii(describeUserinfoError(ctx, failure))
  if (detail?.includes(': ')) return ascii(detail) // our own: see clients.ts
  return description === undefined ? undefined : ascii(description)
}

function describeScopeError({ oidc }: KoaContextWithOIDC, failure: errors.InvalidScope): string {
  const got = 'scope' in failure && typeof failure.scope === 'string' ? failure.scope : undefined
  const description = failure.error_description ?? 'scope refused'
  if (got === undefined || description.startsWith('scope:')) return description
  if (oidc.params?.['grant_type'] === 'refresh_token')
    return `scope: expected some of those the refresh token was given for, got ${shown(got)}`
  return oidc.client === undefined
    ? `${description}: ${shown(got)}`
    : `scope: expected some of ${appOf(oidc.client).scopes.join(' ')}, got ${shown(got)}`
}

function describeTargetError({ oidc }: KoaContextWithOIDC, { error_description: description = '' }: Failure): string {
  if (description !== missingOrUnknown) return description
  const { AuthorizationCode, DeviceCode, RefreshToken } = oidc.entities
  const granted = [(AuthorizationCode ?? DeviceCode ?? RefreshToken)?.resource ?? []].flat()
  const expected = granted.length === 0 ? 'none, since no scope of an API was granted' : granted.join(' or ')
  return `resource: expected ${expected}, got ${shown([oidc.params?.['resource']].flat().join(' and '))}`
}

const missingOrUnknown = 'resource indicator is missing, or unknown'

/** An access token is for one API, or for userinfo. */
function describeUserinfoError({ oidc }: KoaContextWithOIDC, { error_description: description = '' }: Failure): string {
  const api = oidc.entities.AccessToken?.aud
  if (api === undefined) return description
  return `access token: expected one for userinfo, got one for ${api}; read the ID token, or refresh with scope=openid`
}

type Failure = errors.OIDCProviderError

/** RFC 6749 5.2: printable ASCII without quotation mark and backslash. */
function ascii(text: string): string {
  return text.replace(/"/g, "'").replace(/[^\x20-\x7e]|\\/g, '?')
}
