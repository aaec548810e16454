/**
 * Credentialed CORS of the API's headless rows, for pages of the tenants' `returnOrigins`. Never a
 * wildcard, and none for other rows (OP-54).
 */
import type { RequestHandler } from 'express'
import { isHeadlessOrigin } from '../../../http/headless-origin.ts'
import type { Handler } from '../../route.ts'
import type { Call, Shell } from '../../shell.ts'

/** The maximum in Chromium. */
const preflightSeconds = '7200'

/** Set before the request is read, so that the calling page can read every error. */
export function headlessCors({ tenants }: Pick<Shell, 'tenants'>): RequestHandler {
  return (request, response, next) => {
    const { origin } = request.headers
    response.vary('origin')
    if (isHeadlessOrigin(tenants.values(), origin))
      response.set({
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'location, retry-after, x-request-id',
      })
    next()
  }
}

/** @param methods of the path's headless rows */
export function headlessPreflight(methods: readonly string[]): Handler {
  const allowed = methods.map((method) => method.toUpperCase()).join(', ')
  return async ({ shell, request, response }: Call) => {
    const { origin } = request.headers
    response.vary('origin')
    if (isHeadlessOrigin(shell.tenants.values(), origin))
      response.set({
        'access-control-allow-origin': origin,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': allowed,
        'access-control-allow-headers': 'authorization, content-type',
        'access-control-max-age': preflightSeconds,
      })
    response.status(204).end()
  }
}
