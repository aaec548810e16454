/** One log line per request, with the route instead of the URL, which may hold codes. */
import type { ServerResponse } from 'node:http'
import type { RequestHandler, Response } from 'express'
import type { Logger } from 'pino'
import type { CorePorts } from '../../broker/ports/core-ports.ts'
import { referenceOf } from '../../broker/trace.ts'

interface RequestLogPorts extends Pick<CorePorts, 'random'> {
  readonly log: Logger
}

export function requestLog(ports: RequestLogPorts): RequestHandler {
  return (request, response, next) => {
    const routeOf = () => (typeof request.route?.path === 'string' ? String(request.route.path) : 'none')
    response.locals['requestId'] = logResponse(ports, request.method, response, routeOf)
    next()
  }
}

/**
 * Sets the id of the request as a header, returns it, and logs it when the response ends.
 * @param route a function if it is known only after the request is handled
 */
export function logResponse(
  { log, random }: RequestLogPorts,
  method: string | undefined,
  response: ServerResponse,
  route: string | (() => string),
): string {
  const requestId = referenceOf(random(8))
  response.setHeader('x-request-id', requestId)
  if (typeof route === 'string' && isQuiet(route) && !log.isLevelEnabled('debug')) return requestId
  const startedAt = performance.now()
  response.on('close', () => {
    const name = typeof route === 'string' ? route : route()
    const ms = Math.round(performance.now() - startedAt)
    const line = { requestId, method, route: name, status: response.statusCode, ms }
    log[isQuiet(name) ? 'debug' : 'info']({ ...line, ...(!response.writableEnded && { aborted: true }) }, 'request')
  })
  return requestId
}

/** Frequent machine requests. oidc/errors/error-responses.ts logs refused token requests. */
const quietRoutes = new Set([
  '/healthz',
  '/readyz',
  '/favicon.ico',
  '/docs{/*path}',
  '/oauth2/introspect',
  '/oauth2/token',
])

/** Assets belong to a page, whose request is logged. */
const isQuiet = (route: string) => quietRoutes.has(route) || route.startsWith('/static/')

export function requestIdOf(response: Response): string {
  const requestId: unknown = response.locals['requestId']
  return typeof requestId === 'string' ? requestId : 'none'
}
