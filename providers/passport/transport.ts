/**
 * How a strategy of the passport-oauth2 family reaches its upstream: by the site's guarded fetch instead of the oauth library's own
 * requests, which have no limits, put access tokens into addresses, follow nothing but accept redirects as answers, and guess at
 * what is no JSON (oauth 0.10.2, lib/oauth2.js:105-210). Tokens go in headers, answers are JSON or an error in our words.
 */
import { z } from 'zod'
import { GatehouseError } from '../../src/errors.ts'
import type { Site } from '../../src/provider.ts'
import { refusal } from '../oidc/failure.ts'

export interface TokenRequest {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly parameters: Readonly<Record<string, string>>
}

/** What the token endpoint gave, as far as RFC 6749 5.1 and OIDC Core 3.1.3.3 go. */
const tokenAnswer = z.looseObject({
  access_token: z.string().min(1),
  token_type: z
    .string()
    .regex(/^bearer$/i)
    .optional(),
  id_token: z.string().optional(),
})
export type TokenAnswer = z.infer<typeof tokenAnswer>

/** @param tokenTypeRequired false for upstreams that leave it out */
export async function redeem(site: Site, request: TokenRequest, tokenTypeRequired = true): Promise<TokenAnswer> {
  const { url, clientId, clientSecret, parameters } = request
  const body = new URLSearchParams({ ...parameters, client_id: clientId, client_secret: clientSecret })
  const answer = await callJson(site, 'the token endpoint', url, { method: 'POST', body })
  const parsed = tokenAnswer.safeParse(answer)
  const incomplete = parsed.success && tokenTypeRequired && parsed.data.token_type === undefined
  if (!parsed.success || incomplete)
    throw new GatehouseError('upstream_invalid', 'the token endpoint gave no bearer token that can be used')
  return parsed.data
}

/** The upstream's JSON, whatever it is. Throws `upstream_unreachable`, `upstream_refused`, `upstream_invalid`. */
export async function callJson(site: Site, endpoint: string, url: string, init: RequestInit): Promise<unknown> {
  const response = await answerOf(site, endpoint, url, init)
  const answer = jsonOf(await response.text())
  if (!response.ok) throw refusedBy(response.status, errorOf(answer), endpoint)
  if (answer === undefined)
    throw new GatehouseError('upstream_invalid', `${endpoint} gave what cannot be accepted: it is not JSON`)
  return answer
}

async function answerOf(site: Site, endpoint: string, url: string, init: RequestInit): Promise<Response> {
  try {
    const headers = { accept: 'application/json', ...Object.fromEntries(new Headers(init.headers)) }
    return await site.fetch(url, { ...init, headers, redirect: 'manual' })
  } catch (cause) {
    if (cause instanceof GatehouseError) throw cause
    throw new GatehouseError('upstream_unreachable', `${endpoint} cannot be reached`)
  }
}

/** Which OAuth error an endpoint gave, for those who need to know more than the message. */
const errorsGiven = new WeakMap<GatehouseError, string>()

function refusedBy(status: number, error: string | undefined, endpoint: string): GatehouseError {
  const failure = refusal(status, error, endpoint)
  if (error !== undefined) errorsGiven.set(failure, error)
  return failure
}

/** The endpoint said no to the code, not to us. */
export function codeRefusal(failure: unknown, words: readonly string[] = ['invalid_grant']): boolean {
  return failure instanceof GatehouseError && words.includes(errorsGiven.get(failure) ?? '')
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function errorOf(answer: unknown): string | undefined {
  const error = typeof answer === 'object' && answer !== null && 'error' in answer ? answer.error : undefined
  return typeof error === 'string' ? error : undefined
}

/** The parts of the oauth library's OAuth2 that strategies call, ours in their place. */
export interface Wire {
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

export interface WireOptions {
  readonly site: Site
  readonly tokens: (code: string, parameters: Readonly<Record<string, string>>) => Promise<TokenAnswer>
  /** Where a fault goes that a callback of the strategy throws. */
  readonly failed: (fault: unknown) => void
}

export function wire({ site, tokens, failed }: WireOptions): Wire {
  return {
    getOAuthAccessToken(code, parameters, done) {
      tokens(code, parameters)
        .then((answer) => done(null, answer.access_token, undefined, answer), done)
        .catch(failed)
    },
    _request(method, url, headers, body, accessToken, done) {
      const authorization = accessToken ? { authorization: `Bearer ${accessToken}` } : {}
      const init = { method, headers: { ...authorization, ...headers }, ...(body ? { body: String(body) } : {}) }
      callJson(site, 'the userinfo endpoint', url, init)
        .then((answer) => done(null, JSON.stringify(answer), { statusCode: 200 }), done)
        .catch(failed)
    },
  }
}
