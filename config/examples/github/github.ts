/**
 * GitHub as a plugin: OAuth 2 without ID tokens. Authorization code with PKCE (accepted since July
 * 2025) and state; GET /user identifies the user, GET /user/emails has the email.
 * providers/PLUGINS.md explains it.
 */
import { createHash } from 'node:crypto'
import { boundAttributes } from 'gatehouse/attributes'
import { type ErrorCode, GatehouseError } from 'gatehouse/errors'
import { canonicalEmail, definedOnly, domainOf, isYes, type Profile, pictureUrlOf, textOf } from 'gatehouse/profile'
import {
  type Answer,
  type Challenge,
  type ConnectionContext,
  defineProvider,
  type Health,
  type Login,
  type LoginStart,
  type ProviderProfile,
} from 'gatehouse/provider'
import { fillable, secretText } from 'gatehouse/secret'
import { z } from 'zod'

const address = fillable(z.string()).refine(
  isSafeAddress,
  'must be an https URL (http only on localhost), without query, fragment and slash at the end',
)

const configSchema = z.strictObject({
  clientId: fillable(z.string().min(1)).describe('Client ID of the OAuth app. Required.'),
  clientSecret: secretText.describe(
    'Client secret that belongs to it, as an environment variable or file: reference. Required.',
  ),
  baseUrl: address
    .default('https://github.com')
    .describe(
      'Where people sign in, and the issuer of identities; your own GitHub Enterprise Server. Default https://github.com.',
    ),
  apiUrl: address
    .default('https://api.github.com')
    .describe('Its API: https://<host>/api/v3 of GitHub Enterprise Server. Default https://api.github.com.'),
})

type Config = z.infer<typeof configSchema>

interface Upstream {
  readonly config: Config
  readonly context: ConnectionContext
}

export const provider = defineProvider<Config>({
  kind: 'github',
  brand: { name: 'GitHub' },
  config: configSchema,
  read: ({ user, emails }) =>
    toldOf(parsed(userForm, user, 'the answer: its user'), parsed(emailsForm, emails ?? [], 'the answer: its emails')),
  open: (config, context) => {
    const upstream = { config, context }
    return {
      begin: (start) => begin(upstream, start),
      complete: (answer) => complete(upstream, answer),
      health: (signal) => health(upstream, signal),
      traits: { issuers: [config.baseUrl], providesAuthTime: false },
    }
  },
})

const memoForm = z.object({ connection: z.string(), codeVerifier: z.string().min(1) })

