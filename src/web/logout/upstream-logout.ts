/** Logout messages from upstreams, and logout at the upstream. */
import type { Request, Response } from 'express'
import { enforceRefusalLimit, isUnverifiedMessage, recordRefusal } from '../../broker/limits/refusal-limits.ts'
import { isTraced, mayTraceRefusal } from '../../broker/limits/refusal-traces.ts'
import { openTrace } from '../../broker/login/attempt.ts'
import type { Session } from '../../broker/session/session.ts'
import { applyLogout, signOutOf } from '../../broker/session/upstream-logout.ts'
import { errorTable, type GatehouseError } from '../../errors.ts'
import { sourceOf, withQuery } from '../../http/destination.ts'
import { errorTexts } from '../../http/error-texts.ts'
import { formOf, parametersOf, pathPart, queryOf } from '../../http/fields.ts'
import { asGatehouseError, errorForLog, logReference, retryHeader } from '../../http/problem.ts'
import { redirect } from '../../http/respond.ts'
import type { LogoutMessage } from '../../provider/provider.ts'
import type { Shell, WithParts } from '../shell.ts'
import { sendRedirectPage } from '../sign-in/complete-sign-in.ts'
import { clearReturnCookie, type PostLogoutRedirectPorts, readReturnCookie } from './post-logout-redirect.ts'

export type UpstreamLogoutPorts = PostLogoutRedirectPorts &
  Pick<Shell, 'log' | 'publicUrl'> &
  WithParts<
    | 'appRegistry'
    | 'artifacts'
    | 'audit'
    | 'connections'
    | 'consents'
    | 'counters'
    | 'logouts'
    | 'publicUrl'
    | 'random'
    | 'sessionApps'
    | 'sessions'
    | 'trace'
    | 'users'
  >

/** True when the browser was sent to the upstream. A failing upstream does not stop the logout. */
export async function signOutEverywhere(
  shell: UpstreamLogoutPorts,
  response: Response,
  session: Session,
): Promise<boolean> {
  const upstreamLogoutUrl = await signOutOf(shell.parts, session)
  const address = await upstreamLogoutUrl?.().catch((error: unknown) => {
    shell.log.info({ tenant: session.tenant, error: errorForLog(error) }, 'signed out here, but not at the upstream')
    return undefined
  })
  if (address === undefined) return false
  sendRedirectPage(response, address, address.host)
  return true
}

/** Back from the upstream's sign-out. */
export async function showSignedOut(shell: UpstreamLogoutPorts, request: Request, response: Response): Promise<void> {
  const { tenant } = shell.parts.connections.get(pathPart(request, 'tenant'), pathPart(request, 'connection'))
  const app = readReturnCookie(shell, request)
  clearReturnCookie(shell, response)
  if (app !== null) return redirect(response, app.href)
  redirect(response, withQuery('/login', { tenant: tenant.id }))
}

/** The upstream reads only the status; the text is for its administrator. */
export function receiveLogout(endpoint: LogoutMessage['endpoint']) {
  return async (shell: UpstreamLogoutPorts, request: Request, response: Response): Promise<void> => {
    response.set('cache-control', 'no-store')
    const place = { tenant: pathPart(request, 'tenant'), connection: pathPart(request, 'connection') }
    const connection = shell.parts.connections.get(place.tenant, place.connection)
    const trace = openTrace(shell.parts, place)
    const source = sourceOf(request)
    const scope = { what: 'logout', ...place, source } as const
    try {
      enforceRefusalLimit(shell.parts, scope)
      const { ended, answer } = await applyLogout(shell.parts, connection, {
        ...messageOf(request),
        endpoint,
        record: trace,
      })
      trace.sessionsEnded(ended)
      shell.log.info({ ...place, endpoint, ended, reference: trace.reference }, 'an upstream ended sessions')
      if (endpoint === 'logout')
        return sendRedirect(
          request,
          response,
          answer ?? new URL(`/t/${place.tenant}/${place.connection}/signed-out`, shell.publicUrl),
        )
      response.status(endpoint === 'global-token-revocation' ? 204 : 200).end()
    } catch (thrown) {
      const error = asGatehouseError(thrown)
      if (mayTraceRefusal(shell.parts, source, error)) trace.refused(error)
      if (isUnverifiedMessage(error)) await recordRefusal(shell.parts, scope)
      const ours = error.code === 'internal' || error.code === 'store_unavailable'
      shell.log[ours ? 'error' : 'info'](
        {
          ...place,
          endpoint,
          ...logReference(error, trace.reference),
          code: error.code,
          error: errorForLog(error),
        },
        'refused',
      )
      response.set(retryHeader(error, statusOf(endpoint, error)))
      response.status(statusOf(endpoint, error)).json({
        error: 'invalid_request',
        error_description:
          error.check === undefined ? errorTexts[error.code].title : `the check of ${error.check.name} failed`,
        ...(isTraced(error.code) && { reference: trace.reference }),
      })
    }
  }
}

function messageOf(request: Request): Pick<LogoutMessage, 'parameters' | 'query' | 'body' | 'bearer'> {
  const isJson = request.is('json') === 'json'
  const body: unknown = request.body
  return {
    parameters: parametersOf(request.method === 'GET' ? queryOf(request) : isJson ? {} : formOf(request)),
    ...(request.method === 'GET' && { query: request.originalUrl.split('?').slice(1).join('?') }),
    body: isJson ? body : undefined,
    bearer: /^Bearer +([^ ]+)$/i.exec(request.headers.authorization ?? '')?.[1],
  }
}

/** Back-Channel Logout 2.8 has 400; Okta expects 401 and, for an unknown user, 404. */
function statusOf(endpoint: LogoutMessage['endpoint'], { code }: GatehouseError): number {
  if (code === 'upstream_invalid' || code === 'callback_invalid')
    return endpoint === 'global-token-revocation' ? 401 : 400
  if (code === 'user_unknown') return 404
  return errorTable[code].status
}

function sendRedirect(request: Request, response: Response, address: URL): void {
  if (request.method === 'GET') redirect(response, address.href)
  else sendRedirectPage(response, address, address.host)
}
