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
import { fieldsOf, parametersOf, placeOf } from '../../http/fields.ts'
import { asGatehouseError, errorForLog, logReference, retryHeader } from '../../http/problem.ts'
import { redirect } from '../../http/respond.ts'
import type { LogoutMessage } from '../../provider/provider.ts'
import type { Call, PartsOf, Shell, WithParts } from '../shell.ts'
import { sendRedirectPage } from '../sign-in/complete-sign-in.ts'
import { type PostLogoutRedirectPorts, readReturnCookie, returnCookie } from './post-logout-redirect.ts'

export type UpstreamLogoutPorts = PostLogoutRedirectPorts &
  Pick<Shell, 'log' | 'publicUrl'> &
  PartsOf<typeof signOutOf> &
  PartsOf<typeof applyLogout> &
  WithParts<'connections' | 'counters' | 'random' | 'trace'>

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

/** Continues after the upstream's sign-out: to the app, or to the login page. */
export async function showSignedOut({ shell, request, response }: Call<UpstreamLogoutPorts>): Promise<void> {
  const place = placeOf(request)
  const { tenant } = shell.parts.connections.get(place.tenant, place.connection)
  const app = readReturnCookie(shell, request)
  returnCookie.clear(shell, response)
  if (app !== null) return redirect(response, app.href)
  redirect(response, withQuery('/login', { tenant: tenant.id, notice: 'signed-out' }))
}

/** The upstream reads only the status; the text is for its administrator. */
export function receiveLogout(endpoint: LogoutMessage['endpoint']) {
  return async (call: Call<UpstreamLogoutPorts>): Promise<void> => {
    const { shell, request, response } = call
    response.set('cache-control', 'no-store')
    const place = placeOf(request)
    const connection = shell.parts.connections.get(place.tenant, place.connection)
    const trace = openTrace(shell.parts, { ...place, purpose: 'logout' })
    const source = sourceOf(request)
    const scope = { what: 'logout', ...place, source } as const
    try {
      enforceRefusalLimit(shell.parts, scope)
      const message = { ...messageOf(request), endpoint, record: trace }
      const { ended, answer } = await applyLogout(shell.parts, connection, message)
      trace.sessionsEnded(ended)
      shell.log.info({ ...place, endpoint, ended, reference: trace.reference }, 'an upstream ended sessions')
      if (endpoint !== 'logout') return void response.status(endpoint === 'global-token-revocation' ? 204 : 200).end()
      const signedOut = new URL(`/t/${place.tenant}/${place.connection}/signed-out`, shell.publicUrl)
      sendRedirect(call, answer ?? signedOut)
    } catch (thrown) {
      const error = asGatehouseError(thrown)
      if (mayTraceRefusal(shell.parts, source, error)) trace.refused(error)
      if (isUnverifiedMessage(error)) await recordRefusal(shell.parts, scope)
      const level = error.code === 'internal' || error.code === 'store_unavailable' ? 'error' : 'info'
      const line = { ...place, endpoint, ...logReference(error, trace.reference), code: error.code }
      shell.log[level]({ ...line, error: errorForLog(error) }, 'refused')
      const status = statusOf(endpoint, error)
      response.set(retryHeader(error, status))
      response.status(status).json({
        error: 'invalid_request',
        error_description: error.check ? `the check of ${error.check.name} failed` : errorTexts[error.code].title,
        ...(isTraced(error.code) && { reference: trace.reference }),
      })
    }
  }
}

function messageOf(request: Request): Pick<LogoutMessage, 'parameters' | 'query' | 'body' | 'bearer'> {
  const isJson = request.is('json') === 'json'
  const body: unknown = request.body
  return {
    parameters: parametersOf(isJson && request.method !== 'GET' ? {} : fieldsOf(request)),
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

/** Chromium applies `form-action` to redirects after a form. */
export function sendRedirect({ request, response }: Pick<Call, 'request' | 'response'>, address: URL, name?: string) {
  if (request.method === 'GET') redirect(response, address.href)
  else sendRedirectPage(response, address, name ?? address.host)
}
