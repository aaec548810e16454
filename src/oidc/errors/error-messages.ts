/** Descriptions by reason of oidc-provider: what was expected and received, never a secret. */
import { decodeJwt } from 'jose'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { canKeepSecret } from '../../app/app.ts'
import { unencodedCharacter } from '../../primitives/address-characters.ts'
import { routes } from '../endpoint/routes.ts'
import { appOf, settingsFor } from '../storage/clients.ts'
import { graceSeconds } from '../storage/refresh-rotation.ts'

type DescribeError = (ctx: KoaContextWithOIDC) => string
type Oidc = KoaContextWithOIDC['oidc']

const reused = 'all tokens issued from it are revoked'
const gone = 'it is unknown, expired or revoked, or its session ended'

const descriptions: Readonly<Record<string, DescribeError>> = {
  // authentication of the client
  'client not found': ({ oidc, headers }) =>
    `client_id: expected the ID of a registered app, got ${shown(
      oidc.params?.['client_id'] ?? assertionClaims(oidc)?.sub ?? basicId(headers.authorization),
    )}`,
  'invalid secret provided': () =>
    'client_secret: expected an active secret of this app, got an unknown, expired or revoked one',
  'the provided authentication mechanism does not match the registered client authentication method': ({ oidc }) =>
    describeAuthentication(oidc),
  'alg mismatch': () => 'client_assertion: the keys of this app do not allow this alg',
  'client assertion tokens must only be used once': () =>
    'client_assertion: expected a jti that was not used before, got one that was',
  'iss (JWT issuer) must be the client_id': ({ oidc }) => describeIssuer(oidc),
  'no applicable key found in the JSON Web Key Set': () =>
    'client_assertion: expected a key of this app, as listed on its page, got an unknown or removed one',
  'signature verification failed': () => 'client_assertion: its signature does not match the key it names',
  'jwt expired': () => 'client_assertion: it is expired; exp must be in the future',
  'requested grant type is not allowed for this client': ({ oidc }) =>
    `grant_type: expected ${listed(oidc.client?.grantTypes)}, got ${shown(oidc.params?.['grant_type'])}; see grants of this app`,
  'unsupported grant_type requested': ({ oidc }) =>
    `grant_type: expected ${listed(oidc.client?.grantTypes)}, got ${shown(oidc.params?.['grant_type'])}`,
  // authorization requests
  "redirect_uri did not match any of the client's registered redirect_uris": ({ oidc }) =>
    unencodedRedirectUri(oidc) ??
    `redirect_uri: expected ${registeredUris(oidc)}, got ${shown(oidc.params?.['redirect_uri'])}`,
  'Authorization Server policy requires PKCE to be used for this request': ({ oidc }) => describeMissingPkce(oidc),
  'Pushed Authorization Request must be used': () =>
    `request_uri: this app must push its requests (PAR, RFC 9126) to ${routes.pushed_authorization_request}, got none`,
  'Request Object must be used by this client': () =>
    'request: expected a signed request object (JAR, RFC 9101), which this app must send, got none',
  'unsupported signed request alg': () =>
    'request: expected a request object signed with a key of this app, got one without a signature or with another alg',
  'could not validate Request Object': () =>
    'request: expected a request object signed with a key of this app, got one whose signature does not verify',
  'Request Object claims are invalid': () =>
    'request: expected iss to be the client_id, aud the issuer, and an exp to come, got something else',
  'requested response_mode is not allowed for this client or request': ({ oidc }) =>
    `response_mode: expected ${listed(settingsFor(oidc.client).responseModes)}, got ${oidc.responseMode ?? 'none'}`,
  'requested response_type is not allowed for this client': ({ oidc }) =>
    `response_type: not allowed for this app; its grants are ${grantsOf(oidc)}`,
  'urn:ietf:params:oauth:grant-type:device_code is not allowed for this client': ({ oidc }) =>
    `grants: expected device_code among the grants of this app, which are ${grantsOf(oidc)}; add it there`,
  'code_challenge must be provided with code_challenge_method': () =>
    'code_challenge: expected the SHA-256 of a code_verifier, got none',
  'code_challenge_method must be provided': () => 'code_challenge_method: expected S256, got none',
  'not supported value of code_challenge_method': ({ oidc }) =>
    `code_challenge_method: expected S256, got ${shown(oidc.params?.['code_challenge_method'])}`,
  'unsupported response_type requested': ({ oidc }) =>
    `response_type: expected code, got ${shown(oidc.params?.['response_type'])}`,
  'unsupported response_mode requested': (ctx) =>
    `response_mode: expected query, fragment or form_post, got ${shown(ctx.query['response_mode'] ?? ctx.oidc.body?.['response_mode'])}`,
  'unsupported prompt value requested': ({ oidc }) =>
    `prompt: expected none, login, consent or select_account, got ${shown(oidc.params?.['prompt'])}`,
  'request client_id must equal the one in request parameters': () =>
    'request_uri: expected one that this app pushed, got one of another app',
  'openid scope must be requested when using the nonce parameter': ({ oidc }) =>
    `scope: expected openid among words that are separated by spaces, got ${shown(oidc.params?.['scope'])}`,
  // codes and tokens
  'authorization code not found': () => `code: ${gone}`,
  'authorization code is expired': () => 'code: it is older than 60 seconds; start a new sign-in',
  'authorization code already consumed': () => `code: already used; ${reused}`,
  'AuthorizationCode already consumed': () => `code: already used; ${reused}`,
  'authorization code redirect_uri mismatch': ({ oidc }) =>
    `redirect_uri: expected the one of the authorization request, got ${shown(oidc.params?.['redirect_uri'])}`,
  'code_verifier must be provided': () =>
    'code_verifier: expected the one whose SHA-256 was sent as code_challenge, got none',
  'code_verifier does not match code_challenge': () =>
    'code_verifier: expected the one whose SHA-256 was sent as code_challenge, got another',
  'unsupported code_challenge_method': () => 'code_verifier: the authorization request had no code_challenge',
  'client mismatch': () => 'it was issued to another app',
  'refresh token not found': () => `refresh_token: ${gone}`,
  'refresh token is expired': () => 'refresh_token: it is expired',
  'refresh token already used': () =>
    `refresh_token: replaced more than ${graceSeconds} seconds ago and used again, so it may be stolen; ${reused}`,
  'RefreshToken already consumed': () => `refresh_token: already replaced; ${reused}`,
  'grant not found': () => `the user's grant for this app is gone: ${gone}`,
  'access token not found': () => `access token: ${gone}`,
  // DPoP proofs
  'DPoP proof JWT not provided': () =>
    'DPoP: expected a proof in the DPoP header (RFC 9449), which this app must send, got none',
  'failed jkt verification': () =>
    'DPoP: expected a proof signed with the key that the token is bound to, got another or none',
  'DPoP proof JWT Replay detected': () => 'DPoP: expected a proof whose jti was not used before, got one that was',
  'DPoP proof iat is not recent enough': () => 'DPoP: expected a proof with a recent iat, got another time',
  'DPoP proof htm mismatch': ({ method }) => `DPoP: expected a proof with htm ${method}, got one with another`,
  'DPoP proof htu mismatch': ({ oidc }) =>
    `DPoP: expected a proof with htu ${oidc.urlFor(oidc.route)}, got one with another`,
  'DPoP proof ath mismatch': () => 'DPoP: expected a proof with the SHA-256 of this access token as ath, got another',
}

