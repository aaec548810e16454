/**
 * An emulated Okta on a real port, for tests and the quickstart: node-oidc-provider with Okta's
 * paths, ID tokens without profile claims, and no `iss` in authorization responses.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { applyFault } from '../oidc/emulator/apply-fault.ts'
import {
  type Claims,
  discoveredFaultNames,
  type Endpoint,
  type FaultName,
  Faults,
  type FaultValue,
  faultTable,
  idTokenOf,
  userinfoOf,
} from '../oidc/emulator/faults.ts'
import { claimsOf, newSigningKey, publicJwk } from '../oidc/emulator/keys.ts'
import { controlPage, escaped, messagePage, signInPage } from '../oidc/emulator/pages.ts'
import {
  formOf,
  type ListenOptions,
  listen,
  logRequest,
  redirect,
  sendJson,
  sendPage,
  switchFaults,
} from '../oidc/emulator/server.ts'
import type { OktaClient } from './emulator-client.ts'
import { type LogoutMessages, logoutMessages, orgMetadata, signedOutAddress } from './emulator-logout.ts'
import { openIdProvider } from './emulator-provider.ts'

export interface OktaEmulatorOptions extends ListenOptions {
  /** Custom authorization server; '' for the org's own. Default '/oauth2/default'. */
  readonly path?: string
  readonly clients: readonly OktaClient[]
  /** Standard claims and `groups`; `sub` is required. */
  readonly people: readonly Claims[]
  /** Send `iss` in authorization responses (RFC 9207). Okta does not. Default false. */
  readonly issParameter?: boolean
}

export interface OktaEmulator extends LogoutMessages {
  readonly issuer: string
  /** URL of its page. */
  readonly url: string
  readonly people: readonly Claims[]
  readonly counters: Readonly<Record<Endpoint, number>>
  /** Sets a fault, as the page at `/` does. */
  fault(name: FaultName, value?: FaultValue): void
  /** Ends all faults and clears the counters. */
  reset(): void
  /** An ID token as a native app receives it; `changes` replace its claims. */
  idTokenFor(clientId: string, subject: string, nonce: string, changes?: Claims): string
  /** The `sid` values it issued, newest first. */
  readonly sids: readonly string[]
  /** The redirects after logout, newest first. */
  readonly signedOut: readonly string[]
  /** Signs with a new key and publishes only that one. */
  rotateKey(): Promise<void>
  close(): Promise<void>
}

