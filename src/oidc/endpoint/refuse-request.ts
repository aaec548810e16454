/**
 * Refusals before oidc-provider sees a request: a page for a browser, JSON for a program. The log
 * has the reference of the response; the reference on a page also finds a trace.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { isTraced, refusalTracer } from '../../broker/limits/refusal-traces.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import { errorTable, type GatehouseError } from '../../errors.ts'
import { errorTextOf, errorTexts } from '../../http/error-texts.ts'
import { errorForLog, logReference, retryHeader } from '../../http/problem.ts'
import type { PageLink } from '../../pages/parts.tsx'
import { sourceOf } from './rate-limits.ts'
import { routeOf, routes } from './routes.ts'

export interface RefuseRequestPorts extends Pick<CorePorts, 'now' | 'trace'> {
  readonly log: Logger
}

export function refuseRequest({ log, now, trace }: RefuseRequestPorts) {
  const traceRefusal = refusalTracer(trace, now)
  return async (error: GatehouseError, reference: string, request: IncomingMessage, response: ServerResponse) => {
    const { status } = errorTable[error.code]
    const path = request.url?.split('?')[0] ?? '/'
    const level = status >= 500 ? 'error' : 'info'
    log[level](
      { ...logReference(error, reference), route: routeOf(path), code: error.code, error: errorForLog(error) },
      'the OpenID Provider refused a request',
    )
    traceRefusal({ reference, error, source: sourceOf(request), tenant: undefined, connection: undefined })
    if (response.headersSent) return
    const isPage = wantsPage(path, request.headers.accept)
    const page = isPage ? await pageOf(error, reference, recoveryLink(request, path, error)) : undefined
    const body = page ?? jsonOf(error)
    response.writeHead(status, {
      'content-type': page === undefined ? 'application/json' : 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-length': Buffer.byteLength(body),
      ...retryHeader(error, status),
    })
    response.end(body)
  }
}

const pageRoutes: readonly string[] = [routes.authorization, routes.code_verification]

/** Browsers accept HTML when they navigate. */
export function wantsPage(path: string, accept: string | undefined): boolean {
  const isPageRoute = pageRoutes.some((route) => path === route || path.startsWith(`${route}/`))
  return isPageRoute && accept !== undefined && /\btext\/html\b/i.test(accept)
}

/** The same request if it can be repeated, or the page with the form. */
function recoveryLink({ method, url = '/' }: IncomingMessage, path: string, { code }: GatehouseError): PageLink {
  if (path === routes.code_verification && method === 'POST') return { href: path, label: 'Back to the code' }
  const isRepeatable = method === 'GET' && code !== 'request_invalid'
  return isRepeatable ? { href: url, label: 'Try again' } : { href: '/account', label: 'Go to your account' }
}

/** Undefined if the page code cannot be loaded. */
async function pageOf(error: GatehouseError, reference: string, link: PageLink): Promise<string | undefined> {
  const { fixer } = errorTable[error.code]
  const pages = await import('../../pages/error-page.tsx').catch(() => undefined)
  return pages?.errorPage({
    ...errorTextOf(error),
    code: error.code,
    fixer,
    links: [link],
    ...(isTraced(error.code) && { reference }),
  })
}

function jsonOf(error: GatehouseError): string {
  const { oauth } = errorTable[error.code]
  return JSON.stringify({ error: oauth, error_description: error.text ?? errorTexts[error.code].title })
}
