/** `/api/v1/tokens`: the API tokens of the user. Another user's token is not found (SE-09). */
import { z } from 'zod'
import type { ApiToken } from '../../../broker/ports/api-tokens.ts'
import { createToken, type IssuedToken } from '../../../broker/tokens/create-token.ts'
import {
  confirmToken,
  type ListedToken,
  listTokens,
  revokeAllTokens,
  revokeToken,
} from '../../../broker/tokens/own-tokens.ts'
import { rotateToken, unknownToken } from '../../../broker/tokens/rotate-token.ts'
import { isoTime } from '../../../http/iso-time.ts'
import { exampleApiToken, exampleApiTokenText } from '../openapi/examples.ts'
import { answer, apiRoute } from '../route.ts'
import { schemas } from '../schemas.ts'

const path = '/api/v1/tokens'
const params = z.object({ id: z.string().describe('ID of the token.') })
const created = { token: exampleApiTokenText, apiToken: exampleApiToken }

export const tokenRoutes = [
  apiRoute('listTokens', 'get', path, {
    caller: 'session',
    permission: 'tokens:read',
    summary: 'List your API tokens',
    answer: answer(200, 'Newest first.', schemas.ApiTokenList, { tokens: [exampleApiToken] }),
    handler: async ({ shell, caller }) => ({ tokens: (await listTokens(shell.parts, caller)).map(tokenView) }),
  }),
  apiRoute('createToken', 'post', path, {
    caller: 'session',
    permission: 'tokens:write',
    summary: 'Create an API token',
    description: [
      'It acts as you, with your permissions as they are at each use, or with fewer (`scopes`).',
      'A token cannot create tokens. One that lives longer than 90 days needs a sign-in of the last 10 minutes.',
    ].join(' '),
    body: {
      schema: schemas.NewApiToken,
      example: { name: 'Nightly build', scopes: ['profile:read', 'apps:read'], ranges: ['192.0.2.0/24'] },
    },
    answer: answer(201, 'The token, which is never shown again.', schemas.CreatedApiToken, created),
    errors: ['token_invalid', 'tokens_full', 'fresh_sign_in_required'],
    handler: async ({ shell, caller, body: { expiresAt, ...draft } }) => {
      const end = expiresAt === undefined ? undefined : new Date(expiresAt)
      return createdView(await createToken(shell.parts, caller, { ...draft, expiresAt: end }))
    },
  }),
  apiRoute('rotateToken', 'post', '/api/v1/tokens/:id/rotate', {
    caller: 'session',
    permission: 'tokens:write',
    summary: 'Rotate an API token',
    description: 'The new token has the same name, scopes, ranges and lifetime.',
    params,
    body: { schema: schemas.TokenRotation, example: { overlapSeconds: 86_400 } },
    answer: answer(201, 'The new token, which is never shown again.', schemas.CreatedApiToken, created),
    errors: [
      ...(['token_unknown', 'token_rotated', 'token_suspended', 'token_invalid'] as const),
      ...(['tokens_full', 'fresh_sign_in_required'] as const),
    ],
    handler: async ({ shell, caller, params, body }) =>
      createdView(await rotateToken(shell.parts, caller, params.id, body.overlapSeconds)),
  }),
  apiRoute('confirmToken', 'post', '/api/v1/tokens/:id/confirm', {
    caller: 'session',
    permission: 'tokens:write',
    summary: 'Confirm an API token that was suspended because your password changed',
    params,
    answer: answer(204, 'The token works again.'),
    errors: ['token_unknown', 'fresh_sign_in_required'],
    handler: ({ shell, caller, params }) => confirmToken(shell.parts, caller, params.id),
  }),
  apiRoute('revokeToken', 'delete', '/api/v1/tokens/:id', {
    caller: 'session',
    permission: 'tokens:revoke',
    summary: 'Revoke an API token',
    params,
    answer: answer(204, 'The token stopped working.'),
    errors: ['token_unknown'],
    handler: async ({ shell, caller, params }) => {
      if (!(await revokeToken(shell.parts, caller, caller.userId, params.id))) throw unknownToken()
    },
  }),
  apiRoute('revokeTokens', 'delete', path, {
    caller: 'session',
    permission: 'tokens:revoke',
    summary: 'Revoke all your API tokens',
    answer: answer(200, 'The tokens stopped working.', schemas.RevokedTokens, { revoked: 3 }),
    handler: async ({ shell, caller: { tenant, userId } }) => ({
      revoked: await revokeAllTokens(shell.parts, { tenant, userId }, userId),
    }),
  }),
]

export const createdView = ({ token, text }: IssuedToken) => ({
  token: text,
  apiToken: tokenView({ ...token, stale: false }),
})

export function tokenView(token: ListedToken) {
  const { id, name, scopes, ranges, replacedBy, stale } = token
  return {
    id,
    name,
    scopes,
    ranges,
    createdAt: isoTime(token.createdAt),
    expiresAt: isoTime(token.expiresAt),
    endsAt: token.endsAt && isoTime(token.endsAt),
    replacedBy,
    suspendedAt: token.suspendedAt && isoTime(token.suspendedAt),
    lastUsed: lastUsedView(token),
    stale,
  }
}

function lastUsedView({ lastUse }: ApiToken) {
  if (lastUse === undefined) return undefined
  const { at, address, agent } = lastUse
  return { at: isoTime(at), address, agent }
}