export async function startOktaEmulator(options: OktaEmulatorOptions): Promise<OktaEmulator> {
  const { path = '/oauth2/default', people, clients } = options
  const isOrg = path === ''
  const [first, untrustedKey] = await Promise.all([newSigningKey(), newSigningKey()])
  const { server, url, close } = await listen(options)
  const issuer = url + path
  const faults = new Faults()
  const requests: string[] = []
  const counters: Record<Endpoint, number> = { discovery: 0, keys: 0, authorize: 0, token: 0, userinfo: 0 }
  let key = first
  const signedOut: string[] = []
  const sids: string[] = []
  const messages = logoutMessages({ issuer, url, clients, faults, key: () => key, untrustedKey })
  const provider = openIdProvider({ issuer, isOrg, clients, people, key })

  provider.use(async (context, next) => {
    const endpoint = endpointOf(context.path, isOrg)
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

  provider.silent = true // Koa would log every aborted connection
  const handle = provider.callback() // after `use`: the order matters

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

  async function signIn(request: IncomingMessage, response: ServerResponse, requestUrl: URL): Promise<void> {
    try {
      const { params } = await provider.interactionDetails(request, response)
      const person = people.find(({ sub }) => sub === requestUrl.searchParams.get('as'))
      if (requestUrl.searchParams.has('cancel') || (person !== undefined && faults.has('denies')))
        return await provider.interactionFinished(request, response, {
          error: 'access_denied',
          error_description: 'User is not assigned to the client application.',
        })
      if (person !== undefined)
        return await provider.interactionFinished(request, response, {
          login: { accountId: String(person['sub']), remember: false },
        })
      const hint = typeof params['login_hint'] === 'string' ? params['login_hint'] : undefined
      const client = String(params['client_id'])
      sendPage(response, signInPage({ upstream: 'Okta', people, client, hint, path: requestUrl.pathname }))
    } catch {
      sendPage(response, messagePage('This sign-in has expired', 'Go back to the app and start again.'), 400)
    }
  }

  function idTokenFor(clientId: string, subject: string, nonce: string, changes: Claims = {}): string {
    const iat = Math.floor(Date.now() / 1000)
    const person = people.find(({ sub }) => sub === subject)
    const claims = { iss: issuer, aud: clientId, iat, exp: iat + 3600, auth_time: iat, amr: ['pwd'], nonce }
    return idTokenOf({ ...person, ...claims, sub: subject, ...changes }, key, untrustedKey, faults)
  }

  function endSession(response: ServerResponse, requestUrl: URL): void {
    const address = signedOutAddress(requestUrl, clients, key)
    if (address === undefined) {
      const text = 'The post_logout_redirect_uri or the id_token_hint is wrong.'
      return sendPage(response, messagePage('Not signed out', text), 400)
    }
    signedOut.unshift(address)
    redirect(response, address)
  }

  async function signOutPerson(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const subject = (await formOf(request)).get('sub') ?? ''
    const statuses = await messages.signOut(subject).catch(() => [])
    requests.unshift(`signed out everywhere: ${statuses.join(', ') || 'no app was notified'}`)
    redirect(response, '/', 303)
  }

  async function rotateKey(): Promise<void> {
    key = await newSigningKey()
  }

  function showControls(response: ServerResponse): void {
    const tiles = clients.flatMap(({ initiateLoginUri: to }) =>
      to === undefined
        ? []
        : [
            `<li><a href="${escaped(`${to}?iss=${encodeURIComponent(issuer)}`)}">Open ${escaped(new URL(to).host)} from the dashboard</a></li>`,
          ],
    )
    const signsOut = clients.some((client) => client.backchannelLogoutUri ?? client.globalTokenRevocationUri)
    const dashboard = tiles.length > 0 ? `<h2>Dashboard</h2><ul>${tiles.join('')}</ul>` : ''
    const html = controlPage({
      upstream: 'Okta',
      about: `<p>Issuer <code>${escaped(issuer)}</code></p>${dashboard}`,
      people,
      ...(signsOut && { personActions: signOutButton }),
      faults: discoveredFaultNames.map((name) => [name, faultTable[name]]),
      active: faults.names(),
      requests,
    })
    sendPage(response, html)
  }

  server.on('request', (request, response) => {
    const requestUrl = new URL(request.url ?? '/', url)
    request.on('error', () => undefined)
    logRequest(requests, request, response, requestUrl.pathname)
    if (requestUrl.pathname.startsWith('/signin/')) return void signIn(request, response, requestUrl)
    if (requestUrl.pathname === '/faults' && request.method === 'POST')
      return void switchFaults(request, response, { faults, rotateKey })
    if (requestUrl.pathname === '/sign-out' && request.method === 'POST') return void signOutPerson(request, response)
    if (requestUrl.pathname === `${isOrg ? '/oauth2' : path}/v1/logout`) return endSession(response, requestUrl)
    if (!isOrg && ['/.well-known/openid-configuration', '/oauth2/v1/keys'].includes(requestUrl.pathname))
      return sendJson(response, requestUrl.pathname.endsWith('/keys') ? { keys: [publicJwk(key)] } : orgMetadata(url))
    if (requestUrl.pathname === '/') return showControls(response)
    if (!requestUrl.pathname.startsWith(`${path}/`))
      return sendPage(response, messagePage('Page not found', 'The emulator’s page is at /.'), 404)
    // node-oidc-provider builds URLs from the Host header and finds its mount path in originalUrl
    request.headers.host = new URL(url).host
    Object.assign(request, { originalUrl: request.url, url: (request.url ?? '').slice(path.length) })
    // without Okta's session cookie, every login asks for the user
    if (endpointOf(request.url ?? '', isOrg) === 'authorize') delete request.headers.cookie
    void handle(request, response)
  })

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
    rotateKey,
    close,
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

function signOutButton({ sub }: Claims): string {
  return `<form method="post" action="/sign-out"><button name="sub" value="${escaped(String(sub))}">Sign out everywhere</button></form>`
}
