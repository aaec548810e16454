/** `/api/v1/service-accounts`: users of programs, and their API tokens, for admins. */
import { z } from 'zod'
import type { User } from '../../../broker/ports/users.ts'
import { issueToken } from '../../../broker/tokens/create-token.ts'
import { listTokens, revokeToken } from '../../../broker/tokens/own-tokens.ts'
import { reissueToken, unknownToken } from '../../../broker/tokens/rotate-token.ts'
import {
  changeableServiceAccount,
  createServiceAccount,
  serviceAccount,
  serviceAccounts,
} from '../../../broker/tokens/service-accounts.ts'
import { isoTime } from '../../../http/iso-time.ts'
import { exampleApiToken, exampleApiTokenText } from '../openapi/examples.ts'
import { answer, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'
import { createdView, tokenView } from './tokens.ts'

const path = '/api/v1/service-accounts'
const query = z.strictObject({
  tenant: z.string().max(64).optional().describe("Default: the caller's."),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('At most this many accounts; 1 to 200.'),
  cursor: z.string().max(128).optional().describe('`next` of the page before.'),
})
const params = z.object({ id: z.string().max(128).describe('ID of the service account.') })
const tokenParams = params.extend({ tokenId: z.string().max(128).describe('ID of the token.') })
const example = { id: '4f1c2d9a7be03586aa10', tenant: 'acme', name: 'Deploys', createdAt: exampleApiToken.createdAt }
const exampleAccount = { ...example, status: 'active' }
const exampleCreated = { token: exampleApiTokenText, apiToken: exampleApiToken }

export const serviceAccountRoutes = [
  apiRoute('listServiceAccounts', 'get', path, {
    caller: 'admin',
    permission: 'users:read',
    summary: 'List the service accounts of a tenant',
    query,
    answer: answer(200, 'One page, newest first.', schemas.ServiceAccountList, { serviceAccounts: [exampleAccount] }),
    errors: ['not_found'],
    handler: async ({ shell: { parts }, caller: session, roles, query }) => {
      const { tenant, limit, cursor: after } = query
      const accounts = await serviceAccounts(parts, { session, roles }, { tenant, limit, after })
      const last = accounts.length < limit ? undefined : accounts.at(-1)
      return { serviceAccounts: accounts.map(accountView), ...(last !== undefined && { next: last.id }) }
    },
  }),
  apiRoute('createServiceAccount', 'post', path, {
    caller: 'admin',
    permission: 'users:write',
    summary: 'Create a service account',
    description:
      'No person can sign in as a service account. You need a sign-in or a second factor of the last ten minutes.',
    body: { schema: schemas.NewServiceAccount, example: { name: 'Deploys' } },
    answer: answer(201, 'Created, without a token.', schemas.ServiceAccount, exampleAccount),
    errors: ['token_invalid', 'not_found', 'fresh_sign_in_required'],
    handler: async ({ shell: { parts }, caller: session, roles, body }) =>
      accountView(await createServiceAccount(parts, { session, roles }, body)),
  }),
  apiRoute('listServiceTokens', 'get', '/api/v1/service-accounts/:id/tokens', {
    caller: 'admin',
    permission: 'users:read',
    summary: 'List the API tokens of a service account',
    params,
    answer: answer(200, 'Newest first.', schemas.ApiTokenList, { tokens: [exampleApiToken] }),
    errors: ['not_found'],
    handler: async ({ shell: { parts }, caller: session, roles, params }) => {
      const { tenant, id: userId } = await serviceAccount(parts, { session, roles }, params.id)
      return { tokens: (await listTokens(parts, { tenant, userId })).map(tokenView) }
    },
  }),
  apiRoute('createServiceToken', 'post', '/api/v1/service-accounts/:id/tokens', {
    caller: 'admin',
    permission: 'users:write',
    summary: 'Create an API token of a service account',
    description: 'The token has the permissions of the service account, or fewer (`scopes`).',
    params,
    body: { schema: schemas.NewApiToken, example: { name: 'Nightly build', ranges: ['192.0.2.0/24'] } },
    answer: answer(201, 'The token, which is never shown again.', schemas.CreatedApiToken, exampleCreated),
    errors: ['token_invalid', 'tokens_full', 'not_found', 'fresh_sign_in_required', 'user_blocked'],
    handler: async ({ shell: { parts }, caller: session, roles, params, body: { expiresAt, ...draft } }) => {
      const owner = await changeableServiceAccount(parts, { session, roles }, params.id)
      const end = expiresAt === undefined ? undefined : new Date(expiresAt)
      return createdView(await issueToken(parts, owner, session.userId, { ...draft, expiresAt: end }))
    },
  }),
  apiRoute('rotateServiceToken', 'post', '/api/v1/service-accounts/:id/tokens/:tokenId/rotate', {
    caller: 'admin',
    permission: 'users:write',
    summary: 'Rotate an API token of a service account',
    params: tokenParams,
    body: { schema: schemas.TokenRotation, example: { overlapSeconds: 86_400 } },
    answer: answer(201, 'The new token, which is never shown again.', schemas.CreatedApiToken, exampleCreated),
    errors: [
      ...(['token_unknown', 'token_rotated', 'token_suspended', 'token_invalid'] as const),
      ...(['tokens_full', 'not_found', 'fresh_sign_in_required', 'user_blocked'] as const),
    ],
    handler: async ({ shell: { parts }, caller: session, roles, params, body: { overlapSeconds = 0 } }) => {
      const owner = await changeableServiceAccount(parts, { session, roles }, params.id)
      return createdView(await reissueToken(parts, owner, session.userId, { id: params.tokenId, overlapSeconds }))
    },
  }),
  apiRoute('revokeServiceToken', 'delete', '/api/v1/service-accounts/:id/tokens/:tokenId', {
    caller: 'admin',
    permission: 'users:write',
    summary: 'Revoke an API token of a service account',
    params: tokenParams,
    answer: answer(204, 'The token stopped working.'),
    errors: ['token_unknown', 'not_found'],
    handler: async ({ shell: { parts }, caller: session, roles, params }) => {
      const { tenant, id: userId } = await serviceAccount(parts, { session, roles }, params.id)
      if (!(await revokeToken(parts, { tenant, userId }, session.userId, params.tokenId))) throw unknownToken()
    },
  }),
]

function accountView({ id, tenant, status, profile, createdAt }: User) {
  return { id, tenant, name: profile.name ?? '', status, createdAt: isoTime(createdAt) }
}
