/**
 * How the doors say no, before the provider hears of a request: a page to a person who came to an address that people visit, JSON to a
 * program. Both are found in the log by the reference that every answer has; that of a page leads to a trace too.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { isTraced, refusalTracer } from '../../broker/limits/refusal-traces.ts'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import { errorTable, type GatehouseError } from '../../errors.ts'
import { errorTextOf, errorTexts } from '../../http/error-texts.ts'
import { errorForLog, logReference, retryHeader } from '../../http/problem.ts'
import { lazy } from '../../primitives/lazy.ts'
import { sourceOf } from './rate-limits.ts'
import { routeOf, routes } from './routes.ts'

export interface RefuseRequestParts {
  readonly log: Logger
  readonly parts: Pick<CorePorts, 'now' | 'trace'>
}

const errorPage = lazy(async () => (await import('../../pages/error-page.tsx')).errorPage)

export function refuseRequest({ log, parts }: RefuseRequestParts) {
  const note = refusalTracer(parts.trace, parts.now)
  return async (error: GatehouseError, reference: string, request: IncomingMessage, response: ServerResponse) => {
    const { status } = errorTable[error.code]
    const path = request.url?.split('?')[0] ?? '/'
    const level = status >= 500 ? 'error' : 'info'
    log[level](
      { ...logReference(error, reference), route: routeOf(path), code: error.code, error: errorForLog(error) },
      'the OpenID provider cannot answer',
    )
    note({ reference, error, source: sourceOf(request), tenant: undefined, connection: undefined })
    if (response.headersSent) return
    const person = wantsPage(path, request.headers.accept)
    const page = person ? await pageOf(error, reference, recoveryLink(request, path, error)) : undefined
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

/** Browsers name HTML whenever a person goes somewhere. */
export function wantsPage(path: string, accept: string | undefined): boolean {
  const isVisited = pageRoutes.some((address) => path === address || path.startsWith(`${address}/`))
  return isVisited && accept !== undefined && /\btext\/html\b/i.test(accept)
}

/** Where it helps to wait: the same request once more. What a form held is gone, so from there it is the page with the form. */
function recoveryLink({ method, url = '/' }: IncomingMessage, path: string, { code }: GatehouseError): RecoveryLink {
  if (path === routes.code_verification && method === 'POST') return [path, 'Back to the code']
  const isOver = method !== 'GET' || code === 'request_invalid'
  return isOver ? ['/account', 'Go to your page'] : [url, 'Try again']
}

type RecoveryLink = readonly [href: string, label: string]

/** Undefined when pages cannot be made. */
async function pageOf(
  error: GatehouseError,
  reference: string,
  recoveryLink: RecoveryLink,
): Promise<string | undefined> {
  const { title, text } = errorTextOf(error)
  const { fixer } = errorTable[error.code]
  const [continueHref, continueLabel] = recoveryLink
  const make = await errorPage().catch(() => undefined)
  return make?.({
    title,
    text,
    fixer,
    ...(isTraced(error.code) && { reference }),
    continueHref,
    continueLabel,
  })
}

function jsonOf(error: GatehouseError): string {
  const { oauth } = errorTable[error.code]
  return JSON.stringify({ error: oauth, error_description: error.text ?? errorTexts[error.code].title })
}
