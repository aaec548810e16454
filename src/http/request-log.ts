/** One line a request: what was asked (the route, never the address: it may hold codes), how it ended, how long it took. */
import type { ServerResponse } from 'node:http'
import type { RequestHandler, Response } from 'express'
import type { Logger } from 'pino'
import type { CorePorts } from '../broker/ports/core-ports.ts'
import { referenceOf } from '../broker/trace.ts'

export function requestLog(shell: RequestLogParts): RequestHandler {
  return (request, response, next) => {
    const routeOf = () => (typeof request.route?.path === 'string' ? String(request.route.path) : 'none')
    response.locals['requestId'] = logResponse(shell, request.method, routeOf, response)
    next()
  }
}

interface RequestLogParts {
  readonly log: Logger
  readonly parts: Pick<CorePorts, 'random'>
}

/**
 * Writes the line when the answer is over. The id that stands in it, which the answer has too.
 * @param known the route, where it is known before the request is handled: nothing is done then for a line that nobody reads
 */
export function logResponse(
  { log, parts }: RequestLogParts,
  method: string | undefined,
  routeOf: () => string,
  response: ServerResponse,
  known?: string,
): string {
  const requestId = referenceOf(parts.random(8))
  response.setHeader('x-request-id', requestId)
  if (known !== undefined && quietRoutes.has(known) && !log.isLevelEnabled('debug')) return requestId
  const startedAt = performance.now()
  response.on('close', () => {
    const route = routeOf()
    const line = {
      ...{ requestId, method, route, status: response.statusCode, ms: Math.round(performance.now() - startedAt) },
      ...(response.writableEnded ? {} : { aborted: true }),
    }
    log[quietRoutes.has(route) ? 'debug' : 'info'](line, 'request')
  })
  return requestId
}

/** Asked every few seconds by machines, at every call of an API, or by every app all day. What a token request was refused for is told (oidc/errors/error-responses.ts). */
const quietRoutes = new Set([
  '/healthz',
  '/readyz',
  '/static/:file',
  '/static/marks/:file',
  '/oauth2/introspect',
  '/oauth2/token',
])

export function requestIdOf(response: Response): string {
  const requestId: unknown = response.locals['requestId']
  return typeof requestId === 'string' ? requestId : 'none'
}
