/**
 * A brand on a real port, for tests and for the quickstart: an authorization code flow of its own with the brand's habits as data, people
 * who sign in by one click, and faults that can be switched by `fault` or on its own page at `/`.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { applyFault } from '../oidc/emulator/apply-fault.ts'
import {
  type Claims,
  commonFaultNames,
  type Endpoint,
  type FaultName,
  Faults,
  type FaultValue,
  isFaultName,
} from '../oidc/emulator/faults.ts'
import { newSigningKey, publicJwk } from '../oidc/emulator/keys.ts'
import { controlPage, messagePage } from '../oidc/emulator/pages.ts'
import type { BrandEmulatorOptions, EmulatedBrand, EmulatedClient } from './emulated-brand.ts'
import { codeFlow, json, page } from './emulated-flow.ts'
import type { Endpoints } from './endpoints.ts'

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

export async function startBrandEmulator<C extends EmulatedClient>(
  brand: EmulatedBrand<C>,
  options: BrandEmulatorOptions<C>,
): Promise<BrandEmulator> {
  const { host = 'localhost', people, clients } = options
  const server = createServer()
  server.listen(options.port ?? 0, '127.0.0.1')
  const [[first, untrustedKey]] = await Promise.all([
    Promise.all([newSigningKey(), newSigningKey()]),
    once(server, 'listening'),
  ])
  const url = `http://${host}:${(server.address() as AddressInfo).port}`
  const faults = new Faults()
  const requests: string[] = []
  const counters: Record<Endpoint, number> = { discovery: 0, keys: 0, authorize: 0, token: 0, userinfo: 0 }
  let key = first
  const flow = codeFlow(brand, { url, clients, people, faults, untrustedKey, key: () => key })

  async function serve(endpoint: Endpoint, request: IncomingMessage, response: ServerResponse, asked: URL) {
    counters[endpoint] += 1
    const body = await textOf(request)
    if (await applyFault(endpoint, response, faults)) return
    if (endpoint === 'authorize') return flow.authorize(response, asked.searchParams)
    if (endpoint === 'keys') return json(response, 200, { keys: [publicJwk(key)] })
    if (endpoint === 'userinfo') return flow.userinfo(request, response, asked)
    if (request.method !== 'POST') return json(response, 405, { error: 'invalid_request' })
    flow.redeem(response, new URLSearchParams(body))
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
    if (asked.pathname.startsWith('/signin/')) return flow.signIn(response, asked)
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
    sign: (claims) => flow.signed({ iss: url, iat: Math.floor(Date.now() / 1000), ...claims }),
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

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += chunk
  return text
}