async function begin({ config, context }: Upstream, start: LoginStart): Promise<Challenge> {
  const { state, loginHint, reauthenticate = false } = start
  const codeVerifier = context.random(32)
  const url = new URL(`${config.baseUrl}/login/oauth/authorize`)
  url.search = new URLSearchParams({
    client_id: config.clientId,
    redirect_uri: context.callbackUrl.href,
    response_type: 'code',
    scope: 'read:user user:email',
    state,
    code_challenge: createHash('sha256').update(codeVerifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(loginHint !== undefined && loginHint.length <= 254 && { login: loginHint }),
    ...(reauthenticate && { prompt: 'select_account' }),
  }).toString()
  const memo = { connection: placeOf(context), codeVerifier }
  return { step: 'redirect', url, memo: memo satisfies z.infer<typeof memoForm> }
}

async function complete(upstream: Upstream, answer: Answer): Promise<Login> {
  const { config } = upstream
  const { record } = answer
  const memo = memoForm.safeParse(answer.memo)
  if (!memo.success || memo.data.connection !== placeOf(upstream.context))
    throw new GatehouseError('callback_malformed', 'this login was not begun by this connection')
  const code = readCallback(answer, config)
  const token = await record.step('token exchange', () => redeem(upstream, code, memo.data.codeVerifier))
  const user = await record.step('user', () => userOf(upstream, token))
  record.check({ name: 'id', ok: true, expected: 'a whole number above 0', got: 'a whole number above 0' })
  const emails = await record.step('emails', () => emailsOf(upstream, token))
  // the login name can change and be taken by others
  return { identity: { issuer: config.baseUrl, subject: String(user.id), ...toldOf(user, emails) }, evidence: {} }
}

/** Validates the callback and returns the code. */
function readCallback({ parameters, state, record }: Answer, { baseUrl }: Config): string {
  const names = ['state', 'code', 'iss', 'error']
  const twice = names.find((name) => parameters.getAll(name).length > 1)
  if (twice !== undefined) throw new GatehouseError('callback_malformed', `${twice} came twice`)
  const [given, code, issuer, error] = names.map((name) => parameters.get(name))
  const isOurs = given === state
  const stateCheck = { name: 'state', ok: isOurs, expected: 'the state of this login', got: stateGot(given, isOurs) }
  if (!isOurs) throw new GatehouseError('callback_malformed', 'the answer is of another login', { check: stateCheck })
  record.check(stateCheck)
  if (issuer) judgeIssuer(issuer, [baseUrl, `${baseUrl}/login/oauth`])
  if (error && code) throw new GatehouseError('callback_malformed', 'an error and a code came together')
  if (error) throw refusal(error, 'the sign-in page', 'sign_in_refused')
  if (!code || code.length > 1024)
    throw new GatehouseError('callback_malformed', 'there is no code, or none of a sensible length')
  return code
}

function stateGot(given: string | null | undefined, isOurs: boolean): string {
  if (isOurs) return 'the state of this login'
  return given ? 'another value' : 'none'
}

/** RFC 9207: never redeem the code of another server (mix-up). */
function judgeIssuer(got: string, expected: readonly string[]): void {
  if (expected.includes(got)) return
  const check = { name: 'iss of the answer', ok: false, expected: expected.join(' or '), got: textOf(got) ?? 'empty' }
  throw new GatehouseError('callback_invalid', 'the answer is of another issuer', { check })
}

const tokenForm = z.object({
  access_token: z
    .string()
    .min(1)
    .max(4096)
    .regex(/^[\x21-\x7e]+$/),
  token_type: z.string().regex(/^bearer$/i),
})

async function redeem(
  { config, context }: Upstream,
  code: string,
  codeVerifier: string,
  signal?: AbortSignal,
): Promise<string> {
  const endpoint = 'the token endpoint'
  const body = new URLSearchParams({
    client_id: config.clientId,
    client_secret: config.clientSecret.reveal(),
    code,
    code_verifier: codeVerifier,
    redirect_uri: context.callbackUrl.href,
  })
  const response = await ask(context, `${config.baseUrl}/login/oauth/access_token`, endpoint, {
    method: 'POST',
    headers: { accept: 'application/json' }, // otherwise it responds in form encoding
    body,
    ...(signal && { signal }),
  })
  const answer = await jsonOf(response, endpoint)
  const failure = z.object({ error: z.string() }).safeParse(answer) // has status 200
  if (failure.success) throw refusal(failure.data.error, endpoint)
  requireOk(response, endpoint)
  return parsed(tokenForm, answer, endpoint).access_token
}

/** A null or missing ID would merge many users into one (CVE-2026-82968), so it is refused. */
const userForm = z.looseObject({ id: z.int().positive() })
type GitHubUser = z.infer<typeof userForm>

async function userOf(upstream: Upstream, token: string): Promise<GitHubUser> {
  const endpoint = 'GET /user'
  const response = await askApi(upstream, '/user', token)
  requireOk(response, endpoint)
  const user = userForm.safeParse(await jsonOf(response, endpoint))
  if (user.success) return user.data
  const check = { name: 'id', ok: false, expected: 'a whole number above 0', got: 'something else' }
  throw new GatehouseError('upstream_invalid', `${endpoint} did not say who it is`, { check })
}

const emailsForm = z
  .array(z.object({ email: z.string(), primary: z.boolean(), verified: z.unknown().optional() }))
  .max(1000)
type Emails = z.infer<typeof emailsForm>

/** Empty if the user or their organization denied access. */
async function emailsOf(upstream: Upstream, token: string): Promise<Emails> {
  const endpoint = 'GET /user/emails'
  const response = await askApi(upstream, '/user/emails', token)
  const isLimited = response.headers.get('x-ratelimit-remaining') === '0'
  if ((response.status === 403 || response.status === 404) && !isLimited) return []
  requireOk(response, endpoint)
  return parsed(emailsForm, await jsonOf(response, endpoint), endpoint)
}

/** Pure. Only the primary address counts: the `email` of /user is not verified. */
function toldOf(user: GitHubUser, emails: Emails): ProviderProfile {
  const email = primaryOf(emails)
  const profile = definedOnly({
    email,
    name: textOf(user['name']),
    nickname: textOf(user['login']),
    pictureUrl: pictureUrlOf(user['avatar_url']),
  })
  const { email: _public, ...rest } = user
  const proven = email && { email: email.address, email_verified: email.verified }
  return { profile, attributes: boundAttributes(proven, rest) }
}

function primaryOf(emails: Emails): Profile['email'] {
  const primary = emails.find((one) => one.primary)
  const canonical = canonicalEmail(primary?.email)
  const isNoReply = canonical !== null && domainOf(canonical) === 'users.noreply.github.com'
  return canonical === null || isNoReply ? undefined : { address: canonical, verified: isYes(primary?.verified) }
}

/** Sends an invalid code: GitHub checks the credentials first. */
async function health(upstream: Upstream, signal: AbortSignal): Promise<Health> {
  const name = 'client credentials'
  const failure = await redeem(upstream, 'gatehouse-health', 'x'.repeat(43), signal).catch((error: unknown) => error)
  const ok = failure instanceof GatehouseError && failure.message.endsWith(`answered ${unknownCode}`)
  const detail = failure instanceof Error ? failure.message : 'a code that was never issued was redeemed'
  return ok
    ? { status: 'up', checks: [{ name, ok, detail: 'client id and secret are accepted' }] }
    : { status: 'down', checks: [{ name, ok, detail }] }
}

const unknownCode = 'bad_verification_code'

function askApi({ config, context }: Upstream, path: string, token: string): Promise<Response> {
  const headers = {
    accept: 'application/vnd.github+json',
    authorization: `Bearer ${token}`,
    'user-agent': 'gatehouse', // the API answers 403 without one
    'x-github-api-version': '2022-11-28',
  }
  return ask(context, `${config.apiUrl}${path}`, `GET ${path}`, { headers })
}

/** Only through `context.fetch`: it limits time and size and guards private addresses. */
async function ask(context: ConnectionContext, url: string, endpoint: string, init: RequestInit): Promise<Response> {
  try {
    return await context.fetch(url, { ...init, redirect: 'manual' })
  } catch (cause) {
    if (cause instanceof GatehouseError) throw cause
    throw new GatehouseError('upstream_unreachable', `${endpoint} cannot be reached`, { cause })
  }
}

function requireOk({ status }: Response, endpoint: string): void {
  if (status === 200) return
  const code: ErrorCode =
    status >= 500 || status === 429 || status === 403 ? 'upstream_unreachable' : 'upstream_invalid'
  throw new GatehouseError(code, `${endpoint} answered with status ${status}`)
}

/** Errors never contain a response: it has tokens. */
async function jsonOf(response: Response, endpoint: string): Promise<unknown> {
  try {
    return JSON.parse(await response.text())
  } catch {
    if (response.status !== 200) requireOk(response, endpoint)
    throw new GatehouseError('upstream_invalid', `${endpoint} did not answer with JSON`)
  }
}

function parsed<T>(form: z.ZodType<T>, answer: unknown, endpoint: string): T {
  const result = form.safeParse(answer)
  if (result.success) return result.data
  const place = result.error.issues[0]?.path.join('.') ?? ''
  throw new GatehouseError('upstream_invalid', `${endpoint} gave what cannot be read${place && ` at ${place}`}`)
}

const hints: Readonly<Record<string, string>> = {
  incorrect_client_credentials: ': client id or client secret is wrong',
  redirect_uri_mismatch: ': the callback URL is not the one of the OAuth app',
  application_suspended: ': GitHub has suspended the OAuth app',
}

/** The description is not quoted: anyone can write it into a URL. */
function refusal(error: string, endpoint: string, otherwise: ErrorCode = 'upstream_refused'): GatehouseError {
  const word = /^[a-z_]{1,64}$/.test(error) ? error : 'an error that cannot be read'
  const code: ErrorCode = error === 'access_denied' ? 'user_denied' : otherwise
  return new GatehouseError(code, `${endpoint} answered ${word}${hints[word] ?? ''}`)
}

/** Binds a memo to its connection. */
function placeOf({ tenant, connection }: ConnectionContext): string {
  return `${tenant}/${connection}`
}

function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text) || /[?#\s]|\/$/.test(text)) return false
  const { protocol, hostname, username, password } = new URL(text)
  const isLocal = protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3})$/.test(hostname)
  return username === '' && password === '' && (protocol === 'https:' || isLocal)
}
