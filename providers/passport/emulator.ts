/** An emulated brand on a real port. Faults are set by `fault` or on the page at `/`. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { applyFault } from '../oidc/emulator/apply-fault.ts'
import {
  type Claims,
  commonFaultNames,
  type Endpoint,
  type FaultName,
  Faults,
  type FaultValue,
  faultTable,
} from '../oidc/emulator/faults.ts'
import { newSigningKey, publicJwk } from '../oidc/emulator/keys.ts'
import { controlPage, escaped, messagePage } from '../oidc/emulator/pages.ts'
import { formOf, listen, logRequest, sendJson, sendPage, switchFaults } from '../oidc/emulator/server.ts'
import type { BrandEmulatorOptions, EmulatedBrand, EmulatedClient } from './emulated-brand.ts'
import { codeFlow } from './emulated-flow.ts'
import type { Endpoints } from './endpoints.ts'

export interface BrandEmulator {
  /** URL of its page, and its issuer. */
  readonly url: string
  /** The `endpoints` of a connection that uses it. */
  readonly endpoints: Endpoints
  readonly people: readonly Claims[]
  readonly counters: Readonly<Record<Endpoint, number>>
  /** Method, path and status of the last requests. */
  readonly requests: readonly string[]
  /** A JWT with these claims, as its SDKs and messages contain; adds `iss` and `iat`. */
  sign(claims: Claims): string
  fault(name: FaultName, value?: FaultValue): void
  /** Ends all faults and clears the counters. */
  reset(): void
  /** Signs with a new key and publishes only that one. */
  rotateKey(): Promise<void>
  close(): Promise<void>
}

export async function startBrandEmulator<C extends EmulatedClient>(
  brand: EmulatedBrand<C>,
  options: BrandEmulatorOptions<C>,
): Promise<BrandEmulator> {
  const { people, clients } = options
  const [first, untrustedKey] = await Promise.all([newSigningKey(), newSigningKey()])
  const { server, url, close } = await listen(options)
  const faults = new Faults()
  const requests: string[] = []
  const counters: Record<Endpoint, number> = { discovery: 0, keys: 0, authorize: 0, token: 0, userinfo: 0 }
  let key = first
  const flow = codeFlow(brand, { url, clients, people, faults, untrustedKey, key: () => key })

  async function serve(endpoint: Endpoint, request: IncomingMessage, response: ServerResponse, requestUrl: URL) {
    counters[endpoint] += 1
    const form = await formOf(request)
    if (await applyFault(endpoint, response, faults)) return
    if (endpoint === 'authorize') return flow.authorize(response, requestUrl.searchParams)
    if (endpoint === 'keys') return sendJson(response, { keys: [publicJwk(key)] })
    if (endpoint === 'userinfo') return flow.userinfo(request, response, requestUrl)
    if (request.method !== 'POST') return sendJson(response, { error: 'invalid_request' }, 405)
    flow.redeem(response, form)
  }

  async function rotateKey(): Promise<void> {
    key = await newSigningKey()
  }

  server.on('request', (request, response) => {
    const requestUrl = new URL(request.url ?? '/', url)
    request.on('error', () => undefined)
    logRequest(requests, request, response, requestUrl.pathname)
    const endpoint = endpointOf(requestUrl.pathname)
    if (endpoint !== undefined) return void serve(endpoint, request, response, requestUrl)
    if (requestUrl.pathname.startsWith('/signin/')) return flow.signIn(response, requestUrl)
    if (requestUrl.pathname === '/faults' && request.method === 'POST')
      return void switchFaults(request, response, { faults, rotateKey })
    if (requestUrl.pathname !== '/')
      return sendPage(response, messagePage('Page not found', 'The emulator’s page is at /.'), 404)
    const html = controlPage({
      upstream: brand.name,
      about: `<p>Issuer <code>${escaped(url)}</code></p>`,
      people,
      faults: [...commonFaultNames, ...brand.faults].map((name) => [name, faultTable[name]]),
      active: faults.names(),
      requests,
    })
    sendPage(response, html)
  })

  function endpointOf(path: string): Endpoint | undefined {
    const endpoints = ['authorize', 'token', 'userinfo', 'keys'] as const
    return endpoints.find((name) => brand.paths[name] === path)
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
    rotateKey,
    close,
  }
}
