/** Ends sessions of a user, and revokes their API tokens and consents. */
import { z } from 'zod'
import {
  endUserSession,
  endUserSessions,
  revokeUserConsent,
  revokeUserToken,
  revokeUserTokens,
} from '../../../../broker/access/change-user.ts'
import { unknownToken } from '../../../../broker/tokens/rotate-token.ts'
import { GatehouseError } from '../../../../errors.ts'
import { answer, apiRoute } from '../../route.ts'
import { schemas } from '../../schemas.ts'
import { userParams } from './user-schemas.ts'

const path = '/api/v1/admin/users'
const part = (what: string) => z.string().max(128).describe(`ID of the ${what}.`)

export const userAccessRoutes = [
  apiRoute('endUserSessions', 'delete', `${path}/:id/sessions`, {
    caller: 'recently signed-in admin',
    permission: 'users:write',
    summary: 'End all sessions of a user',
    params: userParams,
    answer: answer(200, 'This many ended.', schemas.Ended, { ended: 2 }),
    errors: ['not_found'],
    handler: async ({ shell: { parts }, caller: session, roles, params }) => ({
      ended: await endUserSessions(parts, { session, roles }, params.id),
    }),
  }),
  apiRoute('endUserSession', 'delete', `${path}/:id/sessions/:sessionId`, {
    caller: 'recently signed-in admin',
    permission: 'users:write',
    summary: 'End a session of a user',
    params: userParams.extend({ sessionId: part('session') }),
    answer: answer(204, 'The session ended.'),
    errors: ['not_found', 'session_unknown'],
    handler: async ({ shell: { parts }, caller: session, roles, params: { id, sessionId } }) => {
      if (!(await endUserSession(parts, { session, roles }, id, sessionId)))
        throw new GatehouseError('session_unknown', 'no such session of this user')
    },
  }),
  apiRoute('revokeUserTokens', 'delete', `${path}/:id/tokens`, {
    caller: 'recently signed-in admin',
    permission: 'users:write',
    summary: 'Revoke all API tokens of a user',
    params: userParams,
    answer: answer(200, 'The tokens stopped working.', schemas.RevokedTokens, { revoked: 3 }),
    errors: ['not_found'],
    handler: async ({ shell: { parts }, caller: session, roles, params }) => ({
      revoked: await revokeUserTokens(parts, { session, roles }, params.id),
    }),
  }),
  apiRoute('revokeUserToken', 'delete', `${path}/:id/tokens/:tokenId`, {
    caller: 'recently signed-in admin',
    permission: 'users:write',
    summary: 'Revoke an API token of a user',
    params: userParams.extend({ tokenId: part('token') }),
    answer: answer(204, 'The token stopped working.'),
    errors: ['not_found', 'token_unknown'],
    handler: async ({ shell: { parts }, caller: session, roles, params: { id, tokenId } }) => {
      if (!(await revokeUserToken(parts, { session, roles }, id, tokenId))) throw unknownToken()
    },
  }),
  apiRoute('revokeUserConsent', 'delete', `${path}/:id/consents/:appId`, {
    caller: 'recently signed-in admin',
    permission: 'users:write',
    summary: 'Revoke the access of an app to a user',
    description: "The app's tokens for this user stop working at once.",
    params: userParams.extend({ appId: part('app') }),
    answer: answer(204, 'The app has no access any more.'),
    errors: ['not_found'],
    handler: async ({ shell: { parts }, caller: session, roles, params: { id, appId } }) => {
      if (!(await revokeUserConsent(parts, { session, roles }, id, appId)))
        throw new GatehouseError('not_found', 'the app has no access to this user')
    },
  }),
]
