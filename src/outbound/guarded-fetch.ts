/**
 * `fetch` for URLs from configuration or from an upstream: no private addresses (CF-01), no DNS
 * rebinding, since the resolved address is the one connected to, and limits on time and size. The
 * whole body is read before the response is returned.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { GatehouseError } from '../errors.ts'
import { type AllowList, allowListOf, isPublicAddress, withoutBrackets } from '../primitives/network-address.ts'
import { codingsOf, decodeContent } from './content-coding.ts'
import type { ProxyFor } from './proxy.ts'
import { ReceivedHeaders } from './received-headers.ts'
import { AddressRefused, openRoutes, type Routes, UnknownHost } from './routes.ts'
import { type Received, type ReceivedHead, sendRequest, TimedOut } from './send-request.ts'
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
    const startedAt = performance.now()
    try {
      const { signal, ...request } = await requestOf(input, init)
      const { direct, through, assertAllowedHost } = await routes
      if (proxy !== undefined) await assertAllowedHost(url, proxyResolves)
      const agent = proxy === undefined ? direct[scheme] : through(proxy)
      const received = await sendRequest(
        agent,
        { origin: url.origin, path: url.pathname + url.search, ...request },
        {
          timeoutMs: startedAt + timeoutMs - performance.now(),
          maxBytes,
          signal,
          refuse: (head) => refusalOf(head, url, maxBytes),
          tooLong: () => invalid(url, `answered with more than ${maxBytes} bytes`),
        },
      )
      return await responseOf(received, url, maxBytes)
    } catch (cause) {
      throw asUnreachable(cause, url, proxy, timeoutMs)
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

function refusalOf({ status, headers }: ReceivedHead, url: URL, maxBytes: number): GatehouseError | undefined {
  if (status >= 300 && status < 400)
    return invalid(url, `answered with a redirect${targetOf(headers.location, url)}, which is never followed`)
  if (codingsOf([headers['content-encoding'] ?? ''].flat().join()) === undefined)
    return invalid(url, 'compressed its answer with a method that is not supported')
  return Number(headers['content-length'] ?? 0) > maxBytes
    ? invalid(url, `answered with more than ${maxBytes} bytes`)
    : undefined
}

async function responseOf({ status, headers, content }: Received, url: URL, maxBytes: number): Promise<Response> {
  const codings = codingsOf([headers['content-encoding'] ?? ''].flat().join()) ?? []
  const decoded = codings.length === 0 ? content : await decodeContent(content, codings, maxBytes)
  if (decoded === undefined)
    throw invalid(url, `compressed its answer wrongly, or it has more than ${maxBytes} bytes when decompressed`)
  const received = new ReceivedHeaders(codings.length === 0 ? headers : withoutCoding(headers))
  return status === 204 || status === 205
    ? new Response(null, { status, headers: received })
    : new WholeResponse(decoded, { status, headers: received })
}

/** Headers that describe the compressed content. */
const ofCompressed: readonly string[] = ['content-encoding', 'content-length']

function withoutCoding(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofCompressed.includes(name)))
}

function invalid(url: URL, reason: string): GatehouseError {
  return new GatehouseError('upstream_invalid', `${nameOf(url)} ${reason}`)
}

/** The target of a redirect: often the URL that should be configured. */
function targetOf(location: string | readonly string[] | undefined, from: URL): string {
  const target = URL.parse([location ?? ''].flat()[0] ?? '', from)
  const isUsable = target !== null && /^https?:$/.test(target.protocol) && location !== undefined
  return isUsable ? ` to ${nameOf(target).slice(0, 200)}` : ''
}

function refused(url: URL, why: string): GatehouseError {
  return new GatehouseError('upstream_unreachable', `${nameOf(url)} is not called: ${why}`)
}

function asUnreachable(cause: unknown, url: URL, proxy: URL | undefined, timeoutMs: number): GatehouseError {
  if (cause instanceof GatehouseError) return cause
  if (cause instanceof AddressRefused) return refused(url, 'it leads to a private address, or is plain http')
  if (cause instanceof UnknownHost)
    return refused(url, 'its name cannot be resolved here; set outbound.proxyResolves if only the proxy resolves names')
  const why = cause instanceof TimedOut ? `no complete answer within ${timeoutMs} ms` : reasonOf(cause)
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
