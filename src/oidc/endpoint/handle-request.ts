/**
 * The provider's addresses, answered ahead of Express. Whatever a request says of host and scheme, the provider hears of the one public
 * address (OP-52): it builds addresses and checks audiences by it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { enforceDeviceCodeLimit } from '../../broker/limits/rate-limits.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { tokenId } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import type { CookieSettings } from '../../http/cookies.ts'
import type { OpenIdProvider } from '../../http/interaction.ts'
import { asGatehouseError } from '../../http/problem.ts'
import { logResponse } from '../../http/request-log.ts'
import { isSameOrigin } from '../../http/same-origin.ts'
import { tokenFromCookie } from '../../http/session-token.ts'
import { enforceRequestLimit, rememberSource, sourceOf } from './rate-limits.ts'
import { refuseRequest } from './refuse-request.ts'
import { methodsOf, routeOf, routes, shownCode } from './routes.ts'
import { normalizeQuery } from './space-lists.ts'

export interface EndpointParts {
  readonly openId: OpenIdProvider
  readonly keyRing: KeyRing
  readonly cookie: CookieSettings
  readonly publicUrl: URL
  readonly log: Logger
  readonly parts: Pick<CorePorts, 'counters' | 'now' | 'random' | 'trace'>
  /** CIDRs whose X-Forwarded-For counts. */
  readonly trustedProxies: readonly string[]
}

export function isOpenId(request: IncomingMessage): boolean {
  return methodsOf(request.url ?? '') !== undefined
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>

export function createEndpoint(endpointParts: EndpointParts): Answer {
  const { publicUrl, openId, parts } = endpointParts
  const refuse = refuseRequest(endpointParts)
  return async (request, response) => {
    const path = request.url?.split('?')[0] ?? '/'
    const reference = logResponse(endpointParts, request.method, () => routeOf(path), response, path)
    rememberSource(request, endpointParts.trustedProxies)
    setHeaders(response, publicUrl)
    try {
      assertMethod(request, response)
      if (isPlainOptions(request)) return void response.writeHead(204, { allow: allowedMethods(request) }).end()
      if (path === routes.code_verification) assertSameOriginForm(request, publicUrl)
      setPublicAddress(request, publicUrl)
      if (path === routes.authorization && request.method === 'POST') return await redirectAsGet(request, response)
      if (path === routes.authorization) request.url = normalizeQuery(request.url ?? '/')
      if (path === routes.code_verification && request.method === 'POST') await enforceCodeLimit(endpointParts, request)
      await enforceRequestLimit(parts, request, path)
      await openId.answer(request, response)
    } catch (thrown) {
      await refuse(asGatehouseError(thrown), reference, request, response)
    }
  }
}

async function enforceCodeLimit(endpointParts: EndpointParts, request: IncomingMessage): Promise<void> {
  const token = tokenFromCookie(endpointParts, request.headers.cookie)
  const session = token === null ? undefined : tokenId(token)
  await enforceDeviceCodeLimit(endpointParts.parts.counters, { source: sourceOf(request), session })
}

const allowedMethods = ({ url = '/' }: IncomingMessage) => (methodsOf(url) ?? []).join(', ')

/** RFC 9110 9.3.7. The library knows those of a browser alone, which asks for another page (CORS). */
function isPlainOptions({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] === undefined
}

function assertMethod(request: IncomingMessage, response: ServerResponse): void {
  const { method = '', url = '/' } = request
  if (methodsOf(url)?.includes(method) === true) return
  const allowed = allowedMethods(request)
  response.setHeader('allow', allowed)
  const sentence = `only ${allowed} here`
  throw new GatehouseError('method_not_allowed', sentence, { text: sentence })
}

function assertSameOriginForm(request: IncomingMessage, publicUrl: URL): void {
  if (request.method === 'POST' && !isSameOrigin(request.headers, publicUrl))
    throw new GatehouseError('origin_refused', 'a form from another site')
  // the library's answer to a link that brings a code is a page with a script: ours has the code in its form
  request.url = withShownCode(request.url ?? '/')
}

/** Every `user_code` of the address under our name for it, however it is written. */
function withShownCode(address: string): string {
  const [path = '/', query = ''] = address.split(/\?(.*)/s)
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => [name === 'user_code' ? shownCode : name, value])
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`
}

const maxFormLength = 8000

/** A request in a form (OIDC Core 3.1.2.1) comes from another site without our Lax cookies: as a link it brings them. */
async function redirectAsGet(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let form = ''
  for await (const chunk of request.setEncoding('utf8')) {
    form += chunk
    if (form.length > maxFormLength) throw new GatehouseError('request_too_large', 'an authorization request too long')
  }
  response.writeHead(303, {
    location: `${routes.authorization}?${new URLSearchParams(form)}`,
    'cache-control': 'no-store',
  })
  response.end()
}

function setPublicAddress({ headers }: IncomingMessage, { host, protocol }: URL): void {
  for (const name of Object.keys(headers))
    if (name.startsWith('x-forwarded') || name === 'forwarded') delete headers[name]
  headers.host = host
  headers['x-forwarded-proto'] = protocol.slice(0, -1)
}

const policy =
  "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

function setHeaders(response: ServerResponse, publicUrl: URL): void {
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('content-security-policy', policy)
  response.setHeader('referrer-policy', 'no-referrer')
  if (publicUrl.protocol === 'https:')
    response.setHeader('strict-transport-security', 'max-age=31536000; includeSubDomains')
}
