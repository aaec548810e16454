/**
 * The library keeps the reason of a refusal to itself. An app's developer needs it; so for each reason a sentence that says what was
 * expected and what came, and nothing that is a secret.
 */
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { appOf } from './clients.ts'
import { graceSeconds } from './refresh.ts'

type Words = (ctx: KoaContextWithOIDC) => string

const used = 'all tokens that came from it have ended'
const lost = 'it is unknown, too old, or ended with its session or by being revoked'

const reasons: ReadonlyMap<string, Words> = new Map(
  Object.entries<Words>({
    'client not found': ({ oidc }) =>
      `client_id: expected the id of a registered app, got ${shown(oidc.params?.['client_id'] ?? basicId(oidc))}`,
    'invalid secret provided': () =>
      'client_secret: expected a live secret of this app, got one that is unknown, expired or revoked',
    'the provided authentication mechanism does not match the registered client authentication method': ({ oidc }) =>
      `client authentication: expected ${methodsOf(oidc)}, got ${presented(oidc)}`,
    'alg mismatch': () => 'client_assertion: alg is not one that the keys of this app may sign with',
    'client assertion tokens must only be used once': () =>
      'client_assertion: expected a jti that was not used before, got one that was',
    'no applicable key found in the JSON Web Key Set': ({ oidc }) =>
      `client_assertion: expected a key of this app (${keysOf(oidc)}), got one that it does not have, or has no more`,
    'signature verification failed': () => 'client_assertion: its signature does not verify with the key it names',
    'jwt expired': () => 'client_assertion: expected an exp to come, got one that is over',
    'authorization code not found': () => `code: ${lost}`,
    'authorization code is expired': () => 'code: expected one of the last 60 seconds, got an older one',
    'authorization code already consumed': () => `code: it was used before; ${used}`,
    'AuthorizationCode already consumed': () => `code: it was used before; ${used}`,
    'authorization code redirect_uri mismatch': ({ oidc }) =>
      `redirect_uri: expected the one the code was asked for with, got ${shown(oidc.params?.['redirect_uri'])}`,
    'code_verifier must be provided': () =>
      'code_verifier: expected the one whose SHA-256 was sent as code_challenge, got none',
    'code_verifier does not match code_challenge': () =>
      'code_verifier: expected the one whose SHA-256 was sent as code_challenge, got another',
    'unsupported code_challenge_method': () => 'code_verifier: the code was asked for without a code_challenge',
    'client mismatch': () => 'it was issued to another app',
    'request client_id must equal the one in request parameters': () =>
      'request_uri: expected one that this app pushed, got one of another app',
    'refresh token not found': () => `refresh_token: ${lost}`,
    'refresh token is expired': () => 'refresh_token: it is too old',
    'refresh token already used': () =>
      `refresh_token: it was replaced more than ${graceSeconds} seconds ago and came again, as a stolen one would; ${used}`,
    'RefreshToken already consumed': () => `refresh_token: it was replaced before; ${used}`,
    'grant not found': () => `the person's sign-in at this app has ended: ${lost}`,
    'access token not found': () => `access token: ${lost}`,
    'failed jkt verification': () => 'DPoP: the proof was signed with another key than the token is bound to',
  }),
)

/** What the library says of claims; none of it quotes them. */
const ofAssertion =
  /^(audience \(aud\)|list of audience|expiration must|unique jti|iss \(JWT issuer\)|aud \(JWT audience\)|sub \(JWT subject\)|jwt not active)/

/** A sentence for `error_description`; undefined when there is no better one than the library's, or none for the outside. */
export function describe(ctx: KoaContextWithOIDC, failure: Error): string | undefined {
  if (!(failure instanceof errors.OIDCProviderError) || !failure.expose) return undefined
  const { error_detail: detail, error_description: description } = failure
  const words = reasons.get(detail ?? '') ?? reasons.get(description ?? '')
  if (words !== undefined) return ascii(words(ctx))
  if (detail !== undefined && ofAssertion.test(detail)) return ascii(`client_assertion: ${detail}`)
  if (failure instanceof errors.InvalidScope) return ascii(scopeWords(ctx, failure))
  if (failure instanceof errors.InvalidRequestUri)
    return 'request_uri: expected one that was pushed in the last minute and not used yet, got one that is over or unknown'
  if (failure instanceof errors.InvalidTarget) return ascii(targetWords(ctx, failure))
  if (failure instanceof errors.InsufficientScope) return ascii(userinfoWords(ctx, failure))
  if (detail?.includes(': ')) return ascii(detail) // our own: see clients.ts
  return description === undefined ? undefined : ascii(description)
}

function scopeWords({ oidc }: KoaContextWithOIDC, failure: errors.InvalidScope): string {
  const got = 'scope' in failure && typeof failure.scope === 'string' ? failure.scope : undefined
  const description = failure.error_description ?? 'scope refused'
  if (got === undefined || description.startsWith('scope:')) return description
  if (oidc.params?.['grant_type'] === 'refresh_token')
    return `scope: expected some of those the refresh token was given for, got ${shown(got)}`
  return oidc.client === undefined
    ? `${description}: ${shown(got)}`
    : `scope: expected some of ${appOf(oidc.client).scopes.join(' ')}, got ${shown(got)}`
}

function targetWords({ oidc }: KoaContextWithOIDC, { error_description: description = '' }: Failure): string {
  if (description.startsWith('resource:')) return description
  const { AuthorizationCode, DeviceCode, RefreshToken } = oidc.entities
  const granted = [(AuthorizationCode ?? DeviceCode ?? RefreshToken)?.resource ?? []].flat()
  const expected = granted.length === 0 ? 'none, since no scope of an API was granted' : granted.join(' or ')
  return `resource: expected ${expected}, got ${shown([oidc.params?.['resource']].flat().join(' and '))}`
}

/** An access token is for one API, or for userinfo. */
function userinfoWords({ oidc }: KoaContextWithOIDC, { error_description: description = '' }: Failure): string {
  const api = oidc.entities.AccessToken?.aud
  if (api === undefined) return description
  return `access token: expected one for userinfo, got one for ${api}; read the ID token, or refresh with scope=openid`
}

type Failure = errors.OIDCProviderError

type Oidc = KoaContextWithOIDC['oidc']

function basicId({ client }: Oidc): unknown {
  return client?.clientId
}

function methodsOf({ client }: Oidc): string {
  return client?.clientAuthMethod === 'none'
    ? 'none: this app keeps no secret'
    : 'a client secret or a client_assertion'
}

function presented({ params }: Oidc): string {
  if (params?.['client_assertion'] !== undefined) return 'a client_assertion'
  return params?.['client_secret'] === undefined ? 'none, or a header' : 'a client secret'
}

function keysOf({ client }: Oidc): string {
  return client === undefined ? 'none' : 'as listed on its page'
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 200)) : 'none'
}

/** RFC 6749 5.2: printable ASCII without quotation mark and backslash. */
function ascii(text: string): string {
  return text.replace(/"/g, "'").replace(/[^\x20-\x7e]|\\/g, '?')
}
