/** Builds the authorization request. */
import { hash } from 'node:crypto'
import * as client from 'openid-client'
import type { LoginStart } from '../../../src/provider/provider.ts'
import { type IssuerMetadata, isLoopbackHttp } from '../discovery.ts'
import { pushRequest } from '../token/token-endpoint.ts'
import type { Upstream } from '../upstream.ts'
import { scopesFor } from './recheck.ts'

const maxHintLength = 254

export async function authorizationUrl(
  upstream: Upstream,
  known: IssuerMetadata,
  own: Readonly<Record<string, string>> | undefined,
  { state, loginHint, reauthenticate = false, record }: LoginStart,
  { nonce, codeVerifier }: { readonly nonce: string; readonly codeVerifier: string },
): Promise<URL> {
  const { config, context } = upstream
  const url = client.buildAuthorizationUrl(configurationOf(config.clientId, known), {
    ...own,
    redirect_uri: context.callbackUrl.href,
    scope: scopesFor(upstream, known).join(' '),
    state,
    nonce,
    code_challenge: hash('sha256', codeVerifier, 'base64url'), // S256: RFC 7636 4.2
    code_challenge_method: 'S256',
    ...(loginHint !== undefined && loginHint.length <= maxHintLength && { login_hint: loginHint }),
    ...(config.prompt && { prompt: config.prompt }),
    ...(config.requiredAcr.length > 0 && { acr_values: config.requiredAcr.join(' ') }),
    ...(reauthenticate && { prompt: 'login' }),
    ...(reauthenticate && sendsMaxAge(upstream, known) && { max_age: '0' }),
  })
  if (!known.require_pushed_authorization_requests) return url
  const pushed = Object.fromEntries(url.searchParams)
  const requestUri = await record.step('pushed request', () => pushRequest(upstream, known, pushed))
  return client.buildAuthorizationUrl(configurationOf(config.clientId, known), { request_uri: requestUri })
}

/** `max_age` requires `auth_time` (Core 3.1.2.1): some upstreams without it refuse the request. */
function sendsMaxAge({ config }: Upstream, known: IssuerMetadata): boolean {
  return config.sendMaxAge ?? (config.providesAuthTime || known.claims_supported?.includes('auth_time') === true)
}

/** One per metadata copy: openid-client clones the metadata. */
const configurations = new WeakMap<IssuerMetadata, client.Configuration>()

function configurationOf(clientId: string, known: IssuerMetadata): client.Configuration {
  const { issuer, authorization_endpoint } = known
  const made = configurations.get(known) ?? new client.Configuration({ issuer, authorization_endpoint }, clientId)
  if (isLoopbackHttp(known.authorization_endpoint)) client.allowInsecureRequests(made)
  configurations.set(known, made)
  return made
}
