/** `/api/v1/admin/users`: users as administrators see and change them. */
import { z } from 'zod'
import {
  blockUserBy,
  deleteUserBy,
  endUserSession,
  endUserSessions,
  resetUserPassword,
  revokeUserConsent,
  revokeUserToken,
  revokeUserTokens,
  unblockUserBy,
} from '../../../../broker/access/change-user.ts'
import { targetUser } from '../../../../broker/access/target.ts'
import { unknownToken } from '../../../../broker/tokens/rotate-token.ts'
import { GatehouseError } from '../../../../errors.ts'
import { readUserRecord } from '../../../admin/users/user-record.ts'
import { exampleApiToken } from '../../openapi/examples.ts'
import { answer, apiRoute } from '../../route.ts'
import { schemas } from '../../schemas.ts'
import { searchedTenant } from '../searched-tenant.ts'
import { usersQuery } from './user-schemas.ts'
import { adminUserView, userDetailsView } from './user-views.ts'

const path = '/api/v1/admin/users'
const params = z.object({ id: z.string().max(128).describe('Id of the user.') })
const part = (what: string) => z.string().max(128).describe(`Id of the ${what}.`)
const exampleUser = {
  id: '8f14e45fceea167a5a36',
  tenant: 'acme',
  kind: 'person',
  status: 'active',
  name: 'Ada Lovelace',
  email: 'ada@acme.test',
  emailProven: true,
  createdAt: '2026-11-01T10:00:00Z',
}
const exampleDetails = {
  user: exampleUser,
  profile: { name: 'Ada Lovelace', email: 'ada@acme.test', email_verified: true },
  sources: { name: 'okta', email: 'okta' },
  identities: [
    {
      connection: 'okta',
      issuer: 'https://acme.okta.example',
      subject: '00uAda',
      knownAs: 'ada@acme.test',
      lastLoginAt: '2026-11-29T08:00:00Z',
    },
  ],
  sessions: [],
  tokens: [exampleApiToken],
  developerSecrets: [],
  consents: [],
  apps: [],
  roles: [{ role: 'member', source: { kind: 'default' } }],
}

export const usersApiRoutes = [
  apiRoute('searchUsers', 'get', path, {
    caller: 'recently signed-in admin',
    permission: 'users:read',
    summary: 'Search users',
    description:
      'Sorted by email if the search names one, else by name if it names one, else the newest first. Users who may not sign in, and service accounts, are always listed the newest first.',
    query: usersQuery,
    answer: answer(200, 'One page of users.', schemas.AdminUserPage, { users: [exampleUser], next: exampleUser.id }),
    errors: ['not_found'],
    handler: async ({ shell: { parts }, caller: session, roles, query: { tenant: named, cursor, ...search } }) => {
      const tenant = await searchedTenant(parts, { session, roles }, named)
      const found = await parts.users.search({ ...search, tenant, after: cursor, limit: search.limit + 1 })
      const users = found.slice(0, search.limit)
      const last = found.length > search.limit ? users.at(-1) : undefined
      return { users: users.map(adminUserView), ...(last !== undefined && { next: last.id }) }
    },
  }),
  apiRoute('getUserDetails', 'get', `${path}/:id`, {
    caller: 'recently signed-in admin',
    permission: 'users:read',
    summary: 'Get all about a user',
    params,
    answer: answer(200, 'Without any secret.', schemas.AdminUserDetails, exampleDetails),
    errors: ['not_found'],
    handler: async ({ shell, caller: session, roles, params }) => {
      const user = await targetUser(shell.parts, { session, roles }, params.id)
      return userDetailsView(await readUserRecord(shell, user))
    },
  }),
  apiRoute('deleteUser', 'delete', `${path}/:id`, {
    caller: 'recently signed-in admin',
    permission: 'users:write',
    summary: 'Delete a user',
    description:
      'With all sessions, tokens, grants, sign-in methods and second factors, at once and without undo. Audit events keep the id alone.',
    params,
    answer: answer(204, 'The user is deleted.'),
    errors: ['not_found', 'request_invalid', 'user_owns_apps'],
    handler: async ({ shell: { parts }, caller: session, roles, params }) => {
      await deleteUserBy(parts, { session, roles }, params.id)
    },
  }),
  apiRoute('blockUser', 'post', `${path}/:id/block`, {
    caller: 'recently signed-in admin',
    permission: 'users:write',
    summary: 'Block a user',
    description: 'Ends sessions and the access of apps at once, and rejects sign-ins, API tokens and own apps.',
    params,
    answer: answer(200, 'The user is blocked; this many sessions ended.', schemas.Ended, { ended: 2 }),
    errors: ['not_found', 'request_invalid'],
    handler: async ({ shell: { parts }, caller: session, roles, params }) => ({
      ended: await blockUserBy(parts, { session, roles }, params.id),
    }),
  }),
  apiRoute('unblockUser', 'post', `${path}/:id/unblock`, {
    caller: 'recently signed-in admin',
    permission: 'users:write',
    summary: 'Unblock a user',
    description: "Ends an identity provider's revocation too. Unblocking again changes nothing.",
    params,
    answer: answer(204, 'The user may sign in again.'),
    errors: ['not_found'],
    handler: async ({ shell: { parts }, caller: session, roles, params }) => {
      await unblockUserBy(parts, { session, roles }, params.id)
    },
  }),
  apiRoute('mailPasswordReset', 'post', `${path}/:id/password-reset`, {
    caller: 'recently signed-in admin',
    permission: 'users:write',
    summary: 'Mail a user the link to set a new password',
    params,
    answer: answer(202, 'The mail is on its way.'),
    errors: ['not_found', 'too_many_attempts', 'sso_required'],
    handler: ({ shell: { parts }, caller: session, roles, params }) =>
      resetUserPassword(parts, { session, roles }, params.id),
  }),
  apiRoute('endUserSessions', 'delete', `${path}/:id/sessions`, {
    caller: 'recently signed-in admin',
    permission: 'users:write',
    summary: 'End all sessions of a user',
    params,
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
    params: params.extend({ sessionId: part('session') }),
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
    params,
    answer: answer(200, 'They stopped working.', schemas.RevokedTokens, { revoked: 3 }),
    errors: ['not_found'],
    handler: async ({ shell: { parts }, caller: session, roles, params }) => ({
      revoked: await revokeUserTokens(parts, { session, roles }, params.id),
    }),
  }),
  apiRoute('revokeUserToken', 'delete', `${path}/:id/tokens/:tokenId`, {
    caller: 'recently signed-in admin',
    permission: 'users:write',
    summary: 'Revoke an API token of a user',
    params: params.extend({ tokenId: part('token') }),
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
    params: params.extend({ appId: part('app') }),
    answer: answer(204, 'The app has no access any more.'),
    errors: ['not_found'],
    handler: async ({ shell: { parts }, caller: session, roles, params: { id, appId } }) => {
      if (!(await revokeUserConsent(parts, { session, roles }, id, appId)))
        throw new GatehouseError('not_found', 'the app has no access to this user')
    },
  }),
]
