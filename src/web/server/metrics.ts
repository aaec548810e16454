/** `/metrics` for Prometheus: on the public port with a token, or on a listener of its own. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { Secret } from '../../crypto/secret.ts'
import { GatehouseError } from '../../errors.ts'
import { asGatehouseError, endWithProblem, errorForLog, problemOf } from '../../http/problem.ts'
import { isAt } from '../api/sessions/session-check.ts'

const path = '/metrics'

export type MetricsFormat = 'prometheus' | 'openmetrics'

export interface RenderedMetrics {
  readonly contentType: string
  readonly text: string
}

export interface MetricsEndpointPorts {
  readonly render: (format: MetricsFormat) => Promise<RenderedMetrics>
  /** Bearer token of readers. Undefined: none is needed. */
  readonly token: Secret | undefined
  readonly reference: () => string
  readonly log: Logger
}

export type MetricsEndpoint = (request: IncomingMessage, response: ServerResponse) => Promise<void>

export const isMetrics = ({ url = '' }: IncomingMessage) => isAt(url, path)

export function metricsEndpoint({ render, token, reference, log }: MetricsEndpointPorts): MetricsEndpoint {
  return async (request, response) => {
    try {
      if (request.method !== 'GET' && request.method !== 'HEAD')
        throw new GatehouseError('method_not_allowed', 'only GET, HEAD here')
      if (token !== undefined && !isBearer(request, token))
        throw new GatehouseError('session_invalid', 'the token of /metrics is missing or differs', {
          text: 'Present the token of metrics.token as a Bearer token.',
        })
      const accepted = request.headers.accept ?? ''
      const { contentType, text } = await render(
        accepted.includes('application/openmetrics-text') ? 'openmetrics' : 'prometheus',
      )
      const headers = { 'content-type': contentType, 'content-length': Buffer.byteLength(text) }
      response.writeHead(200, { ...headers, ...fixedHeaders }).end(request.method === 'HEAD' ? undefined : text)
    } catch (thrown) {
      const error = asGatehouseError(thrown)
      const requestId = reference()
      const problem = problemOf(error, requestId)
      if (problem.status >= 500) log.error({ requestId, route: path, error: errorForLog(error) }, '/metrics failed')
      endWithProblem(response, problem, problem.status === 405 ? { allow: 'GET, HEAD' } : {})
    }
  }
}

const fixedHeaders = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', vary: 'accept' }

/** Compares hashes, which have one length, so that every guess takes the same time. */
function isBearer({ headers: { authorization = '' } }: IncomingMessage, token: Secret): boolean {
  const [, presented = ''] = /^Bearer ([\x21-\x7e]+)$/i.exec(authorization) ?? []
  const hashOf = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hashOf(presented), hashOf(token.reveal()))
}

/** A server that has nothing but `/metrics`. */
export function createMetricsServer(answer: MetricsEndpoint, reference: () => string): Server {
  return createServer({ requestTimeout: 10_000, headersTimeout: 5000 }, (request, response) => {
    if (isMetrics(request)) return void answer(request, response)
    endWithProblem(response, problemOf(new GatehouseError('not_found', 'only /metrics here'), reference()))
  })
}
