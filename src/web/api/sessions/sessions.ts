/** `/api/v1/session` and `/api/v1/sessions`. */
import { z } from 'zod'
import { signInWithCredentials } from '../../../broker/login/password-login.ts'
import { endAllOtherSessions, endSessionById } from '../../../broker/session/end-session.ts'
import { withCurrentPermissions } from '../../../broker/session/permissions.ts'
import { GatehouseError } from '../../../errors.ts'
import { sessionView } from '../../../http/views.ts'
import { canonicalEmail } from '../../../profile/profile.ts'
import { exampleSession } from '../openapi/examples.ts'
import { answer, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'
import { cookieErrors, openedAnswer, openedSessionView, requiredTenant } from './opened-session.ts'
import { openedOrRefused } from './second-factor.ts'
import { sessionCheckPath } from './session-check.ts'

const cookieDescription = 'With `"cookie": true` the session comes in an HttpOnly cookie, and the token stays out.'

export const sessionRoutes = [
  apiRoute('createSession', 'post', '/api/v1/sessions', {
    caller: 'anyone',
    permission: 'none',
    fromReturnOrigins: true,
    summary: 'Sign in by email and password',
    description: cookieDescription,
    body: {
      schema: schemas.PasswordSignIn,
      example: { tenant: 'acme', email: 'ada@acme.test', password: 'correct horse battery staple' },
    },
    answer: openedAnswer,
    errors: [
      ...([
        'credentials_invalid',
        'sso_required',
        'mfa_required',
        'connection_unknown',
        'user_blocked',
        'too_many_attempts',
        'server_busy',
      ] as const),
      ...cookieErrors,
    ],
    handler: async ({ shell, body, client, browser }) => {
      const tenant = shell.parts.connections.tenant(requiredTenant(body.tenant ?? shell.defaultTenant))
      const connection = shell.parts.connections.passwordConnection(tenant)
      if (connection === null) throw new GatehouseError('connection_unknown', `tenant ${tenant.id} has no passwords`)
      const given = body.email.trim()
      const email = canonicalEmail(given) ?? given
      if (body.cookie === true) browser.assertMayKeep(tenant)
      const knownBrowser = body.cookie === true ? browser.knownBrowser(tenant.id, email) : undefined
      const finished = await signInWithCredentials(
        shell.parts,
        { tenant: tenant.id, connection: connection.settings.id, returnTo: '/', browser: '' },
        {
          parameters: new URLSearchParams({ email: given, password: body.password }),
          attempt: { email, source: client.source, knownBrowser },
          device: client.device,
        },
      )
      const opened = await openedOrRefused({ shell, client, browser }, finished, email)
      if (opened.outcome === 'refused') return { refused: opened }
      await browser.opened(opened, { cookie: body.cookie, email })
      return openedSessionView(opened, body)
    },
  }),
  apiRoute('getSession', 'get', sessionCheckPath, {
    caller: 'session',
    permission: 'sites:access',
    fromReturnOrigins: true,
    summary: 'Check a session',
    description:
      'Apps call this for every request of a user. It reads the store once and keeps the session from expiring while idle. If the tenant allows it, the token may also be sent as `?token=`.',
    answer: answer(200, 'The session is valid.', schemas.Session, exampleSession),
    // src/web/server.ts answers a GET without Origin ahead of Express, with the same permission
    handler: async ({ caller }) => sessionView(caller),
  }),
  apiRoute('deleteOwnSession', 'delete', sessionCheckPath, {
    caller: 'session',
    permission: 'sessions:write',
    fromReturnOrigins: true,
    summary: 'Sign out',
    description: 'An API token is refused: it has no session to end.',
    answer: answer(204, 'The session ended.'),
    handler: async ({ shell, caller, browser }) => {
      if (caller.apiToken !== undefined) throw noSessionToEnd()
      await endSessionById(shell.parts, caller, caller.id)
      shell.administrators.delete(caller.id)
      browser.forget(caller)
    },
  }),
  apiRoute('listSessions', 'get', '/api/v1/sessions', {
    caller: 'session',
    permission: 'sessions:read',
    fromReturnOrigins: true,
    summary: 'List the sessions of the user',
    answer: answer(200, 'Newest first.', schemas.SessionList, { sessions: [{ ...exampleSession, current: true }] }),
    handler: async ({ shell, caller }) => {
      const sessions = await shell.parts.sessions.list(caller.tenant, caller.userId)
      const views = sessions.map((session) => ({
        ...sessionView(withCurrentPermissions(session, shell.parts.now())),
        current: session.id === caller.id,
      }))
      return { sessions: views }
    },
  }),
  apiRoute('deleteOtherSessions', 'delete', '/api/v1/sessions', {
    caller: 'session',
    permission: 'sessions:write',
    fromReturnOrigins: true,
    summary: 'End all other sessions of the user',
    description: 'A session needs a sign-in or a second factor of the last ten minutes.',
    answer: answer(200, "All but the caller's session ended.", schemas.Ended, { ended: 2 }),
    errors: ['fresh_sign_in_required'],
    handler: async ({ shell, caller }) => ({ ended: await endAllOtherSessions(shell.parts, caller) }),
  }),
  apiRoute('deleteSession', 'delete', '/api/v1/sessions/:id', {
    caller: 'session',
    permission: 'sessions:write',
    fromReturnOrigins: true,
    summary: 'End a session of the user',
    description:
      "To end another than the caller's, a session needs a sign-in or a second factor of the last ten minutes.",
    params: z.object({ id: z.string().describe('ID of the session.') }),
    answer: answer(204, 'The session ended.'),
    errors: ['session_unknown', 'fresh_sign_in_required'],
    handler: async ({ shell, caller, params, browser }) => {
      if (!(await endSessionById(shell.parts, caller, params.id)))
        throw new GatehouseError('session_unknown', 'no such session of this user')
      shell.administrators.delete(params.id)
      if (params.id === caller.id) browser.forget(caller)
    },
  }),
]

const noSessionToEnd = () =>
  new GatehouseError('api_token_refused', 'an API token has no session to end', {
    text: 'An API token has no session to end. To stop it, revoke it: DELETE /api/v1/tokens/{id}.',
  })
