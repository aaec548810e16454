/** The portal's pages in all states; `retell` replaces developer-supplied text. */
import type { App } from '../../../src/app/app.ts'
import { removeKeyPage, revokeSecretPage } from '../../../src/web/developer/confirm-pages.tsx'
import { newAppPage } from '../../../src/web/developer/developer-app-form.tsx'
import { type AppPageProps, appPage } from '../../../src/web/developer/developer-app-page.tsx'
import { appForm } from '../../../src/web/developer/developer-form.ts'
import { developerPage, type ListedApp } from '../../../src/web/developer/portal-page.tsx'
import { now } from './samples.ts'

export function developerPages(retell = (text: string) => text): Readonly<Record<string, string>> {
  const viewer = {
    tenant: { name: retell('Acme Robotics'), supportUrl: '/support' },
    name: retell('Ada Lovelace'),
    email: retell('ada.lovelace@acme.test'),
    isAdministrator: true,
    isDeveloper: true,
  }
  const values = appForm.parse({
    name: retell('Acme Shop'),
    kind: 'web',
    logoUri: retell(''),
    redirectUris: retell('https://shop.acme.test/callback'),
    postLogoutRedirectUris: retell('https://shop.acme.test/'),
    backchannelLogoutUri: retell(''),
    pkce: 'required',
    scopes: ['openid', 'email'],
  })
  const scopes = ['openid', 'profile', 'email', 'offline_access'].map((value) => ({
    value,
    label: retell(value),
    hint: retell('“see it”'),
  }))
  const faults = ['name', 'kind', 'redirectUris', 'scopes', 'logoUri'].map((field) => ({
    field,
    message: retell(`${field} is wrong`),
  }))
  const blank = { scopes, viewer }
  const app: App = {
    id: 'app1',
    name: values.name,
    kind: 'web',
    createdAt: now,
    revision: 1,
    redirectUris: [],
    postLogoutRedirectUris: [],
    backchannelLogoutUri: undefined,
    logoUri: undefined,
    tenants: ['acme'],
    scopes: [],
    firstParty: false,
    owner: undefined,
    secrets: [],
    keys: [],
  }
  const page: AppPageProps = {
    tab: 'overview',
    viewer,
    app,
    apis: [],
    signingAlgorithms: [],
    uses: new Map(),
    addresses: [
      ['Client ID', retell('app09b683189c500ec312760d17')],
      ['Issuer', 'https://login.acme.test'],
    ],
    snippet: {
      intro: retell('A server with Express and openid-client.'),
      files: [
        {
          name: 'server.mjs',
          text: retell(
            "import * as client from 'openid-client'\nawait client.discovery(new URL('https://login.acme.test'), 'app09b683189c500ec312760d17')",
          ),
        },
        { name: 'Terminal', text: 'npm install openid-client' },
      ],
    },
    signIns: 1234,
    values,
    scopes,
    faults: [],
    now,
    secrets: { list: [], showHref: undefined },
    notice: retell('Saved. The changes apply immediately.'),
  }
  const secret = {
    id: retell('s1'),
    createdAt: now,
    expiresAt: undefined,
    lastUsedAt: now,
    text: retell(`gth_c_${'a'.repeat(49)}`),
  }
  const key = {
    id: retell('k1'),
    name: retell('laptop'),
    createdAt: now,
    source: { kind: 'public key', jwk: {} },
  } as const
  const closed = { accessTokens: 'jwt', accessTokenSeconds: 60, requestableBy: 'first-party' } as const
  const security = {
    security: 'shown',
    requires: ['fapi2'],
    idTokenSignedResponseAlg: 'ES256',
    grants: ['authorization_code'],
  }
  const keySet = { ...key, id: 'k2', source: { kind: 'jwks', url: retell('https://shop.acme.test/jwks') } } as const
  const full: AppPageProps = {
    ...page,
    app: { ...app, keys: [key, keySet] },
    values: { ...values, ...security },
    secrets: {
      list: [secret, { ...secret, id: 's2', text: undefined, expiresAt: now }],
      signInAgainHref: '/t/acme/okta/start',
    },
  }
  const listed: ListedApp = {
    ...{ id: retell('app1'), name: values.name, kind: 'web', logoUri: undefined, createdAt: now },
    ...{ disabled: false, lastUsedAt: now, signIns: 1234 },
  }
  const many = Array.from({ length: 6 }, (_, index) => ({ ...listed, id: `app${index + 2}`, lastUsedAt: undefined }))
  return {
    developer: developerPage({
      viewer,
      apps: [listed, { ...listed, id: 'app2', disabled: true }],
      notice: retell('Done.'),
      now,
    }),
    'developer-many': developerPage({ viewer, apps: [listed, ...many], search: 'app', now }),
    'developer-not-found': developerPage({ viewer, apps: [listed], search: retell('xyz'), now }),
    'developer-empty': developerPage({ viewer: { ...viewer, isAdministrator: false }, apps: [], now }),
    'developer-new': newAppPage({ ...blank, values, faults: [] }),
    'developer-new-faults': newAppPage({ ...blank, values, faults }),
    'developer-app': appPage(page),
    'developer-app-closed': appPage({
      ...full,
      app: { ...full.app, redirectUris: ['https://shop.acme.test/callback'], disabledAt: now, scopes: ['orders'] },
      apis: [{ id: 'https://api.test', name: retell('Orders'), scopes: { orders: 'x' }, ...closed }],
    }),
    'developer-app-settings': appPage({ ...full, tab: 'settings' }),
    'developer-app-settings-faults': appPage({
      ...full,
      tab: 'settings',
      faults: [...faults, { field: 'profile', message: retell('is wrong') }],
    }),
    'developer-app-credentials': appPage({ ...full, tab: 'credentials' }),
    'developer-app-new-key': appPage({
      ...full,
      tab: 'credentials',
      newKey: {
        id: 'k1',
        privatePem: retell('-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----\n'),
      },
    }),
    'developer-app-credentials-faults': appPage({
      ...full,
      tab: 'credentials',
      secrets: { list: [secret], showHref: '/developer/apps/app1?show=secrets' },
      faults: ['secret', 'key', 'jwksUrl', 'madeName'].map((field) => ({ field, message: retell('is wrong') })),
      typed: { key: retell('-----BEGIN'), jwksUrl: retell('http://x') },
    }),
    'developer-app-revoke-secret': revokeSecretPage({
      ...{ viewer, app, now, lastUsedAt: now },
      secret: { ...secret, sealed: '', hash: '' },
    }),
    'developer-app-remove-key': removeKeyPage({ viewer, app, now, lastUsedAt: undefined, appKey: key }),
    'developer-app-danger': appPage({
      ...page,
      tab: 'danger',
      faults: [{ field: 'confirm', message: retell('is wrong') }],
    }),
    'developer-service-settings': appPage({ ...page, tab: 'settings', app: { ...app, kind: 'service' }, scopes: [] }),
    'developer-native-settings': appPage({ ...page, tab: 'settings', app: { ...app, kind: 'native' } }),
    'developer-native': appPage({ ...page, app: { ...app, kind: 'native' }, secrets: undefined }),
    'developer-native-credentials': appPage({
      ...page,
      tab: 'credentials',
      app: { ...app, kind: 'native' },
      secrets: undefined,
    }),
  }
}
