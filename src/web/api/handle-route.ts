/** Runs a row of the API: authenticates the caller, validates the request, sends the reply. */
import type { Request } from 'express'
import { authorize } from '../../broker/access/authorize.ts'
import type { RequiredPermission } from '../../broker/access/permission.ts'
import type { Refused } from '../../broker/login/outcome.ts'
import { checkCredential } from '../../broker/session/check-credential.ts'
import type { Session } from '../../broker/session/session.ts'
import { isCookie } from '../../broker/session/token-source.ts'
import { GatehouseError } from '../../errors.ts'
import { sourceOf } from '../../http/destination.ts'
import { deviceOf } from '../../http/device.ts'
import { parseBody, parseQuery, queryOf } from '../../http/fields.ts'
import { credentialRefused, credentialsConflict, readCredential } from '../../http/presented-credential.ts'
import { type Download, sendDownload } from '../../http/respond.ts'
import { requireRecentSignIn } from '../admin/administrator.ts'
import { refuseProblem } from '../errors/failure.ts'
import type { Call, Shell } from '../shell.ts'
import { authenticateApp } from './apps/authenticate-app.ts'
import { authenticateDeveloper, developerSecretOf } from './apps/authenticate-developer.ts'
import { credentialClientOf, credentialPortsOf } from './credential-ports.ts'
import { assertCookieOrigin, browserSessionOf } from './headless/browser-session.ts'
import { type ApiClient, type ApiRoute, type Caller, type Callers, isAccessTokenUse } from './route.ts'

export function handleApiRoute(route: ApiRoute) {
  return async (call: Call): Promise<void> => {
    if (route.respond !== undefined) return route.respond(call)
    const { shell, request, response } = call
    await route.prepare?.(call)
    const client = clientOf(shell, request)
    const caller = await authenticate[route.caller](call, client, route)
    const roles = await authorizeCaller(shell, caller, route.permission)
    const params = route.params === undefined ? {} : parseBody(route.params, request.params)
    const query = route.query === undefined ? {} : parseQuery(route.query, queryOf(request))
    const body = route.body && parseBody(route.body.schema, request.body)
    const reply: unknown = await route.handler?.({
      shell,
      caller,
      params,
      query,
      body,
      client,
      browser: browserSessionOf(call),
      roles,
    })
    if (isRefused(reply)) return refuseProblem(call, reply.refused)
    if (isDownload(reply)) return sendDownload(response, reply.download)
    response.status(route.answer.status)
    if (route.location !== undefined) response.set('location', route.location(reply))
    if (route.answer.schema === undefined) return void response.end()
    response.set('cache-control', 'no-store').json(reply)
  }
}

/**
 * Fails closed: only a user has permissions. The handler limits an access token to its scopes.
 * Throws `permission_refused` and `api_token_refused`.
 */
async function authorizeCaller(shell: Shell, caller: Callers[Caller], permission: RequiredPermission) {
  if (permission === 'none' || isAccessTokenUse(caller)) return []
  if (caller === undefined || !('userId' in caller))
    throw new GatehouseError('permission_refused', `the caller is no user and cannot have ${permission}`)
  return authorize(shell.parts, caller, permission)
}

const isRefused = (reply: unknown): reply is { readonly refused: Refused } =>
  typeof reply === 'object' && reply !== null && 'refused' in reply

const isDownload = (reply: unknown): reply is { readonly download: Download } =>
  typeof reply === 'object' && reply !== null && 'download' in reply

const authenticate: {
  readonly [C in Caller]: (call: Call, client: ApiClient, route: ApiRoute) => Promise<Callers[C]>
} = {
  anyone: async () => undefined,
  session: authenticateSession,
  'session or access token': authenticateSessionOrApp,
  developer: authenticateSession,
  admin: authenticateSession,
  'recently signed-in admin': authenticateRecentAdmin,
  app: ({ shell }, client) => authenticateApp(shell, client),
}

/** Throws `session_invalid`, `credentials_conflict`, `origin_refused`, `cross_site_refused`. */
async function authenticateSession(call: Call, { authorization }: ApiClient, route: ApiRoute): Promise<Session> {
  const { shell, request } = call
  const secret = developerSecretOf(authorization)
  if (secret !== undefined) return authenticateDeveloper(call, secret, route)
  const presented = readCredential(shell, request)
  const session =
    presented === null
      ? null
      : await checkCredential(
          credentialPortsOf(shell),
          presented.token,
          presented.source,
          credentialClientOf(shell, request),
        )
  if (presented === null || session === null) throw credentialRefused(presented)
  if (isCookie(presented.source)) assertCookieOrigin(call, session, route.fromReturnOrigins === true)
  return session
}

/** An API token has no sign-in of its own. Throws `fresh_sign_in_required` too. */
async function authenticateRecentAdmin(call: Call, client: ApiClient, route: ApiRoute): Promise<Session> {
  const session = await authenticateSession(call, client, route)
  if (session.apiToken === undefined) await requireRecentSignIn(call.shell, session)
  return session
}

/**
 * An invalid access token is ignored, like every `Authorization` that Gatehouse did not issue.
 */
async function authenticateSessionOrApp(
  call: Call,
  client: ApiClient,
  route: ApiRoute,
): Promise<Callers['session or access token']> {
  const { shell, request } = call
  const token = /^Bearer +(gth_at_[\w~+/.-]+)$/i.exec(client.authorization ?? '')?.[1]
  const use = token === undefined ? null : await shell.openId.readAccessToken(token)
  if (use === null) return authenticateSession(call, client, route)
  const other = readCredential(shell, request)
  if (other !== null) throw credentialsConflict('header', other.source, shell.cookie)
  return use
}

function clientOf(shell: Shell, request: Request): ApiClient {
  return {
    authorization: request.headers.authorization,
    hasDpopProof: request.headers['dpop'] !== undefined,
    endpoint: new URL(request.path, shell.publicUrl),
    source: sourceOf(request),
    origin: request.headers.origin,
    device: deviceOf(request.headers['user-agent']),
  }
}
