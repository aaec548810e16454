/** Authenticated requests: the token endpoint and pushed authorization requests (RFC 9126). */
import { GatehouseError } from '../../../src/errors.ts'
import type { IssuerMetadata } from '../discovery.ts'
import { isJsonObject, optionalText } from '../endpoint/optional.ts'
import { call, type EndpointAnswer, otherThanJson, refusal } from '../endpoint/response.ts'
import type { Upstream } from '../upstream.ts'
import {
  type Attempt,
  attemptsFor,
  authenticate,
  type ClientAuthConfig,
  type ClientAuthMethod,
} from './client-authentication.ts'

type Parameters = Readonly<Record<string, string>>

export const tokenEndpoint = 'the token endpoint'

/** Throws `upstream_refused`, `upstream_unreachable`. */
export function requestTokens(upstream: Upstream, known: IssuerMetadata, parameters: Parameters) {
  return postAsClient(upstream, known, tokenEndpoint, known.token_endpoint, parameters)
}

const pushEndpoint = 'the pushed authorization request endpoint'
const noPushEndpoint =
  'the upstream requires pushed authorization requests, and its discovery document names no endpoint for them'

/** Returns the `request_uri`. */
export async function pushRequest(upstream: Upstream, known: IssuerMetadata, parameters: Parameters): Promise<string> {
  const url = known.pushed_authorization_request_endpoint
  if (url === undefined) throw new GatehouseError('upstream_invalid', noPushEndpoint)
  const { json } = await postAsClient(upstream, known, pushEndpoint, url, parameters)
  const requestUri = optionalText.parse(isJsonObject(json) ? json['request_uri'] : undefined)
  if (requestUri === undefined) throw new GatehouseError('upstream_invalid', `${pushEndpoint} gave no request_uri`)
  return requestUri
}

const lastAcceptedMethod = new WeakMap<Upstream, Attempt>()

/** Encoding the credentials costs more than the rest of a request. One list per metadata copy. */
const knownAttempts = new WeakMap<IssuerMetadata, readonly Attempt[]>()

function attemptsOf(config: ClientAuthConfig, known: IssuerMetadata): readonly Attempt[] {
  const attempts = knownAttempts.get(known) ?? attemptsFor(config, known)
  knownAttempts.set(known, attempts)
  return attempts
}

const isSame = (a: Attempt, b: Attempt | undefined) => a.method === b?.method && a.basicEncoding === b.basicEncoding

/** Tries another method only if the client may have been refused: then the code is still unused. */
async function postAsClient(
  upstream: Upstream,
  known: IssuerMetadata,
  endpoint: string,
  url: string,
  parameters: Parameters,
): Promise<EndpointAnswer> {
  const { config, context } = upstream
  const last = lastAcceptedMethod.get(upstream)
  const attempts = attemptsOf(config, known).toSorted((a, b) => Number(isSame(b, last)) - Number(isSame(a, last)))
  let answer: EndpointAnswer | undefined
  for (const { method, basicEncoding } of attempts) {
    const headers: Record<string, string> = {}
    const body = new URLSearchParams(parameters)
    const request = { body, headers, now: context.now(), id: context.random(16) }
    await authenticate(method, { ...config, basicEncoding }, known, request)
    answer = await call(context.fetch, endpoint, url, { method: 'POST', headers, body })
    if (answer.ok || answer.error?.error === 'invalid_grant')
      lastAcceptedMethod.set(upstream, { method, basicEncoding })
    if (answer.ok) return answer
    if (isClientRefused(answer) || mayHaveMissedClientId(answer, method)) continue
    throw refusal(answer, endpoint)
  }
  if (answer === undefined) throw new GatehouseError('internal', 'no method of client authentication')
  const methods = [...new Set(attempts.map(({ method }) => method))]
  const isUnclear = answer.error === undefined && answer.status !== 401
  const other = isUnclear ? 'the request was refused for another reason, ' : ''
  const hint = isClientRefused(answer) ? `: ${other}${hintFor(methods, known)}` : ''
  throw refusal(answer, endpoint, ` to ${methods.join(' and to ')}${hint}`)
}

/** RFC 6749 5.2: invalid_client. Some send unauthorized_client or nothing readable. */
function isClientRefused({ status, error }: EndpointAnswer): boolean {
  if (error === undefined) return status === 400 || status === 401 || status === 403
  return clientRefusal.test(error.error) || (status === 401 && error.error !== 'invalid_grant')
}

/** Salesforce sends invalid_client_id and invalid_client_credentials. */
const clientRefusal = /^(?:invalid|unauthorized)_client(?:_id|_secret|_credentials)?$/i

/** An upstream that reads only body credentials misses the client ID. */
function mayHaveMissedClientId({ error }: EndpointAnswer, method: ClientAuthMethod): boolean {
  return method === 'client_secret_basic' && error?.error === 'invalid_request'
}

function hintFor(methods: readonly ClientAuthMethod[], known: IssuerMetadata): string {
  const listed = known.token_endpoint_auth_methods_supported
  const lists = listed === undefined ? 'lists no methods' : `lists ${listed.slice(0, 8).join(', ') || 'none'}`
  const usesKey = methods.includes('private_key_jwt')
  const credential = usesKey ? 'the key or the client ID' : 'the client ID or the client secret'
  return `${credential} is wrong, or the client is registered for another method (discovery ${lists}; set clientAuthentication)`
}

export interface TokenAnswer {
  /** Undefined if there is none, or it is no bearer token (RFC 6749 7.1). */
  readonly accessToken: string | undefined
  readonly idToken: string | undefined
  readonly members: Readonly<Record<string, unknown>>
}

/** Throws `upstream_refused` for errors with status 200, `upstream_invalid` if unreadable. */
export function readTokenAnswer(answer: EndpointAnswer, endpoint = 'the token endpoint'): TokenAnswer {
  const { json: members, text } = answer
  if (!isJsonObject(members)) {
    if (answer.error !== undefined) throw refusal(answer, endpoint)
    const what = members === undefined ? `it is ${otherThanJson(text)}` : 'it is no JSON object'
    throw new GatehouseError('upstream_invalid', `${endpoint} sent an invalid response: ${what}`)
  }
  const [accessToken, idToken] = [members['access_token'], members['id_token']].map(tokenOf)
  if (answer.error !== undefined && idToken === undefined && accessToken === undefined) throw refusal(answer, endpoint)
  return { accessToken: isBearer(members['token_type']) ? accessToken : undefined, idToken, members }
}

function tokenOf(value: unknown): string | undefined {
  const token = typeof value === 'string' ? value.trim() : ''
  return /^[\x21-\x7e]+$/.test(token) ? token : undefined
}

/**
 * Whether the type is Bearer: some upstreams omit it or change its case, and Apigee sends
 * BearerToken. Another type is another kind of token.
 */
function isBearer(type: unknown): boolean {
  return typeof type !== 'string' || /^(?:bearer(?:token)?)?$/i.test(type.trim())
}
