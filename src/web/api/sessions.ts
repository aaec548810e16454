/** `/api/v1`: JSON in, JSON out, problem documents for what fails (RFC 9457). */
import type { Request, Response } from 'express'
import { signInWithCredentials } from '../../broker/login/password-login.ts'
import { checkSession } from '../../broker/session/check-session.ts'
import { endAllOtherSessions, endSessionById } from '../../broker/session/end-session.ts'
import { profileIn, viewOf, withCurrentPermissions } from '../../broker/session/permissions.ts'
import type { Session } from '../../broker/session/session.ts'
import { GatehouseError } from '../../errors.ts'
import { sourceOf } from '../../http/destination.ts'
import { deviceOf } from '../../http/device.ts'
import { formOf, pathPart, requiredText, textField } from '../../http/fields.ts'
import { isSameOrigin } from '../../http/same-origin.ts'
import { sessionCheckPartsOf } from '../../http/session-check-parts.ts'
import { readSessionToken } from '../../http/session-token.ts'
import { sessionView, userView } from '../../http/views.ts'
import { canonicalEmail } from '../../profile/profile.ts'
import { sendProblem } from '../errors/failure.ts'
import type { Shell } from '../shell.ts'

/** `POST /api/v1/sessions` {tenant, email, password}: 201 with the session and, this once, its token. */
export async function createSession(shell: Shell, request: Request, response: Response): Promise<void> {
  const body = formOf(request)
  const tenant = shell.parts.connections.tenant(
    textField(body, 'tenant', 64) ?? shell.defaultTenant ?? requiredText(body, 'tenant'),
  )
  const connection = shell.parts.connections.passwordConnection(tenant)
  if (connection === null) throw new GatehouseError('connection_unknown', `tenant ${tenant.id} keeps no passwords`)
  const email = requiredText(body, 'email', 254).trim()
  const parameters = new URLSearchParams({ email, password: requiredText(body, 'password', 4096) })
  const loginRequest = {
    tenant: tenant.id,
    connection: connection.settings.id,
    returnTo: '/',
    browser: '',
  }
  const attempt = { email: canonicalEmail(email) ?? email, source: sourceOf(request), knownBrowser: undefined }
  const finished = await signInWithCredentials(
    shell.parts,
    loginRequest,
    parameters,
    attempt,
    deviceOf(request.headers['user-agent']),
  )
  if (finished.outcome === 'refused') return sendProblem(response, finished.error, finished.reference)
  sendJson(response, 201, { token: finished.token, session: sessionView(finished.session) })
}

export async function showSession(shell: Shell, request: Request, response: Response): Promise<void> {
  sendJson(response, 200, sessionView(await caller(shell, request)))
}

export async function deleteOwnSession(shell: Shell, request: Request, response: Response): Promise<void> {
  const session = await caller(shell, request)
  await endSessionById(shell.parts, session, session.id)
  response.status(204).end()
}

export async function listSessions(shell: Shell, request: Request, response: Response): Promise<void> {
  const session = await caller(shell, request)
  const sessions = await shell.parts.sessions.list(session.tenant, session.userId)
  sendJson(response, 200, {
    sessions: sessions
      .map((other) => withCurrentPermissions(other, shell.parts.now()))
      .map((other) => ({ ...sessionView(other), current: other.id === session.id })),
  })
}

export async function deleteSession(shell: Shell, request: Request, response: Response): Promise<void> {
  const session = await caller(shell, request)
  if (!(await endSessionById(shell.parts, session, pathPart(request, 'id'))))
    throw new GatehouseError('session_unknown', 'no such session of this user')
  response.status(204).end()
}

/** `DELETE /api/v1/sessions`: ends all but the caller's. */
export async function deleteOtherSessions(shell: Shell, request: Request, response: Response): Promise<void> {
  sendJson(response, 200, { ended: await endAllOtherSessions(shell.parts, await caller(shell, request)) })
}

/** `GET /api/v1/users/me`: the user as stored now, not as it was at sign-in. */
export async function showUser(shell: Shell, request: Request, response: Response): Promise<void> {
  const session = await caller(shell, request)
  const [user, identities] = await Promise.all([
    shell.parts.users.find(session.tenant, session.userId),
    shell.parts.users.identitiesOf(session.tenant, session.userId),
  ])
  if (user === null || user.status !== 'active')
    throw new GatehouseError('session_invalid', 'the user of the session is gone')
  const tenant = shell.tenants.get(session.tenant)
  const profile = profileIn(user, viewOf(tenant, session.connection, shell.parts.now()))
  sendJson(response, 200, userView(user, identities, profile))
}

/** The session of the request. A cookie counts for writing only from our own pages (SE-07). Throws `session_invalid`, `origin_refused`. */
export async function caller(shell: Shell, request: Request): Promise<Session> {
  const presented = readSessionToken(shell, request)
  const session =
    presented === null ? null : await checkSession(sessionCheckPartsOf(shell), presented.token, presented.source)
  if (presented === null || session === null) throw new GatehouseError('session_invalid', 'no live session')
  const writes = request.method !== 'GET' && request.method !== 'HEAD'
  if (writes && presented.source === 'cookie' && !isSameOrigin(request.headers, shell.publicUrl))
    throw new GatehouseError('origin_refused', 'a write with a cookie and no same-origin proof')
  return session
}

export function sendJson(response: Response, status: number, body: unknown): void {
  response.status(status).set('cache-control', 'no-store').json(body)
}
