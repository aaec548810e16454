/**
 * An Okta on a real port, for tests and for the quickstart: node-oidc-provider under Okta's addresses, with what Okta does and the
 * specifications leave open (a thin ID token, no `iss` in answers), people who sign in by one click, and faults that can be
 * switched by `fault` or on its own page at `/`.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { applyFault } from '../oidc/emulator/apply-fault.ts'
import {
  type Claims,
  discoveredFaultNames,
  type Endpoint,
  type FaultName,
  Faults,
  type FaultValue,
  idTokenOf,
  isFaultName,
  userinfoOf,
} from '../oidc/emulator/faults.ts'
import { claimsOf, newSigningKey, publicJwk } from '../oidc/emulator/keys.ts'
import { controlPage, messagePage, signInPage } from '../oidc/emulator/pages.ts'
import { type LogoutMessages, logoutMessages, orgMetadata, signedOutAddress } from './emulator-logout.ts'
import { openIdProvider } from './emulator-provider.ts'

export interface OktaClient {
  readonly clientId: string
  readonly clientSecret: string
  readonly redirectUris: readonly string[]
  /** Where the tile on the dashboard leads: Gatehouse's `…/initiate`. */
  readonly initiateLoginUri?: string
  /** Where its sign-out may lead to: Gatehouse's `…/signed-out`. */
  readonly postLogoutRedirectUris?: readonly string[]
  /** Where logout tokens go. Okta itself sends none; other issuers do. */
  readonly backchannelLogoutUri?: string
  /** Where Universal Logout goes: Gatehouse's `…/global-token-revocation`. */
  readonly globalTokenRevocationUri?: string
}

export interface OktaEmulatorOptions {
  /** Default 0: any free one. */
  readonly port?: number
  /** The name of this machine in its issuer; it listens on 127.0.0.1. Default localhost. */
  readonly host?: string
  /** '/oauth2/default' is a custom authorization server, '' the org's own. Default '/oauth2/default'. */
  readonly path?: string
  readonly clients: readonly OktaClient[]
  /** Standard claims, and `groups`; `sub` is required. */
  readonly people: readonly Claims[]
  /** Say who answers (RFC 9207). Okta does not. Default false. */
  readonly issParameter?: boolean
}

export interface OktaEmulator extends LogoutMessages {
  readonly issuer: string
  /** Its page. */
  readonly url: string
  readonly people: readonly Claims[]
  readonly counters: Readonly<Record<Endpoint, number>>
  fault(name: FaultName, value?: FaultValue): void
  /** Ends all faults and sets the counters to 0. */
  reset(): void
  /** An ID token as a native app's SDK gets it: not through Gatehouse. `changes` replace its claims. */
  idTokenFor(clientId: string, subject: string, nonce: string, changes?: Claims): string
  /** The sessions (`sid`) it told of, newest first. */
  readonly sids: readonly string[]
  /** The addresses people left for who signed out at its end_session_endpoint, newest first. */
  readonly signedOut: readonly string[]
  /** From now on another key signs, and only that one is published. */
  rotateKey(): Promise<void>
  close(): Promise<void>
}

const requestsKept = 50

