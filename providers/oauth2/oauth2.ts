/**
 * The engine for brands of OAuth 2.0 without ID tokens: authorization code flow with state and
 * PKCE. The brand's API says who the user is.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Secret } from '../../src/crypto/secret.ts'
import { GatehouseError } from '../../src/errors.ts'
import {
  type Answer,
  type Attributes,
  type Brand,
  type Challenge,
  type Connection,
  type ConnectionContext,
  defineProvider,
  type Health,
  type Login,
  type LoginStart,
  type Provider,
  type ProviderProfile,
  type Setup,
} from '../../src/provider/provider.ts'
import { attributesOf, type Claims, isSubject, profileOf } from '../oidc/claims/claims.ts'
import { presentMembers } from '../oidc/endpoint/optional.ts'
import { call, oauthErrorOf, refusal } from '../oidc/endpoint/response.ts'
import { credentialsVerdict, runCheck } from '../oidc/health.ts'
import { readCallback } from '../oidc/login/callback.ts'
import { newMemo, readMemo } from '../oidc/login/memo.ts'
import { readTokenAnswer } from '../oidc/token/token-endpoint.ts'
import { type ApiRequest, fetchApi } from './api.ts'

export type { ApiRequest } from './api.ts'

export interface OAuth2Config {
  readonly clientId: string
  readonly clientSecret: Secret
}

export interface OAuth2Endpoints {
  readonly authorization: string
  readonly token: string
  /** Issuer of the identities: the brand's own address. */
  readonly issuer: string
  /** `iss` of its authorization responses (RFC 9207), if it is another name. */
  readonly answerIssuer?: string
}

export interface OAuth2Traits<C extends OAuth2Config, A> {
  readonly kind: string
  readonly brand: Brand
  readonly config: z.ZodType<C>
  /** Setup steps at the brand. Default: our addresses alone. */
  setup?(config: C): Setup
  endpoints(config: C): OAuth2Endpoints
  scopes(config: C): readonly string[]
  /** False for a brand that refuses PKCE. Default true. */
  readonly pkce?: boolean
  /** Requests with the access token, by the key of their answer, in this order. */
  requests(config: C): Readonly<Record<string, ApiRequest>>
  readonly headers?: Readonly<Record<string, string>>
  /** The form of all answers together. */
  readonly answers: z.ZodType<A>
  /** The user's permanent ID; anything but a text refuses the login. */
  subject(answers: A): unknown
  /** The user in the names of OpenID Connect, with `groups`, and in the brand's own. */
  claims(answers: A, config: C): Claims
  /** Extra parameters of the authorization request. */
  parameters?(loginHint: string | undefined): Readonly<Record<string, string | undefined>>
  /** Parameters that come closest to a new sign-in, which OAuth 2.0 cannot prove. */
  readonly reauthentication?: Readonly<Record<string, string>>
  /** Error codes for a denial by the user. Default access_denied. */
  readonly denials?: readonly string[]
  /** The token endpoint's error codes for an invalid code. Default invalid_grant. */
  readonly unknownCodeErrors?: readonly string[]
  /** The token endpoint's error codes for wrong client credentials. Default invalid_client. */
  readonly clientErrors?: readonly string[]
}

export function oauth2Provider<C extends OAuth2Config, A>(traits: OAuth2Traits<C, A>): Provider {
  const { kind, brand, config } = traits
  return defineProvider<C>({
    kind,
    brand,
    config,
    setup: (configured) => traits.setup?.(configured),
    read: (captured, config) => profileFrom(traits, config, readAnswers(traits, captured)),
    open: (configured, context) => {
      const upstream = { traits, config: configured, context, endpoints: traits.endpoints(configured) }
      return {
        begin: (start) => begin(upstream, start),
        complete: (answer) => complete(upstream, answer),
        health: (signal) => probe(upstream, signal),
        traits: { issuers: [upstream.endpoints.issuer], providesAuthTime: false },
      } satisfies Connection
    },
  })
}

interface Upstream<C extends OAuth2Config, A> {
  readonly traits: OAuth2Traits<C, A>
  readonly config: C
  readonly context: ConnectionContext
  readonly endpoints: OAuth2Endpoints
}

const maxHintLength = 254
const secretsForm = z.object({ codeVerifier: z.string().min(1) })

