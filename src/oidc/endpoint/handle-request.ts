/**
 * The OpenID Provider's paths, served before Express. oidc-provider sees only the public URL,
 * whatever host and scheme a request names (OP-52): it builds URLs and checks audiences with it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { KeyFetches } from '../../broker/keys/key-fetches.ts'
import { enforceDeviceCodeLimit } from '../../broker/limits/rate-limits.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import { tokenId } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import type { CookieSettings } from '../../http/cookies.ts'
import type { OpenIdEndpoint, OpenIdProvider } from '../../http/interaction.ts'
import { tokenFromCookie } from '../../http/presented-credential.ts'
import { asGatehouseError } from '../../http/problem.ts'
import { logResponse } from '../../http/request/request-log.ts'
import { usualPolicy } from '../../http/respond.ts'
import { isSameOrigin } from '../../http/same-origin.ts'
import { enforceRequestLimit, rememberSource, sourceOf } from './rate-limits.ts'
import { refuseRequest } from './refuse-request.ts'
import { normalizeQuery } from './request-parameters.ts'
import { methodsOf, prefilledUserCode, routeOf, routes } from './routes.ts'

export interface EndpointPorts
  extends Pick<CorePorts, 'counters' | 'keyRing' | 'now' | 'publicUrl' | 'random' | 'trace'> {
  readonly openId: Pick<OpenIdProvider, 'answer'>
  readonly keyFetches: Pick<KeyFetches, 'note'>
  readonly cookie: CookieSettings
  readonly log: Logger
  /** CIDRs whose X-Forwarded-For is trusted. */
  readonly trustedProxies: readonly string[]
}

export function createEndpoint(ports: EndpointPorts): OpenIdEndpoint {
  const { publicUrl, openId } = ports
  const refuse = refuseRequest(ports)
  return {
    matches: ({ url = '' }) => methodsOf(url) !== undefined,
    async handle(request, response) {
      const path = request.url?.split('?')[0] ?? '/'
      const reference = logResponse(ports, request.method, response, routeOf(path))
      rememberSource(request, ports.trustedProxies)
      setHeaders(response, publicUrl)
      try {
        assertMethod(request, response)
        if (isPlainOptions(request)) return void response.writeHead(204, { allow: allowedMethods(request) }).end()
        if (path === routes.code_verification) prepareDevicePage(request, publicUrl)
        setPublicUrl(request, publicUrl)
        if (path === routes.authorization && request.method === 'POST') return await redirectAsGet(request, response)
        if (path === routes.authorization) request.url = normalizeQuery(request.url ?? '/')
        if (path === routes.code_verification && request.method === 'POST') await enforceCodeLimit(ports, request)
        normalizeHeaders(request)
        await enforceRequestLimit(ports, request, path)
        if (path === routes.jwks && request.method === 'GET')
          ports.keyFetches.note(request.headers['user-agent'], sourceOf(request))
        await openId.answer(request, response)
      } catch (thrown) {
        await refuse(asGatehouseError(thrown), reference, request, response)
      }
    },
  }
}

async function enforceCodeLimit(ports: EndpointPorts, request: IncomingMessage): Promise<void> {
  const token = tokenFromCookie(ports, request.headers.cookie)
  const session = token === null ? undefined : tokenId(token)
  await enforceDeviceCodeLimit(ports.counters, { source: sourceOf(request), session })
}

const allowedMethods = ({ url = '/' }: IncomingMessage) => (methodsOf(url) ?? []).join(', ')

/** RFC 9110 9.3.7. oidc-provider answers only preflight requests. */
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

function prepareDevicePage(request: IncomingMessage, publicUrl: URL): void {
  if (request.method === 'POST' && !isSameOrigin(request.headers, publicUrl))
    throw new GatehouseError('origin_refused', 'a form from another site')
  request.url = withShownCode(request.url ?? '/')
}

/** Renames `user_code`: oidc-provider would answer with a page that needs a script. */
function withShownCode(url: string): string {
  const [path = '/', query = ''] = url.split(/\?(.*)/s)
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => [
    name === 'user_code' ? prefilledUserCode : name,
    value,
  ])
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`
}

const maxFormLength = 8000

/** A cross-site form (OIDC Core 3.1.2.1) carries no SameSite=Lax cookies; a GET does. */
async function redirectAsGet(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let form = ''
  for await (const chunk of request.setEncoding('utf8')) {
    form += chunk
    if (form.length > maxFormLength)
      throw new GatehouseError('request_too_large', `an authorization request of more than ${maxFormLength} bytes`)
  }
  const location = `${routes.authorization}?${new URLSearchParams(form)}`
  response.writeHead(303, { location, 'cache-control': 'no-store' }).end()
}

function setPublicUrl({ headers }: IncomingMessage, { host, protocol }: URL): void {
  for (const name of Object.keys(headers))
    if (name.startsWith('x-forwarded') || name === 'forwarded') delete headers[name]
  headers.host = host
  headers['x-forwarded-proto'] = protocol.slice(0, -1)
}

/** Several spaces after the scheme (RFC 9110 11.4), and a form that does not say that it is one. */
function normalizeHeaders({ method, headers }: IncomingMessage): void {
  if (headers.authorization !== undefined) headers.authorization = headers.authorization.replace(/ +/, ' ')
  if (method === 'POST' && !headers['content-type']) headers['content-type'] = 'application/x-www-form-urlencoded'
}

function setHeaders(response: ServerResponse, publicUrl: URL): void {
  response.setHeader('x-content-type-options', 'nosniff')
  response.setHeader('content-security-policy', usualPolicy)
  response.setHeader('referrer-policy', 'no-referrer')
  if (publicUrl.protocol === 'https:')
    response.setHeader('strict-transport-security', 'max-age=31536000; includeSubDomains')
}
