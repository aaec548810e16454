/**
 * `fetch` for URLs from configuration or from an upstream: no private addresses (CF-01), no DNS
 * rebinding, since the resolved address is the one connected to, and limits on time and size. The
 * whole body is read before the response is returned.
 */
import type { Dispatcher } from 'undici'
import { GatehouseError } from '../errors.ts'
import { type AllowList, allowListOf, isPublicAddress, withoutBrackets } from '../primitives/network-address.ts'
import { codingsOf, decodeContent } from './content-coding.ts'
import type { ProxyFor } from './proxy.ts'
import { AddressRefused, openRoutes, type Routes, UnknownHost } from './routes.ts'
import { WholeResponse } from './whole-response.ts'

export interface GuardedFetchOptions {
  /** Private hosts, addresses or CIDR ranges that may be called, by http too. Default none. */
  readonly allowPrivate?: readonly string[]
  /** Including the body. Default 5000. */
  readonly timeoutMs?: number
  /** Maximum body. Default 1 000 000. */
  readonly maxBytes?: number
  /** Trusted CAs in addition to Node's, PEM. */
  readonly ca?: readonly string[]
  /** Default: no proxy. */
  readonly proxyFor?: ProxyFor
  /** Lets the proxy resolve unknown names; it must refuse private addresses. Default false. */
  readonly proxyResolves?: boolean
}

export interface GuardedFetch {
  readonly fetch: typeof globalThis.fetch
  close(): Promise<void>
}

const formType = 'application/x-www-form-urlencoded;charset=UTF-8'

export function guardedFetch(options: GuardedFetchOptions = {}): GuardedFetch {
  const { allowPrivate = [], timeoutMs = 5000, maxBytes = 1_000_000, ca = [], proxyResolves = false } = options
  const { proxyFor = () => undefined } = options
  const allowList = allowListOf(allowPrivate)
  let routes: Promise<Routes> | undefined

  async function send(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const url = new URL(input instanceof Request ? input.url : input)
    const scheme = assertAllowedUrl(url, allowList)
    const proxy = proxyFor(url)
    routes ??= openRoutes({ allowList, timeoutMs, ca })
    // not AbortSignal.timeout, which fires even after the response
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(), timeoutMs)
    try {
      const { signal, ...request } = await requestOf(input, init)
      const { direct, through, assertAllowedHost } = await routes
      if (proxy !== undefined) await assertAllowedHost(url, proxyResolves)
      const agent = proxy === undefined ? direct[scheme] : through(proxy)
      const answer = await agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        ...request,
        signal: signal === undefined ? limit.signal : AbortSignal.any([limit.signal, signal]),
      })
      return await responseOf(answer, url, maxBytes)
    } catch (cause) {
      throw asUnreachable(cause, url, proxy, limit.signal.aborted ? timeoutMs : undefined)
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    fetch: send,
    async close() {
      await (await routes)?.close()
    },
  }
}

interface PlainRequest {
  readonly method: Dispatcher.HttpMethod
  readonly headers: Record<string, string>
  readonly body: string | Uint8Array | null
  readonly signal: AbortSignal | undefined
}

/** Avoids a `Request` where possible, since it costs as much as the call. */
async function requestOf(input: string | URL | Request, init: RequestInit = {}): Promise<PlainRequest> {
  const { body = null, method = 'GET', signal } = init
  const isForm = body instanceof URLSearchParams
  if (!(input instanceof Request) && (body === null || isForm)) {
    return {
      method: method.toUpperCase() as Dispatcher.HttpMethod,
      headers: {
        'accept-encoding': 'identity',
        ...(isForm && { 'content-type': formType }),
        ...headersOf(init.headers),
      },
      body: isForm ? body.toString() : null,
      signal: signal ?? undefined,
    }
  }
  const request = new Request(input, init)
  return {
    method: request.method as Dispatcher.HttpMethod,
    headers: { 'accept-encoding': 'identity', ...Object.fromEntries(request.headers) },
    body: request.body === null ? null : new Uint8Array(await request.arrayBuffer()),
    signal: request.signal,
  }
}

/** Headers by lower-case name. A `Headers` object costs as much as sending the request. */
function headersOf(headers: RequestInit['headers'] = {}): Record<string, string> {
  if (headers instanceof Headers || Symbol.iterator in headers) return Object.fromEntries(new Headers(headers))
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]))
}

