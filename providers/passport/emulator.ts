/**
 * A brand on a real port, for tests and for the quickstart: an authorization code flow of its own with the brand's habits as data, people
 * who sign in by one click, and faults that can be switched by `fault` or on its own page at `/`.
 */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Claims,
  commonFaultNames,
  type Endpoint,
  type FaultName,
  Faults,
  type FaultValue,
  idTokenOf,
  isFaultName,
  toldOf,
  userinfoOf,
} from '../oidc/emulator/faults.ts'
import { newSigningKey, publicJwk } from '../oidc/emulator/keys.ts'
import { controlPage, messagePage, signInPage } from '../oidc/emulator/pages.ts'
import { strike } from '../oidc/emulator/strikes.ts'
import type { Endpoints } from './endpoints.ts'

export interface EmulatedClient {
  readonly clientId: string
  readonly redirectUris: readonly string[]
}

export interface BrandEmulatorOptions<C extends EmulatedClient> {
  /** Default 0: any free one. */
  readonly port?: number
  /** The name of this machine in its addresses; it listens on 127.0.0.1. Default localhost. */
  readonly host?: string
  readonly clients: readonly C[]
  /** Standard claims and the brand's own; `sub` is required. */
  readonly people: readonly Claims[]
}

/** One sign-in as the brand sees it. */
export interface SignIn<C extends EmulatedClient> {
  readonly client: C
  readonly person: Claims
  /** What was asked of the authorization endpoint. */
  readonly asked: URLSearchParams
  readonly issuer: string
  readonly faults: Faults
}

export interface TokenRefusal {
  readonly status: number
  readonly error: string
}

/** A brand's habits. */
export interface EmulatedBrand<C extends EmulatedClient> {
  readonly name: string
  /** `userinfo` is absent where there is none. */
  readonly paths: {
    readonly authorize: string
    readonly token: string
    readonly userinfo?: string
    readonly keys: string
  }
  /** Its faults besides those that all have. */
  readonly faults: readonly FaultName[]
  otherSpelling?(issuer: string): string
  readonly answerBy: 'query' | 'form post'
  /** What it says when the person goes away, and when the person (or it) says no. */
  readonly refusals: { readonly cancelled: string; readonly denied: string }
  /** Why it does not show its sign-in page. */
  objection?(asked: URLSearchParams): string | undefined
  /** Why the token endpoint refuses this client. */
  authenticate(client: C, form: URLSearchParams, issuer: string): TokenRefusal | undefined
  readonly unknownCode: TokenRefusal
  /** What comes with the code besides. */
  brings?(signIn: SignIn<C>): Readonly<Record<string, string>>
  idTokenClaims(signIn: SignIn<C>): Claims
  userinfoClaims?(person: Claims, faults: Faults): Claims
  /** What the token endpoint says besides the tokens. */
  tokenWords(signIn: SignIn<C>): Claims
  /** Default true. */
  readonly echoesNonce?: boolean
}

export interface BrandEmulator {
  /** Its page, and its issuer. */
  readonly url: string
  /** The `endpoints` of a connection that uses it instead of the brand. */
  readonly endpoints: Endpoints
  readonly people: readonly Claims[]
  readonly counters: Readonly<Record<Endpoint, number>>
  /** Method, path and status of the last requests. */
  readonly requests: readonly string[]
  /** A JWT of these claims by its key, as its SDKs and its messages bring them; `iss` and `iat` are added. */
  sign(claims: Claims): string
  fault(name: FaultName, value?: FaultValue): void
  /** Ends all faults and sets the counters to 0. */
  reset(): void
  /** From now on another key signs, and only that one is published. */
  rotateKey(): Promise<void>
  close(): Promise<void>
}

const requestsKept = 50
const codeMs = 60_000

