/** The portal's pages in all states; `retell` replaces developer-supplied text. */
import type { App } from '../../../src/app/app.ts'
import { newAppPage } from '../../../src/web/developer/developer-app-form.tsx'
import { type AppPageProps, appPage } from '../../../src/web/developer/developer-app-page.tsx'
import { appForm } from '../../../src/web/developer/developer-form.ts'
import { developerPage } from '../../../src/web/developer/portal-page.tsx'
import { now } from './samples.ts'

export function developerPages(retell = (text: string) => text): Readonly<Record<string, string>> {
  const tenant = { name: retell('Acme Robotics') }
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
  const blank = { scopes, supportUrl: '/support', signedIn: { name: retell('Ada Lovelace') } }
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
    app,
    apis: [],
    signingAlgorithms: [],
    uses: new Map(),
    addresses: [
      ['Client ID', retell('app09b683189c500ec312760d17')],
      ['Issuer', 'https://login.acme.test'],
    ],
    snippet: retell(
      "import * as client from 'openid-client'\nawait client.discovery(new URL('https://login.acme.test'))",
    ),
    values,
    scopes,
    faults: [],
    now,
    secrets: { list: [], showHref: undefined },
    notice: retell('Saved. The changes apply immediately.'),
    signedIn: { name: retell('Ada Lovelace') },
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
  const listed = { id: retell('app1'), name: values.name, kind: 'web', createdAt: now } as const
  return {
    developer: developerPage({
      tenant,
      apps: [listed, { ...listed, id: 'app2' }],
      notice: retell('Done.'),
    }),
    'developer-empty': developerPage({ tenant, apps: [] }),
    'developer-new': newAppPage({ ...blank, values, faults: [] }),
    'developer-new-faults': newAppPage({ ...blank, values, faults }),
    'developer-app': appPage(page),
    'developer-app-full': appPage(full),
    'developer-app-faults': appPage({
      ...full,
      secrets: { list: [secret], showHref: '/developer/apps/app1?show=secrets' },
      faults: [
        ...faults,
        ...['secret', 'key', 'jwksUrl', 'madeName', 'confirm'].map((field) => ({ field, message: retell('is wrong') })),
      ],
      typed: { key: retell('-----BEGIN'), jwksUrl: retell('http://x') },
    }),
    'developer-service': appPage({ ...page, app: { ...app, kind: 'service' }, secrets: undefined }),
  }
}