export const reasons: ReadonlyMap<string, DescribeError> = new Map(Object.entries(descriptions))

function describeAuthentication(oidc: Oidc): string {
  const { client, params } = oidc
  const got = assertionClaims(oidc)
  if (got !== undefined && got.iss !== got.sub) return describeIssuer(oidc)
  if (client !== undefined && settingsFor(client).tokenEndpointAuthMethod !== undefined)
    return `client authentication: expected a client_assertion signed by a key of this app (private_key_jwt), got ${presentedCredential(oidc)}`
  if (client?.clientAuthMethod === 'none')
    return `client authentication: expected none, since this app keeps no secret, got ${presentedCredential(oidc)}`
  return params?.['client_assertion'] === undefined
    ? `client authentication: expected a client secret or a client_assertion, got ${presentedCredential(oidc)}`
    : 'client_assertion: expected a client secret, since this app has no key, got a client_assertion'
}

function presentedCredential({ params }: Oidc): string {
  if (params?.['client_assertion'] !== undefined) return 'a client_assertion'
  return params?.['client_secret'] === undefined ? 'none, or a header' : 'a client secret'
}

function describeIssuer(oidc: Oidc): string {
  const { iss, sub } = assertionClaims(oidc) ?? {}
  return `client_assertion: expected iss and sub to be the ID of the app, both, got ${shown(iss)} and ${shown(sub)}`
}

/** Unverified claims; undefined without a readable assertion. */
function assertionClaims({ params }: Oidc): { readonly iss?: string; readonly sub?: string } | undefined {
  const assertion = params?.['client_assertion']
  try {
    return typeof assertion === 'string' ? decodeJwt(assertion) : undefined
  } catch {
    return undefined
  }
}

/**
 * Names an unencoded character of the redirect URI, which then matches no registered one, though it
 * may look the same. Undefined without one.
 */
export function unencodedRedirectUri({ params }: Pick<Oidc, 'params'>): string | undefined {
  const got = params?.['redirect_uri']
  const wrong = typeof got === 'string' ? unencodedCharacter(got) : undefined
  return wrong === undefined ? undefined : `redirect_uri: it ${wrong}`
}

/** Client ID of a Basic header. */
function basicId(header: string | undefined): string | undefined {
  const [, id] = /^([^:]*):/.exec(Buffer.from(header?.replace(/^basic /i, '') ?? '', 'base64').toString()) ?? []
  return id
}

/** Keycloak, for example, leaves PKCE off after importing a discovery document. */
function describeMissingPkce({ client }: Oidc): string {
  const name = client === undefined ? 'the client' : appOf(client).name
  const { pkce, profile } = settingsFor(client)
  if (pkce === 'or-nonce')
    return `code_challenge: expected the SHA-256 of a code_verifier (PKCE), or scope=openid and a nonce, got none; switch on PKCE (S256) or the nonce in ${name}`
  const orSetting =
    client !== undefined && profile === undefined && canKeepSecret(appOf(client))
      ? `, or set pkce: or-nonce for the app ${client.clientId} if it sends a nonce`
      : ''
  return `code_challenge: expected the SHA-256 of a code_verifier (PKCE), got none; switch on PKCE (S256) in ${name}${orSetting}`
}

function grantsOf({ client }: Oidc): string {
  return settingsFor(client).grants.join(', ')
}

/**
 * The registered redirect URIs as text, if the app is authenticated: no other caller may learn
 * them.
 */
function registeredUris({ client, route }: Oidc): string {
  const isAuthenticated = route === 'pushed_authorization_request' && client?.clientAuthMethod !== 'none'
  return isAuthenticated ? listed(client?.redirectUris) : 'a redirect URI registered for this app'
}

const maxListed = 20

function listed(values: readonly string[] = []): string {
  return values.length === 0 ? 'none: the app is registered for none' : values.slice(0, maxListed).join(' or ')
}

export function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 200)) : 'none'
}
