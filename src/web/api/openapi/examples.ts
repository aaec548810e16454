/** Examples of the OpenAPI document. The tokens are not real: their checksums are wrong. */
import { settingsOf } from '../../../app/settings.ts'

export const exampleToken = 'gth_s_EXAMPLE0000000000000000000000000000000000000000000'

export const exampleApiTokenText = 'gth_a_EXAMPLE0000000000000000000000000000000000000000000'

const profile = { email: 'ada@acme.test', email_verified: true, name: 'Ada Lovelace', groups: ['engineering'] }

export const exampleSession = {
  id: 'k3VtQ0m2mE9cW1xR7yLZ5aPd',
  tenant: 'acme',
  user: { id: '8f14e45fceea167a5a36' },
  profile,
  authenticated: { connection: 'okta', kind: 'okta', at: '2026-11-22T09:30:00Z', amr: ['pwd', 'mfa'] },
  device: 'Chrome on Linux',
  createdAt: '2026-11-22T09:30:00Z',
  lastSeenAt: '2026-11-22T09:41:00Z',
  idleExpiresAt: '2026-11-29T09:41:00Z',
  expiresAt: '2026-12-22T09:30:00Z',
}

export const exampleApiToken = {
  id: 'w5pB1nJr8QfT3hZk0sYxVd7c',
  name: 'Nightly build',
  scopes: ['profile:read', 'apps:read'],
  ranges: ['192.0.2.0/24'],
  createdAt: '2026-11-22T09:30:00Z',
  expiresAt: '2036-11-19T09:30:00Z',
  lastUsed: { at: '2026-11-24T02:00:00Z', address: '192.0.2.7', agent: 'curl/8.14.1' },
  stale: false,
}

export const exampleUser = {
  id: '8f14e45fceea167a5a36',
  tenant: 'acme',
  profile,
  sources: { email: 'okta', name: 'okta', groups: 'okta' },
  createdAt: '2026-03-02T08:00:00Z',
  identities: [
    {
      connection: 'okta',
      issuer: 'https://acme.okta.com',
      subject: '00u1a2b3c4',
      lastLoginAt: '2026-11-22T09:30:00Z',
    },
  ],
}

export const exampleClaims = { email: 'ada@acme.test', email_verified: true }

export const exampleApp = {
  id: 'app3f9c1d52ab08e47716c0d9b2',
  name: 'Shop',
  kind: 'web',
  redirectUris: ['https://shop.example/signed-in'],
  postLogoutRedirectUris: [],
  ...settingsOf({ kind: 'web' }),
  tenants: ['acme'],
  scopes: ['openid', 'profile', 'email'],
  createdAt: '2026-11-22T09:00:00.000Z',
  issuer: 'https://login.example',
  discovery: 'https://login.example/.well-known/openid-configuration',
}

export const exampleKey = {
  id: 'ln3cFm9vEJ0W8H2s',
  name: 'Server in Berlin',
  publicKey: { kty: 'EC', crv: 'P-256', x: 'f83OJ3D2…', y: 'x_FEzRu9…', kid: 'ln3cFm9vEJ0W8H2s', use: 'sig' },
  createdAt: '2026-11-22T09:02:00.000Z',
}

export const exampleAppDetails = {
  ...exampleApp,
  secrets: [{ id: 'Zk3v9QxT2aLm', createdAt: exampleApp.createdAt }],
  keys: [exampleKey],
}

export const exampleSecret = { id: 'Zk3v9QxT2aLm', secret: 'gth_c_…', createdAt: exampleApp.createdAt }
