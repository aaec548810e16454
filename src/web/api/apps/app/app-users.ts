/** `/api/v1/app/users` and `/tokens/check`: what the calling app may know of users. */
import { z } from 'zod'
import type { App } from '../../../../app/app.ts'
import { claimsOfScopes } from '../../../../app/scopes.ts'
import { consentingUsers, endAppConsent, endAppSessions } from '../../../../broker/apps/app-users.ts'
import { sessionVisibleToApp, userVisibleToApp } from '../../../../broker/apps/visible-users.ts'
import type { Consent } from '../../../../broker/ports/durable.ts'
import { permissionView, profileIn } from '../../../../broker/session/permissions.ts'
import { GatehouseError } from '../../../../errors.ts'
import { isoTime } from '../../../../http/iso-time.ts'
import { asIPv4 } from '../../../../http/request-origin.ts'
import { profileView } from '../../../../http/views.ts'
import { truncate } from '../../../../primitives/untrusted-text.ts'
import { credentialPortsOf } from '../../credential-ports.ts'
import { cursorOf, positionOf } from '../../cursor.ts'
import { exampleClaims } from '../../openapi/examples.ts'
import { answer, apiRoute } from '../../route.ts'
import { schemas } from '../../schemas.ts'

const appUserQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('At most this many users; 1 to 200.'),
  cursor: z.string().max(200).optional().describe('`next` of the page before.'),
})

const userParams = z.object({ id: z.string().describe('The `sub` of their ID token.') })

export const appUserRoutes = [
  apiRoute('checkToken', 'post', '/api/v1/app/tokens/check', {
    caller: 'app',
    permission: 'none',
    summary: 'Check a session token or an API token that the app received',
    description:
      'Returns the claims of the user that this app has consent for. Check access tokens at `/oauth2/introspect`, or by their signature.',
    body: { schema: schemas.TokenToCheck, example: { token: 'gth_a_…', address: '192.0.2.7', agent: 'curl/8.5.0' } },
    answer: answer(200, 'Whether the token is active, and for whom.', schemas.CheckedToken, {
      active: true,
      tenant: 'acme',
      user: { id: '8f14e45fceea167a5a36' },
      claims: exampleClaims,
      scopes: ['openid', 'email'],
      authenticatedAt: '2026-11-22T09:30:00Z',
      expiresAt: '2026-11-29T09:41:00Z',
    }),
    handler: async ({ shell, caller: { app }, body }) => {
      const { token, address, agent } = body
      const client = { address: address && asIPv4(address), agent: agent && truncate(agent) }
      const found = await sessionVisibleToApp(shell.parts, credentialPortsOf(shell), app, { token, client })
      if (found === null) return { active: false as const }
      const { session, scopes, endsAt } = found
      return {
        active: true as const,
        tenant: session.tenant,
        user: { id: session.userId },
        claims: claimsFor(session.profile, scopes),
        scopes,
        authenticatedAt: isoTime(session.authenticatedAt),
        expiresAt: isoTime(endsAt),
      }
    },
  }),
  apiRoute('listAppUsers', 'get', '/api/v1/app/users', {
    caller: 'app',
    permission: 'none',
    summary: 'List the users who gave this app consent',
    description:
      'Sorted by the first consent, newest first. First-party apps ask for no consent, so their list is empty.',
    query: appUserQuery,
    answer: answer(200, 'One page. It may be shorter than `limit` before the last one.', schemas.AppUserPage, {
      users: [
        {
          id: '8f14e45fceea167a5a36',
          tenant: 'acme',
          scopes: ['openid', 'email'],
          firstGrantedAt: '2026-11-01T10:00:00.000Z',
          grantedAt: '2026-11-22T09:31:00.000Z',
        },
      ],
      next: 'MTc2NDMyMDIwMDAwMC44ZjE0ZTQ1Zg',
    }),
    handler: async ({ shell, caller, query: { limit, cursor } }) => {
      const position = cursor === undefined ? undefined : positionOf(cursor)
      const after = position && { firstGrantedAt: position.at, userId: position.id }
      const { consents, last } = await consentingUsers(shell.parts, caller, { limit, after })
      return {
        users: consents.map((consent) => consentView(caller.app, consent)),
        ...(last !== undefined && { next: cursorOf({ at: last.firstGrantedAt, id: last.userId }) }),
      }
    },
  }),
  apiRoute('getAppUser', 'get', '/api/v1/app/users/:id', {
    caller: 'app',
    permission: 'none',
    summary: 'Get a user who gave this app consent',
    params: userParams,
    answer: answer(200, 'The stored user.', schemas.AppUser, {
      id: '8f14e45fceea167a5a36',
      tenant: 'acme',
      status: 'active',
      claims: exampleClaims,
      scopes: ['openid', 'email'],
    }),
    errors: ['user_not_visible'],
    handler: async ({ shell, caller: { app }, params }) => {
      const found = await userVisibleToApp(shell.parts, shell, app, params.id)
      if (found === null) throw new GatehouseError('user_not_visible', 'no user of this ID whom the app may see')
      const { user, scopes } = found
      const { id, tenant } = user
      const profile = profileIn(user, permissionView(shell.tenants.get(tenant), undefined, shell.parts.now()))
      return { id, tenant, status: 'active' as const, claims: claimsFor(profile, scopes), scopes }
    },
  }),
  apiRoute('endAppUserSessions', 'delete', '/api/v1/app/users/:id/sessions', {
    caller: 'app',
    permission: 'none',
    summary: 'Sign a user out of the calling app',
    description:
      'The tokens and sessions of the user at this app end; refresh tokens too. The consent and the session at Gatehouse stay.',
    params: userParams,
    answer: answer(200, 'The sessions ended.', schemas.Ended, { ended: 2 }),
    errors: ['user_not_visible'],
    handler: async ({ shell, caller, params }) => ({ ended: await endAppSessions(shell.parts, caller, params.id) }),
  }),
  apiRoute('endAppUserConsent', 'delete', '/api/v1/app/users/:id/consent', {
    caller: 'app',
    permission: 'none',
    summary: "End a user's consent to the calling app",
    description: 'Their tokens and sessions at this app end too. At the next sign-in the user is asked again.',
    params: userParams,
    answer: answer(204, 'The consent ended.'),
    errors: ['user_not_visible'],
    handler: ({ shell, caller, params }) => endAppConsent(shell.parts, caller, params.id),
  }),
]

function consentView(app: App, { userId, tenant, scopes, firstGrantedAt, grantedAt }: Consent) {
  return {
    id: userId,
    tenant,
    scopes: scopes.filter((scope) => app.scopes.includes(scope)),
    firstGrantedAt: isoTime(firstGrantedAt),
    grantedAt: isoTime(grantedAt),
  }
}

type ProfileView = ReturnType<typeof profileView>

function claimsFor(profile: Parameters<typeof profileView>[0], scopes: readonly string[]): Partial<ProfileView> {
  const allowed = claimsOfScopes(scopes)
  return Object.fromEntries(Object.entries(profileView(profile)).filter(([name]) => allowed.has(name)))
}
