/**
 * Replaces the HTTP client of passport-oauth2 strategies by the guarded fetch. The oauth library
 * has no limits, puts tokens into URLs and guesses at responses that are no JSON (oauth 0.10.2,
 * lib/oauth2.js:105-210).
 */
import { GatehouseError } from '../../src/errors.ts'
import type { ConnectionContext } from '../../src/provider/provider.ts'
import { call, type EndpointRequest, otherThanJson, refusal } from '../oidc/endpoint/response.ts'
import { readTokenAnswer } from '../oidc/token/token-endpoint.ts'

export interface TokenRequest {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly parameters: Readonly<Record<string, string>>
}

/** The response as strategies expect it, and as Gatehouse reads it. */
export type TokenAnswer = Readonly<Record<string, unknown>> & {
  readonly access_token: string
  readonly id_token?: string | undefined
}

export async function redeem(context: ConnectionContext, request: TokenRequest): Promise<TokenAnswer> {
  const { url, clientId, clientSecret, parameters } = request
  const endpoint = 'the token endpoint'
  const body = new URLSearchParams({ ...parameters, client_id: clientId, client_secret: clientSecret })
  const answer = await call(context.fetch, endpoint, url, { method: 'POST', body })
  if (!answer.ok) throw refusal(answer, endpoint, hintFor(answer.error?.error))
  const { accessToken, idToken, members } = readTokenAnswer(answer)
  if (accessToken === undefined)
    throw new GatehouseError('upstream_invalid', 'the token endpoint sent no usable bearer token')
  return { ...members, access_token: accessToken, token_type: 'Bearer', id_token: idToken }
}

function hintFor(error: string | undefined): string {
  return error === 'invalid_client' ? ' to client_secret_post: client ID or client secret is wrong' : ''
}

/** Any JSON. Throws `upstream_unreachable`, `upstream_refused`, `upstream_invalid`. */
async function callJson(
  context: ConnectionContext,
  endpoint: string,
  url: string,
  init: EndpointRequest,
): Promise<unknown> {
  const answer = await call(context.fetch, endpoint, url, init)
  if (!answer.ok) throw refusal(answer, endpoint)
  if (answer.json === undefined)
    throw new GatehouseError(
      'upstream_invalid',
      `${endpoint} sent an invalid response: it is ${otherThanJson(answer.text)}`,
    )
  return answer.json
}

/** The methods of the oauth library's OAuth2 that strategies call. */
export interface OAuth2Transport {
  getOAuthAccessToken(code: string, parameters: Record<string, string>, done: TokenCallback): void
  _request(
    method: string,
    url: string,
    headers: Record<string, string> | null,
    body: string | Buffer | null,
    accessToken: string | null,
    done: AnswerCallback,
  ): void
}

type TokenCallback = (error: unknown, accessToken?: string, refreshToken?: string, answer?: TokenAnswer) => void
type AnswerCallback = (error: unknown, text?: string, response?: { readonly statusCode: number }) => void

export interface OAuth2TransportOptions {
  readonly context: ConnectionContext
  readonly tokens: (code: string, parameters: Readonly<Record<string, string>>) => Promise<TokenAnswer>
  /** Receives faults that the strategy's callback throws. */
  readonly failed: (fault: unknown) => void
}

export function oauth2Transport({ context, tokens, failed }: OAuth2TransportOptions): OAuth2Transport {
  return {
    getOAuthAccessToken(code, parameters, done) {
      tokens(code, parameters)
        .then((answer) => done(null, answer.access_token, undefined, answer), done)
        .catch(failed)
    },
    _request(method, url, headers, body, accessToken, done) {
      const authorization = accessToken ? { authorization: `Bearer ${accessToken}` } : {}
      const init = {
        method,
        headers: { ...authorization, ...lowerCased(headers ?? {}) },
        ...(body ? { body: String(body) } : {}),
      }
      callJson(context, 'the userinfo endpoint', url, init)
        .then((answer) => done(null, JSON.stringify(answer), { statusCode: 200 }), done)
        .catch(failed)
    },
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
