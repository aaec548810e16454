/** What an app's own server may ask. */
import { exampleApp, exampleClaims } from './examples.ts'
import { type Operation, server } from './operation.ts'

export const appOperations: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/app',
    id: 'showCallingApp',
    group: 'app',
    credentials: server,
    summary: 'The app that asks',
    answer: { status: 200, description: 'The app.', schema: 'AppSummary', example: exampleApp },
    errors: ['caller_refused'],
  },
  {
    method: 'post',
    path: '/api/v1/app/tokens/check',
    id: 'checkToken',
    group: 'app',
    credentials: server,
    summary: 'Check a session token somebody presents',
    description:
      'Tells who it is as far as they agreed to show this app. Access tokens are checked at `/oauth2/introspect`, or by their signature.',
    body: { schema: 'TokenToCheck', example: { token: 'gth_s_…' } },
    answer: {
      status: 200,
      description: 'Whether it is good, and for whom.',
      schema: 'CheckedToken',
      example: {
        active: true,
        tenant: 'acme',
        user: { id: '8f14e45fceea167a5a36' },
        claims: exampleClaims,
        scopes: ['openid', 'email'],
        authenticatedAt: '2026-11-22T09:30:00Z',
        expiresAt: '2026-11-29T09:41:00Z',
      },
    },
    errors: ['caller_refused'],
  },
  {
    method: 'get',
    path: '/api/v1/app/users/:id',
    id: 'showAppUser',
    group: 'app',
    credentials: server,
    summary: 'A user who agreed to show this app something',
    parameters: { id: 'The `sub` of their ID token.' },
    answer: {
      status: 200,
      description: 'As stored now.',
      schema: 'AppUser',
      example: {
        id: '8f14e45fceea167a5a36',
        tenant: 'acme',
        status: 'active',
        claims: exampleClaims,
        scopes: ['openid', 'email'],
      },
    },
    errors: ['caller_refused', 'user_unseen'],
  },
]