/** Checks the scheme and literal addresses, which `connect.lookup` does not see. */
function assertAllowedUrl(url: URL, allowList: AllowList): 'http:' | 'https:' {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(url, 'use https')
  if (url.username !== '' || url.password !== '') throw refused(url, 'remove the user name from the URL')
  const host = withoutBrackets(url.hostname)
  const literal = url.hostname.startsWith('[') || /^[\d.]+$/.test(host) // URL normalizes 0x7f.1
  if (literal && !isPublicAddress(host) && !allowList.allowsHost(host)) throw refused(url, 'it is a private address')
  if (literal && url.protocol === 'http:' && !allowList.allowsHost(host)) throw refused(url, 'use https')
  return url.protocol
}

async function responseOf(answer: Dispatcher.ResponseData, url: URL, maxBytes: number): Promise<Response> {
  const status = answer.statusCode
  const invalid = (reason: string) => {
    answer.body.on('error', () => undefined).destroy()
    return new GatehouseError('upstream_invalid', `${nameOf(url)} ${reason}`)
  }
  const tooLong = () => invalid(`answered with more than ${maxBytes} bytes`)
  if (status >= 300 && status < 400)
    throw invalid(`answered with a redirect${targetOf(answer.headers['location'], url)}, which is never followed`)
  const codings = codingsOf([answer.headers['content-encoding'] ?? ''].flat().join())
  if (codings === undefined) throw invalid('compressed its answer with a method that is not supported')
  if (Number(answer.headers['content-length'] ?? 0) > maxBytes) throw tooLong()
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer.body) {
    size += chunk.length
    if (size > maxBytes) throw tooLong()
    chunks.push(chunk)
  }
  const content = await decodeContent(Buffer.concat(chunks), codings, maxBytes)
  if (content === undefined)
    throw invalid(`compressed its answer wrongly, or it has more than ${maxBytes} bytes when decompressed`)
  const headers: [string, string][] = []
  for (const [name, value] of Object.entries(answer.headers)) {
    if (codings.length > 0 && ofCompressed.includes(name)) continue
    if (typeof value === 'string') headers.push([name, value])
    else for (const one of value ?? []) headers.push([name, one])
  }
  return status === 204 || status === 205
    ? new Response(null, { status, headers })
    : new WholeResponse(content, { status, headers })
}

/** Headers that describe the compressed content. */
const ofCompressed: readonly string[] = ['content-encoding', 'content-length']

/** The target of a redirect: often the URL that should be configured. */
function targetOf(location: string | readonly string[] | undefined, from: URL): string {
  const target = URL.parse([location ?? ''].flat()[0] ?? '', from)
  const isUsable = target !== null && /^https?:$/.test(target.protocol) && location !== undefined
  return isUsable ? ` to ${nameOf(target).slice(0, 200)}` : ''
}

function refused(url: URL, why: string): GatehouseError {
  return new GatehouseError('upstream_unreachable', `${nameOf(url)} is not called: ${why}`)
}

function asUnreachable(
  cause: unknown,
  url: URL,
  proxy: URL | undefined,
  timedOutAfterMs: number | undefined,
): GatehouseError {
  if (cause instanceof GatehouseError) return cause
  if (cause instanceof AddressRefused) return refused(url, 'it leads to a private address, or is plain http')
  if (cause instanceof UnknownHost)
    return refused(url, 'its name cannot be resolved here; set outbound.proxyResolves if only the proxy resolves names')
  const why = timedOutAfterMs === undefined ? reasonOf(cause) : `no complete answer within ${timedOutAfterMs} ms`
  const through = proxy === undefined ? '' : ` through the proxy ${proxy.host}`
  return new GatehouseError('upstream_unreachable', `${nameOf(url)} cannot be reached${through}: ${why}`, { cause })
}

function reasonOf(cause: unknown): string {
  const proxyStatus = cause instanceof Error ? /^Proxy response \((\d+)\)/.exec(cause.message)?.[1] : undefined
  if (proxyStatus === '407') return 'it requires a user name and password (407): add them to its URL'
  if (proxyStatus !== undefined) return `it answered ${proxyStatus}`
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return code !== '' && code !== '0' ? code : cause instanceof Error ? cause.name : 'unknown reason'
}

/** The URL for messages, without the query, which may hold a code. */
function nameOf(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`
}
