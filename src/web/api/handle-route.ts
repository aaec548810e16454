/** Runs a row of the API: authenticates the caller, validates the request, sends the reply. */
import type { Request, Response } from 'express'
import type { z } from 'zod'
import { checkSession } from '../../broker/session/check-session.ts'
import type { Session } from '../../broker/session/session.ts'
import { GatehouseError } from '../../errors.ts'
import { sourceOf } from '../../http/destination.ts'
import { deviceOf } from '../../http/device.ts'
import { isSameOrigin } from '../../http/same-origin.ts'
import { sessionCheckPartsOf } from '../../http/session-check-parts.ts'
import { readSessionToken } from '../../http/session-token.ts'
import { refuseProblem } from '../errors/failure.ts'
import type { Shell } from '../shell.ts'
import { authenticateApp } from './authenticate-app.ts'
import type { ApiClient, ApiRoute, Caller, Callers } from './route.ts'

export function handleApiRoute(route: ApiRoute) {
  return async (shell: Shell, request: Request, response: Response): Promise<void> => {
    if (route.respond !== undefined) return route.respond(shell, request, response)
    await route.prepare?.(shell, request, response)
    const client = clientOf(shell, request)
    const caller = await authenticate[route.caller](shell, request, client)
    const params = route.params?.parse(request.params) ?? {}
    const body = route.body && readBody(route.body.schema, request.body)
    const reply = await route.handler?.({ shell, caller, params, body, client })
    if (reply === undefined) throw new GatehouseError('internal', `route ${route.id} has no handler`)
    if ('refused' in reply) return refuseProblem(shell, request, response, reply.refused)
    response.status(reply.status).set(reply.headers ?? {})
    if (reply.body === undefined) return void response.end()
    response.set('cache-control', 'no-store').json(reply.body)
  }
}

const authenticate: {
  readonly [C in Caller]: (shell: Shell, request: Request, client: ApiClient) => Promise<Callers[C]>
} = {
  anyone: async () => undefined,
  session: authenticateSession,
  developer: authenticateSession,
  app: (shell, _request, client) => authenticateApp(shell, client),
}

/** A cookie may write only from our own pages (SE-07). Throws `session_invalid`, `origin_refused`. */
async function authenticateSession(shell: Shell, request: Request): Promise<Session> {
  const presented = readSessionToken(shell, request)
  const session =
    presented === null ? null : await checkSession(sessionCheckPartsOf(shell), presented.token, presented.source)
  if (presented === null || session === null) throw new GatehouseError('session_invalid', 'no live session')
  const writes = request.method !== 'GET' && request.method !== 'HEAD'
  if (writes && presented.source === 'cookie' && !isSameOrigin(request.headers, shell.publicUrl))
    throw new GatehouseError('origin_refused', 'a write with a cookie and no same-origin proof')
  return session
}

function clientOf(shell: Shell, request: Request): ApiClient {
  return {
    authorization: request.headers.authorization,
    hasDpopProof: request.headers['dpop'] !== undefined,
    endpoint: new URL(request.path, shell.publicUrl),
    source: sourceOf(request),
    device: deviceOf(request.headers['user-agent']),
  }
}

/** Throws `request_invalid`, which names the first wrong member and never quotes its value. */
function readBody(schema: z.ZodType, body: unknown): unknown {
  const parsed = schema.safeParse(body ?? {})
  if (parsed.success) return parsed.data
  const problem = describeIssue(parsed.error.issues)
  const text = `The body of the request is invalid: ${problem}.`
  throw new GatehouseError('request_invalid', `invalid body: ${problem}`, { text })
}

function describeIssue([issue]: readonly z.core.$ZodIssue[]): string {
  if (issue === undefined) return 'unknown form'
  // of the alternatives of a union, the one that is nearest to what was sent
  if (issue.code === 'invalid_union' && issue.errors.length > 0)
    return describeIssue(issue.errors.toSorted((one, other) => one.length - other.length)[0] ?? [])
  const field = issue.path.join('.') || 'the body'
  if (issue.code === 'unrecognized_keys')
    return `unknown member ${issue.keys.slice(0, 5).join(', ').slice(0, 100)} in ${field}`
  const isMissing = issue.code === 'invalid_type' && issue.message.endsWith('received undefined')
  if (isMissing || (issue.code === 'too_small' && issue.minimum === 1)) return `${field} is missing`
  return `${field}: ${issue.message}`
}