async function begin<C extends OAuth2Config, A>(upstream: Upstream<C, A>, start: LoginStart): Promise<Challenge> {
  const { traits, config, context, endpoints } = upstream
  const { state, loginHint = '', reauthenticate = false } = start
  const codeVerifier = context.random(32)
  const challenge = createHash('sha256').update(codeVerifier).digest('base64url')
  const hint = loginHint !== '' && loginHint.length <= maxHintLength ? loginHint : undefined
  const parameters = {
    ...traits.parameters?.(hint),
    ...(reauthenticate && traits.reauthentication),
    client_id: config.clientId,
    redirect_uri: context.callbackUrl.href,
    response_type: 'code',
    state,
    scope: traits.scopes(config).join(' '),
    ...(traits.pkce !== false && { code_challenge: challenge, code_challenge_method: 'S256' }),
  }
  const url = new URL(endpoints.authorization)
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value)
  return { step: 'redirect', url, memo: newMemo(context, reauthenticate, { codeVerifier }) }
}

async function complete<C extends OAuth2Config, A>(upstream: Upstream<C, A>, answer: Answer): Promise<Login> {
  const { traits, config, context, endpoints } = upstream
  const { parameters, state, record } = answer
  const { codeVerifier } = readMemo(secretsForm, answer.memo, context)
  const { issuer, answerIssuer = issuer } = endpoints
  const named = parameters.get('iss') === answerIssuer ? answerIssuer : issuer
  const { code } = readCallback(parameters, state, named, record, traits.denials)
  const accessToken = await record.step('token exchange', () => redeem(upstream, code, codeVerifier))
  const headers = { 'user-agent': 'gatehouse', ...traits.headers, authorization: `Bearer ${accessToken}` }
  const answers = readAnswers(traits, await fetchApi(context, traits.requests(config), headers, record))
  const subject = traits.subject(answers)
  const check = { name: 'subject', ok: isSubject(subject), expected: 'an ID of the user', got: typeof subject }
  if (!isSubject(subject))
    throw new GatehouseError('upstream_invalid', 'the upstream sent no usable subject', { check })
  record.check(check)
  return { identity: { issuer, subject, ...profileFrom(traits, config, answers) }, evidence: {} }
}

function readAnswers<C extends OAuth2Config, A>({ answers }: OAuth2Traits<C, A>, said: Attributes): A {
  const read = answers.safeParse(said)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new GatehouseError('upstream_invalid', `the upstream sent an answer of another form: ${issue?.path.join('.')}`)
}

function profileFrom<C extends OAuth2Config, A>(traits: OAuth2Traits<C, A>, config: C, answers: A): ProviderProfile {
  const claims = presentMembers(traits.claims(answers, config))
  return {
    profile: profileOf(claims, undefined, 'groups'),
    attributes: attributesOf(claims, undefined),
  }
}

async function redeem<C extends OAuth2Config, A>(
  upstream: Upstream<C, A>,
  code: string,
  verifier: string,
): Promise<string> {
  const { traits, config, context, endpoints } = upstream
  const endpoint = 'the token endpoint'
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: context.callbackUrl.href,
    client_id: config.clientId,
    client_secret: config.clientSecret.reveal(),
    ...(traits.pkce !== false && { code_verifier: verifier }),
  })
  const answer = await call(context.fetch, endpoint, endpoints.token, { method: 'POST', body })
  const isOurs = isClientError(traits, answer.error?.error)
  const hint = isOurs ? ': client ID or client secret is wrong' : ''
  // some upstreams send errors with status 200
  if (!answer.ok || isOurs) throw refusal(answer, endpoint, hint)
  const { accessToken } = readTokenAnswer(answer)
  if (accessToken !== undefined) return accessToken
  throw new GatehouseError('upstream_invalid', 'the token endpoint sent no usable bearer token')
}

function isClientError<C extends OAuth2Config, A>(
  { clientErrors = ['invalid_client'] }: OAuth2Traits<C, A>,
  error: string | undefined,
): boolean {
  return error !== undefined && clientErrors.includes(error)
}

/** Sends an invalid code: the brand refuses the code if it knows us, otherwise us. */
async function probe<C extends OAuth2Config, A>(upstream: Upstream<C, A>, signal: AbortSignal): Promise<Health> {
  const check = await runCheck('client credentials', signal, async () => {
    try {
      await redeem(upstream, 'probe', upstream.context.random(32))
    } catch (failure) {
      if (isClientError(upstream.traits, oauthErrorOf(failure))) throw failure
      return credentialsVerdict(failure, upstream.traits.unknownCodeErrors)
    }
    throw new GatehouseError('upstream_invalid', 'the token endpoint accepted an invalid code')
  })
  return { status: check.ok ? 'up' : 'down', checks: [check] }
}
