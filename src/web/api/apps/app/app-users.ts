/** `/api/v1/app/users` and `/tokens/check`: what the calling app may know of users. */
import { z } from 'zod'
import { claimsOfScopes } from '../../../../app/scopes.ts'
import { sessionVisibleToApp, userVisibleToApp } from '../../../../broker/apps/visible-users.ts'
import { permissionView, profileIn } from '../../../../broker/session/permissions.ts'
import { GatehouseError } from '../../../../errors.ts'
import { isoTime } from '../../../../http/iso-time.ts'
import { profileView } from '../../../../http/views.ts'
import { credentialPortsOf } from '../../credential-ports.ts'
import { exampleClaims } from '../../openapi/examples.ts'
import { answer, apiRoute } from '../../route.ts'
import { schemas } from '../../schemas.ts'

export const appUserRoutes = [
  apiRoute('checkToken', 'post', '/api/v1/app/tokens/check', {
    caller: 'app',
    permission: 'none',
    summary: 'Check a session token or an API token that the app received',
    description:
      'Returns the claims of the user that this app has consent for. Check access tokens at `/oauth2/introspect`, or by their signature.',
    body: { schema: schemas.TokenToCheck, example: { token: 'gth_s_…' } },
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
      const found = await sessionVisibleToApp(shell.parts, credentialPortsOf(shell), app, body.token)
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
  apiRoute('getAppUser', 'get', '/api/v1/app/users/:id', {
    caller: 'app',
    permission: 'none',
    summary: 'Get a user who gave this app consent',
    params: z.object({ id: z.string().describe('The `sub` of their ID token.') }),
    answer: answer(200, 'As stored now.', schemas.AppUser, {
      id: '8f14e45fceea167a5a36',
      tenant: 'acme',
      status: 'active',
      claims: exampleClaims,
      scopes: ['openid', 'email'],
    }),
    errors: ['user_not_visible'],
    handler: async ({ shell, caller: { app }, params }) => {
      const found = await userVisibleToApp(shell.parts, shell, app, params.id)
      if (found === null) throw new GatehouseError('user_not_visible', 'no user of this id whom the app may see')
      const { user, scopes } = found
      const { id, tenant } = user
      const profile = profileIn(user, permissionView(shell.tenants.get(tenant), undefined, shell.parts.now()))
      return { id, tenant, status: 'active' as const, claims: claimsFor(profile, scopes), scopes }
    },
  }),
]

type ProfileView = ReturnType<typeof profileView>

function claimsFor(profile: Parameters<typeof profileView>[0], scopes: readonly string[]): Partial<ProfileView> {
  const allowed = claimsOfScopes(scopes)
  return Object.fromEntries(Object.entries(profileView(profile)).filter(([name]) => allowed.has(name)))
}
