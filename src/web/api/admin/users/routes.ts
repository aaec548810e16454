/** `/api/v1/admin/users`: users as administrators see and change them. */
import { blockUserBy, deleteUserBy, resetUserPassword, unblockUserBy } from '../../../../broker/access/change-user.ts'
import { targetUser } from '../../../../broker/access/target.ts'
import { readUserRecord } from '../../../admin/users/user-record.ts'
import { exampleApiToken } from '../../openapi/examples.ts'
import { answer, apiRoute } from '../../route.ts'
import { schemas } from '../../schemas.ts'
import { searchedTenant } from '../searched-tenant.ts'
import { userParams, usersQuery } from './user-schemas.ts'
import { adminUserView, userDetailsView } from './user-views.ts'

const path = '/api/v1/admin/users'
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
  tenantRemoved: false,
  profile: { name: 'Ada Lovelace', email: 'ada@acme.test', email_verified: true },
  sources: { name: 'okta', email: 'okta' },
  identities: [
    {
      connection: 'okta',
      connectionRemoved: false,
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
    params: userParams,
    answer: answer(200, 'The user, without secrets.', schemas.AdminUserDetails, exampleDetails),
    errors: ['not_found'],
    handler: async ({ shell, caller: session, roles, params }) => {
      const user = await targetUser(shell.parts, { session, roles }, params.id)
      const tenant = shell.parts.connections.findTenant(user.tenant)
      return userDetailsView(await readUserRecord(shell, user), tenant)
    },
  }),
  apiRoute('deleteUser', 'delete', `${path}/:id`, {
    caller: 'recently signed-in admin',
    permission: 'users:write',
    summary: 'Delete a user',
    description:
      'With all sessions, tokens, grants, sign-in methods and second factors, at once and without undo. Audit events keep the ID alone.',
    params: userParams,
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
    params: userParams,
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
    params: userParams,
    answer: answer(204, 'The user may sign in again.'),
    errors: ['not_found'],
    handler: async ({ shell: { parts }, caller: session, roles, params }) => {
      await unblockUserBy(parts, { session, roles }, params.id)
    },
  }),
  apiRoute('mailPasswordReset', 'post', `${path}/:id/password-reset`, {
    caller: 'recently signed-in admin',
    permission: 'users:write',
    summary: 'Email a user the link to set a new password',
    params: userParams,
    answer: answer(202, 'The email is on its way.'),
    errors: ['not_found', 'too_many_attempts', 'sso_required'],
    handler: ({ shell: { parts }, caller: session, roles, params }) =>
      resetUserPassword(parts, { session, roles }, params.id),
  }),
]
