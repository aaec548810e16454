/** One line a request: what was asked (the route, never the address: it may hold codes), how it ended, how long it took. */
import type { RequestHandler, Response } from 'express'
import { referenceOf } from '../broker/trace.ts'
import type { Shell } from './shell.ts'

export function requestLog(shell: Shell): RequestHandler {
  return (request, response, next) => {
    const requestId = referenceOf(shell.parts.random(8))
    const startedAt = performance.now()
    response.locals['requestId'] = requestId
    response.set('x-request-id', requestId)
    response.on('close', () => {
      const route: unknown = request.route?.path
      const line = {
        requestId,
        method: request.method,
        route: typeof route === 'string' ? route : 'none',
        status: response.statusCode,
        ms: Math.round(performance.now() - startedAt),
        ...(response.writableEnded ? {} : { aborted: true }),
      }
      shell.log[typeof route === 'string' && quiet.has(route) ? 'debug' : 'info'](line, 'request')
    })
    next()
  }
}

/** Asked every few seconds by machines. */
const quiet = new Set(['/healthz', '/readyz', '/static/:file', '/static/marks/:file'])

export function requestIdOf(response: Response): string {
  const requestId: unknown = response.locals['requestId']
  return typeof requestId === 'string' ? requestId : 'none'
}