export async function startOktaEmulator(options: OktaEmulatorOptions): Promise<OktaEmulator> {
  const { host = 'localhost', path = '/oauth2/default', people, clients } = options
  const [first, untrustedKey] = await Promise.all([newSigningKey(), newSigningKey()])
  const server = createServer()
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening') // nothing is waited for from here on: who calls already finds somebody to answer
  const url = `http://${host}:${(server.address() as AddressInfo).port}`
  const issuer = url + path
  const faults = new Faults()
  const requests: string[] = []
  const counters: Record<Endpoint, number> = { discovery: 0, keys: 0, authorize: 0, token: 0, userinfo: 0 }
  let key = first
  const signedOut: string[] = []
  const sids: string[] = []
  const messages = logoutMessages({ issuer, url, clients, faults, key: () => key, untrustedKey })
  const provider = openIdProvider({ issuer, isOrg: path === '', clients, people, key })

  provider.use(async (context, next) => {
    const endpoint = endpointOf(context.path, path === '')
    if (endpoint !== undefined) {
      counters[endpoint] += 1
      context.respond = false
      if (await applyFault(endpoint, context.res, faults)) return
      context.respond = true
    }
    await next()
    if (endpoint !== undefined && context.status === 200) context.body = rewritten(endpoint, context.body)
    const location: unknown = context.response.get('location')
    if (!options.issParameter && typeof location === 'string') context.set('location', withoutIss(location))
  })

  provider.silent = true // Koa would print every connection that a client gave up
  const handle = provider.callback() // after `use`: the order counts

  function rewritten(endpoint: Endpoint, body: unknown): unknown {
    if (endpoint === 'keys') return { keys: [publicJwk(key)] }
    if (!isClaims(body)) return body
    if (endpoint === 'userinfo') return userinfoOf(body, faults)
    if (endpoint === 'token') return { ...body, id_token: idToken(body['id_token']) }
    if (endpoint !== 'discovery') return body
    return {
      ...body,
      ...(!options.issParameter && { authorization_response_iss_parameter_supported: undefined }),
      ...(faults.has('otherIssuer') && { issuer: 'https://other.okta.example' }),
      ...faults.values('discovery'),
    }
  }

  function idToken(issued: unknown): string | undefined {
    if (typeof issued !== 'string' || faults.has('noIdToken')) return undefined
    const claims = claimsOf(issued)
    const person = faults.has('fullIdToken') ? people.find(({ sub }) => sub === claims['sub']) : undefined
    sids.unshift(randomUUID())
    const extra = { ver: 1, idp: '00o-emulated', amr: ['pwd'], auth_time: claims['iat'], sid: sids[0] }
    return idTokenOf({ ...person, ...extra, ...claims }, key, untrustedKey, faults)
  }

  async function signIn(request: IncomingMessage, response: ServerResponse, asked: URL): Promise<void> {
    try {
      const { params } = await provider.interactionDetails(request, response)
      const as = people.find(({ sub }) => sub === asked.searchParams.get('as'))
      if (asked.searchParams.has('cancel') || (as !== undefined && faults.has('denies')))
        return await provider.interactionFinished(request, response, {
          error: 'access_denied',
          error_description: 'User is not assigned to the client application.',
        })
      if (as !== undefined)
        return await provider.interactionFinished(request, response, {
          login: { accountId: String(as['sub']), remember: false },
        })
      const hint = typeof params['login_hint'] === 'string' ? params['login_hint'] : undefined
      page(
        response,
        200,
        signInPage({ upstream: 'Okta', people, client: String(params['client_id']), hint, path: asked.pathname }),
      )
    } catch {
      page(response, 400, messagePage('That sign-in is over', 'Go back to the app and start again.'))
    }
  }

  function idTokenFor(clientId: string, subject: string, nonce: string, changes: Claims = {}): string {
    const iat = Math.floor(Date.now() / 1000)
    const person = people.find(({ sub }) => sub === subject)
    const claims = { iss: issuer, aud: clientId, iat, exp: iat + 3600, auth_time: iat, amr: ['pwd'], nonce }
    return idTokenOf({ ...person, ...claims, sub: subject, ...changes }, key, untrustedKey, faults)
  }

  /** With a good hint Okta asks nothing. */
  function endSession(response: ServerResponse, asked: URL): void {
    const address = signedOutAddress(asked, clients, key)
    if (address === undefined)
      return page(
        response,
        400,
        messagePage('Not signed out', 'The post_logout_redirect_uri or the id_token_hint is wrong.'),
      )
    signedOut.unshift(address)
    response.writeHead(302, { location: address }).end()
  }

  async function signOutPerson(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const statuses = await messages.signOut(new URLSearchParams(await textOf(request)).get('sub') ?? '').catch(() => [])
    requests.unshift(`signed out everywhere: ${statuses.join(', ') || 'no app could be told'}`)
    response.writeHead(303, { location: '/' }).end()
  }

  async function switchFaults(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const wanted = new URLSearchParams(await textOf(request))
    const name = wanted.get('on') ?? wanted.get('off') ?? ''
    const value = wanted.get('value') ?? true
    if (wanted.has('reset')) faults.reset()
    if (wanted.has('rotate')) key = await newSigningKey()
    if (isFaultName(name)) faults.set(name, wanted.has('off') ? false : Number(value) > 1 ? Number(value) : value)
    response.writeHead(303, { location: '/' }).end()
  }

  server.on('request', (request, response) => {
    const asked = new URL(request.url ?? '/', url)
    request.on('error', () => undefined)
    if (asked.pathname !== '/' && asked.pathname !== '/favicon.ico') note(request, response, asked)
    if (asked.pathname.startsWith('/signin/')) return void signIn(request, response, asked)
    if (asked.pathname === '/faults' && request.method === 'POST') return void switchFaults(request, response)
    if (asked.pathname === '/sign-out' && request.method === 'POST') return void signOutPerson(request, response)
    if (asked.pathname === `${path === '' ? '/oauth2' : path}/v1/logout`) return endSession(response, asked)
    if (path !== '' && ['/.well-known/openid-configuration', '/oauth2/v1/keys'].includes(asked.pathname))
      return json(response, asked.pathname.endsWith('/keys') ? { keys: [publicJwk(key)] } : orgMetadata(url))
    if (asked.pathname === '/') {
      const initiateUrls = clients.flatMap(({ initiateLoginUri: to }) =>
        to === undefined ? [] : [`${to}?iss=${encodeURIComponent(issuer)}`],
      )
      return page(
        response,
        200,
        controlPage({
          upstream: 'Okta',
          faultNames: discoveredFaultNames,
          issuer,
          people,
          faults: faults.list(),
          requests,
          initiateUrls,
          signsOut: clients.some((client) => client.backchannelLogoutUri ?? client.globalTokenRevocationUri),
        }),
      )
    }
    if (!asked.pathname.startsWith(`${path}/`))
      return page(response, 404, messagePage('Nothing here', 'The page is at /.'))
    // node-oidc-provider makes its addresses from the Host header, and knows where it is mounted from originalUrl
    request.headers.host = new URL(url).host
    Object.assign(request, { originalUrl: request.url, url: (request.url ?? '').slice(path.length) })
    // every login asks who it is: no session of Okta's is carried over, so that a person can be several people in one browser
    if (endpointOf(request.url ?? '', path === '') === 'authorize') delete request.headers.cookie
    void handle(request, response)
  })

  function note(request: IncomingMessage, response: ServerResponse, asked: URL): void {
    response.on('close', () => {
      requests.unshift(
        `${new Date().toISOString().slice(11, 19)} ${request.method} ${asked.pathname} ${response.writableEnded ? response.statusCode : 'no answer'}`,
      )
      requests.length = Math.min(requests.length, requestsKept)
    })
  }

  return {
    issuer,
    url,
    people,
    counters,
    signedOut,
    sids,
    ...messages,
    idTokenFor,
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

function endpointOf(url: string, isOrg: boolean): Endpoint | undefined {
  const path = url.split('?')[0]
  const prefix = isOrg ? '/oauth2/v1' : '/v1'
  if (path === '/.well-known/openid-configuration') return 'discovery'
  const endpoints = ['keys', 'authorize', 'token', 'userinfo'] as const
  return endpoints.find((name) => path === `${prefix}/${name}`)
}

function withoutIss(location: string): string {
  if (!URL.canParse(location)) return location
  const url = new URL(location)
  url.searchParams.delete('iss')
  return url.href
}

const isClaims = (value: unknown): value is Claims =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}

function json(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function page(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(html)
}
