/** `/api/v1/session`, `/api/v1/sessions` and `/api/v1/users/me`. */
import { z } from 'zod'
import { signInWithCredentials } from '../../broker/login/password-login.ts'
import { endAllOtherSessions, endSessionById } from '../../broker/session/end-session.ts'
import { permissionView, profileIn, withCurrentPermissions } from '../../broker/session/permissions.ts'
import { GatehouseError } from '../../errors.ts'
import { sessionView, userView } from '../../http/views.ts'
import { canonicalEmail } from '../../profile/profile.ts'
import { exampleSession, exampleToken, exampleUser } from './examples.ts'
import { apiRoute } from './route.ts'
import { schemas } from './schemas.ts'
import { answerSessionCheck, sessionCheckPath, sessionCheckShell } from './session-check.ts'

export const sessionRoutes = [
  apiRoute({
    id: 'createSession',
    method: 'post',
    path: '/api/v1/sessions',
    caller: 'anyone',
    summary: 'Sign in by email and password',
    body: {
      schema: schemas.PasswordSignIn,
      example: { tenant: 'acme', email: 'ada@acme.test', password: 'correct horse battery staple' },
    },
    responses: {
      201: {
        description: 'Signed in.',
        schema: schemas.NewSession,
        example: { token: exampleToken, session: exampleSession },
      },
    },
    errors: ['credentials_invalid', 'connection_unknown', 'user_blocked', 'too_many_attempts', 'server_busy'],
    handler: async ({ shell, body, client }) => {
      const tenant = shell.parts.connections.tenant(requiredTenant(body.tenant ?? shell.defaultTenant))
      const connection = shell.parts.connections.passwordConnection(tenant)
      if (connection === null) throw new GatehouseError('connection_unknown', `tenant ${tenant.id} has no passwords`)
      const email = body.email.trim()
      const finished = await signInWithCredentials(
        shell.parts,
        { tenant: tenant.id, connection: connection.settings.id, returnTo: '/', browser: '' },
        {
          parameters: new URLSearchParams({ email, password: body.password }),
          attempt: { email: canonicalEmail(email) ?? email, source: client.source, knownBrowser: undefined },
          device: client.device,
        },
      )
      if (finished.outcome === 'refused') return { refused: finished }
      return { status: 201, body: { token: finished.token, session: sessionView(finished.session) } }
    },
  }),
  apiRoute({
    id: 'getSession',
    method: 'get',
    path: sessionCheckPath,
    caller: 'session',
    summary: 'Check a session',
    description:
      'Apps call this for every request of a user. It reads the store once and keeps the session from expiring while idle. If the tenant allows it, the token may also be sent as `?token=`.',
    responses: { 200: { description: 'The session is valid.', schema: schemas.Session, example: exampleSession } },
    // src/web/server.ts calls the same function ahead of Express for a GET of exactly this path
    respond: ({ shell, request, response }) => answerSessionCheck(sessionCheckShell(shell), request, response),
  }),
  apiRoute({
    id: 'deleteOwnSession',
    method: 'delete',
    path: sessionCheckPath,
    caller: 'session',
    summary: 'Sign out',
    responses: { 204: { description: 'The session ended.' } },
    handler: async ({ shell, caller }) => {
      await endSessionById(shell.parts, caller, caller.id)
      return { status: 204 }
    },
  }),
  apiRoute({
    id: 'listSessions',
    method: 'get',
    path: '/api/v1/sessions',
    caller: 'session',
    summary: 'List the sessions of the user',
    responses: {
      200: {
        description: 'Newest first.',
        schema: schemas.SessionList,
        example: { sessions: [{ ...exampleSession, current: true }] },
      },
    },
    handler: async ({ shell, caller }) => {
      const sessions = await shell.parts.sessions.list(caller.tenant, caller.userId)
      const views = sessions.map((session) => ({
        ...sessionView(withCurrentPermissions(session, shell.parts.now())),
        current: session.id === caller.id,
      }))
      return { status: 200, body: { sessions: views } }
    },
  }),
  apiRoute({
    id: 'deleteOtherSessions',
    method: 'delete',
    path: '/api/v1/sessions',
    caller: 'session',
    summary: 'End all other sessions of the user',
    responses: {
      200: { description: "All but the caller's session ended.", schema: schemas.Ended, example: { ended: 2 } },
    },
    handler: async ({ shell, caller }) => ({
      status: 200,
      body: { ended: await endAllOtherSessions(shell.parts, caller) },
    }),
  }),
  apiRoute({
    id: 'deleteSession',
    method: 'delete',
    path: '/api/v1/sessions/:id',
    caller: 'session',
    summary: 'End a session of the user',
    params: z.object({ id: z.string().describe('Id of the session.') }),
    responses: { 204: { description: 'The session ended.' } },
    errors: ['session_unknown'],
    handler: async ({ shell, caller, params }) => {
      if (!(await endSessionById(shell.parts, caller, params.id)))
        throw new GatehouseError('session_unknown', 'no such session of this user')
      return { status: 204 }
    },
  }),
  apiRoute({
    id: 'getUser',
    method: 'get',
    path: '/api/v1/users/me',
    caller: 'session',
    summary: 'Get the user and their sign-in methods',
    responses: { 200: { description: 'As stored now.', schema: schemas.User, example: exampleUser } },
    handler: async ({ shell, caller }) => {
      const [user, identities] = await Promise.all([
        shell.parts.users.find(caller.tenant, caller.userId),
        shell.parts.users.identitiesOf(caller.tenant, caller.userId),
      ])
      if (user === null || user.status !== 'active')
        throw new GatehouseError('session_invalid', 'the user of the session is gone')
      const view = permissionView(shell.tenants.get(caller.tenant), caller.connection, shell.parts.now())
      return { status: 200, body: userView(user, identities, profileIn(user, view)) }
    },
  }),
]

/** Throws `request_invalid`: no tenant is named, and the deployment has no default. */
export function requiredTenant(tenant: string | undefined): string {
  if (tenant !== undefined) return tenant
  throw new GatehouseError('request_invalid', 'tenant is missing', { text: 'The tenant is missing.' })
}