export async function startBrandEmulator<C extends EmulatedClient>(
  brand: EmulatedBrand<C>,
  options: BrandEmulatorOptions<C>,
): Promise<BrandEmulator> {
  const { host = 'localhost', people, clients } = options
  const server = createServer()
  server.listen(options.port ?? 0, '127.0.0.1')
  const [[first, stranger]] = await Promise.all([
    Promise.all([newSigningKey(), newSigningKey()]),
    once(server, 'listening'),
  ])
  const url = `http://${host}:${(server.address() as AddressInfo).port}`
  const faults = new Faults()
  const requests: string[] = []
  const counters: Record<Endpoint, number> = { discovery: 0, keys: 0, authorize: 0, token: 0, userinfo: 0 }
  const pending = new Map<string, { readonly client: C; readonly asked: URLSearchParams }>()
  const codes = new Map<string, SignIn<C> & { readonly until: number }>()
  const tokens = new Map<string, Claims>()
  let key = first

  function authorize(response: ServerResponse, asked: URLSearchParams): void {
    const client = clients.find(({ clientId }) => clientId === asked.get('client_id'))
    const objection = client === undefined ? 'invalid_client' : objectionTo(client, asked)
    if (client === undefined || objection !== undefined)
      return page(response, 400, messagePage('Something is wrong with that link', `${brand.name} says: ${objection}`))
    const id = newToken()
    pending.set(id, { client, asked })
    const hint = asked.get('login_hint') ?? undefined
    page(
      response,
      200,
      signInPage({ upstream: brand.name, people, client: client.clientId, hint, path: `/signin/${id}` }),
    )
  }

  function objectionTo(client: C, asked: URLSearchParams): string | undefined {
    if (!client.redirectUris.includes(asked.get('redirect_uri') ?? '')) return 'redirect_uri_mismatch'
    if (asked.get('response_type') !== 'code') return 'unsupported_response_type'
    const method = asked.get('code_challenge_method')
    if (asked.has('code_challenge') && method !== 'S256') return 'invalid_request: only S256 is known'
    return brand.objection?.(asked)
  }

  function signIn(response: ServerResponse, to: URL): void {
    const started = pending.get(to.pathname.slice('/signin/'.length))
    const person = people.find(({ sub }) => sub === to.searchParams.get('as'))
    const cancelled = to.searchParams.has('cancel')
    if (started === undefined || (person === undefined && !cancelled))
      return page(response, 400, messagePage('That sign-in is over', 'Go back to the app and start again.'))
    pending.delete(to.pathname.slice('/signin/'.length))
    const { client, asked } = started
    const { refusals } = brand
    if (person === undefined) return answer(response, asked, { error: refusals.cancelled })
    if (faults.has('denies')) return answer(response, asked, { error: refusals.denied })
    const entry = { client, person, asked, issuer: url, faults }
    const code = newToken()
    codes.set(code, { ...entry, until: Date.now() + codeMs })
    answer(response, asked, { code, ...brand.brings?.(entry) })
  }

  function answer(response: ServerResponse, asked: URLSearchParams, brought: Readonly<Record<string, string>>): void {
    const to = new URL(asked.get('redirect_uri') ?? '')
    const state = asked.get('state')
    const parameters = { ...(state !== null && { state }), ...brought }
    if (brand.answerBy === 'form post') return page(response, 200, formPostPage(to.href, parameters))
    for (const [name, value] of Object.entries(parameters)) to.searchParams.set(name, value)
    response.writeHead(302, { location: to.href, 'cache-control': 'no-store' }).end()
  }

  function redeem(response: ServerResponse, form: URLSearchParams): void {
    const client = clients.find(({ clientId }) => clientId === form.get('client_id'))
    const stranger = client === undefined ? { status: 401, error: 'invalid_client' } : undefined
    const refusal = stranger ?? (client && brand.authenticate(client, form, url))
    if (refusal !== undefined) return json(response, refusal.status, { error: refusal.error })
    const granted = codes.get(form.get('code') ?? '')
    codes.delete(form.get('code') ?? '')
    if (granted === undefined || granted.client !== client || !isRightfully(granted, form))
      return json(response, brand.unknownCode.status, { error: brand.unknownCode.error })
    const accessToken = newToken()
    tokens.set(accessToken, granted.person)
    json(response, 200, {
      access_token: accessToken,
      ...brand.tokenWords(granted),
      ...(faults.has('noTokenType') && { token_type: undefined }),
      ...(!faults.has('noIdToken') && { id_token: idToken(granted) }),
    })
  }

  function idToken(granted: SignIn<C>): string {
    const now = Math.floor(Date.now() / 1000)
    const { sub, ...rest } = toldOf(brand.idTokenClaims(granted), faults)
    const nonce = brand.echoesNonce === false ? undefined : (granted.asked.get('nonce') ?? undefined)
    const claims = {
      ...(!faults.has('thinIdToken') && rest),
      iss: faults.has('otherSpelling') ? (brand.otherSpelling?.(url) ?? url) : url,
      ...{ aud: granted.client.clientId, sub, iat: now, exp: now + 3600, nonce },
    }
    return idTokenOf(claims, key, stranger, faults)
  }

  function userinfo(request: IncomingMessage, response: ServerResponse, asked: URL): void {
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    const person = tokens.get(bearer ?? '')
    if (person === undefined || asked.search !== '')
      return json(response, 401, {
        error: 'invalid_token',
        error_description: 'A token goes in the Authorization header.',
      })
    json(response, 200, userinfoOf(brand.userinfoClaims?.(person, faults) ?? person, faults))
  }

  async function serve(endpoint: Endpoint, request: IncomingMessage, response: ServerResponse, asked: URL) {
    counters[endpoint] += 1
    const body = await textOf(request)
    if (await strike(endpoint, response, faults)) return
    if (endpoint === 'authorize') return authorize(response, asked.searchParams)
    if (endpoint === 'keys') return json(response, 200, { keys: [publicJwk(key)] })
    if (endpoint === 'userinfo') return userinfo(request, response, asked)
    if (request.method !== 'POST') return json(response, 405, { error: 'invalid_request' })
    redeem(response, new URLSearchParams(body))
  }

  async function switchFaults(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const wanted = new URLSearchParams(await textOf(request))
    const name = wanted.get('on') ?? wanted.get('off') ?? ''
    if (wanted.has('reset')) faults.reset()
    if (wanted.has('rotate')) key = await newSigningKey()
    if (isFaultName(name)) faults.set(name, !wanted.has('off'))
    response.writeHead(303, { location: '/' }).end()
  }

  server.on('request', (request, response) => {
    const asked = new URL(request.url ?? '/', url)
    request.on('error', () => undefined)
    if (asked.pathname !== '/' && asked.pathname !== '/favicon.ico') note(request, response, asked)
    const endpoint = endpointOf(asked.pathname)
    if (endpoint !== undefined) return void serve(endpoint, request, response, asked)
    if (asked.pathname.startsWith('/signin/')) return signIn(response, asked)
    if (asked.pathname === '/faults' && request.method === 'POST') return void switchFaults(request, response)
    if (asked.pathname !== '/') return page(response, 404, messagePage('Nothing here', 'The page is at /.'))
    const known = { upstream: brand.name, issuer: url, people, requests, initiateUrls: [] }
    page(
      response,
      200,
      controlPage({ ...known, faults: faults.list(), faultNames: [...commonFaultNames, ...brand.faults] }),
    )
  })

  function endpointOf(path: string): Endpoint | undefined {
    const { authorize: start, token, userinfo: person, keys } = brand.paths
    return path === start
      ? 'authorize'
      : path === token
        ? 'token'
        : path === person
          ? 'userinfo'
          : path === keys
            ? 'keys'
            : undefined
  }

  function note(request: IncomingMessage, response: ServerResponse, asked: URL): void {
    response.on('close', () => {
      const status = response.writableEnded ? response.statusCode : 'no answer'
      requests.unshift(`${new Date().toISOString().slice(11, 19)} ${request.method} ${asked.pathname} ${status}`)
      requests.length = Math.min(requests.length, requestsKept)
    })
  }

  return {
    url,
    endpoints: {
      authorization: url + brand.paths.authorize,
      token: url + brand.paths.token,
      ...(brand.paths.userinfo !== undefined && { userinfo: url + brand.paths.userinfo }),
      jwks: url + brand.paths.keys,
      issuer: url,
    },
    ...{ people, counters, requests },
    sign: (claims) => idTokenOf({ iss: url, iat: Math.floor(Date.now() / 1000), ...claims }, key, stranger, faults),
    fault: (name, value) => faults.set(name, value),
    reset() {
      faults.reset()
      for (const endpoint of Object.keys(counters)) Object.assign(counters, { [endpoint]: 0 })
    },
    async rotateKey() {
      key = await newSigningKey()
    },
    async close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** A code is for its address, its verifier and its minute. */
function isRightfully(
  { asked, until }: { readonly asked: URLSearchParams; readonly until: number },
  form: URLSearchParams,
): boolean {
  const challenge = asked.get('code_challenge')
  const verifier = form.get('code_verifier')
  const made = verifier && createHash('sha256').update(verifier).digest('base64url')
  return (
    Date.now() < until &&
    form.get('grant_type') === 'authorization_code' &&
    form.get('redirect_uri') === asked.get('redirect_uri') &&
    (challenge === null ? verifier === null : made === challenge)
  )
}

/** OAuth 2.0 Form Post Response Mode; the button is for browsers without scripts. */
function formPostPage(to: string, parameters: Readonly<Record<string, string>>): string {
  const inputs = Object.entries(parameters).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`,
  )
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Going back</title></head><body><form method="post" action="${escaped(to)}">${inputs.join('')}<button>Continue</button></form><script>document.forms[0].submit()</script></body></html>`
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

const newToken = (): string => randomBytes(24).toString('base64url')

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

function json(response: ServerResponse, status: number, body: object): void {
  response
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body))
}

function page(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(html)
}
