/**
 * The provider's addresses, answered ahead of Express. Whatever a request says of host and scheme, the provider hears of the one public
 * address (OP-52): it builds addresses and checks audiences by it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { admitDeviceCode } from '../broker/limits.ts'
import type { Parts } from '../broker/parts.ts'
import { errorTable, GatehouseError } from '../errors.ts'
import { isSameOrigin } from '../http/origin.ts'
import { asGatehouseError, errorForLog, retryHeader } from '../http/problem.ts'
import { noteAnswer } from '../http/request-log.ts'
import { admitRequest, noteSource } from './admission.ts'
import type { OpenIdProvider } from './open.ts'
import { methodsOf, routeOf, routes, shownCode } from './routes.ts'

export interface Doors {
  readonly openId: OpenIdProvider
  readonly publicUrl: URL
  readonly log: Logger
  readonly parts: Pick<Parts, 'counters' | 'now' | 'random'>
  /** CIDRs whose X-Forwarded-For counts. */
  readonly trustedProxies: readonly string[]
}

export function isOpenId(request: IncomingMessage): boolean {
  return methodsOf(request.url ?? '') !== undefined
}

export async function answerOpenId(doors: Doors, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { publicUrl, log, openId, parts } = doors
  const allowed = methodsOf(request.url ?? '') ?? []
  const path = request.url?.split('?')[0] ?? '/'
  noteAnswer(doors, request.method, () => routeOf(path), response, path)
  noteSource(request, doors.trustedProxies)
  setHeaders(response, publicUrl)
  if (!allowed.includes(request.method ?? ''))
    return refuse(response, 405, 'invalid_request', `only ${allowed.join(', ')} here`, { allow: allowed.join(', ') })
  if (path === routes.code_verification && request.method === 'POST' && !isSameOrigin(request.headers, publicUrl))
    return refuse(response, 403, 'access_denied', 'a form from another site')
  // the library's answer to a link that brings a code is a page with a script: ours has the code in its form
  if (path === routes.code_verification) request.url = withCodeShown(request.url ?? '/')
  tellPublicAddress(request, publicUrl)
  try {
    if (path === routes.authorization && request.method === 'POST') return await asLink(request, response)
    if (path === routes.code_verification && request.method === 'POST') await admitDeviceCode(parts.counters)
    await admitRequest(parts, request, path)
    await openId.answer(request, response)
  } catch (thrown) {
    const error = asGatehouseError(thrown)
    const { status, oauth, title } = errorTable[error.code]
    const level = status >= 500 ? 'error' : 'info'
    log[level]({ route: path, code: error.code, error: errorForLog(error) }, 'the OpenID provider cannot answer')
    refuse(response, status, oauth, title, retryHeader(error, status))
  }
}

/** Every `user_code` of the address under our name for it, however it is written. */
function withCodeShown(address: string): string {
  const [path = '/', query = ''] = address.split(/\?(.*)/s)
  const pairs = [...new URLSearchParams(query)].map(([name, value]) => [name === 'user_code' ? shownCode : name, value])
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`
}

const mostCharacters = 8000

/** A request in a form (OIDC Core 3.1.2.1) comes from another site without our Lax cookies: as a link it brings them. */
async function asLink(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let form = ''
  for await (const chunk of request.setEncoding('utf8')) {
    form += chunk
    if (form.length > mostCharacters) throw new GatehouseError('request_too_large', 'an authorization request too long')
  }
  response.writeHead(303, {
    location: `${routes.authorization}?${new URLSearchParams(form)}`,
    'cache-control': 'no-store',
  })
  response.end()
}

function tellPublicAddress({ headers }: IncomingMessage, { host, protocol }: URL): void {
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

function refuse(
  response: ServerResponse,
  status: number,
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) return
  const body = JSON.stringify({ error, error_description: description })
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(body),
    ...headers,
  })
  response.end(body)
}
