/** The portal's pages in all states; `retell` replaces developer-supplied text. */
import { kindChoices, newAppPage } from '../../../src/web/developer/developer-app-form.tsx'
import { type AppPageProps, appPage } from '../../../src/web/developer/developer-app-page.tsx'
import { developerPage } from '../../../src/web/developer/portal-page.tsx'
import { now } from './samples.ts'

export function developerPages(retell = (text: string) => text): Readonly<Record<string, string>> {
  const tenant = { name: retell('Acme Robotics') }
  const values = {
    name: retell('Acme Shop'),
    kind: 'web',
    ...{ logoUri: retell(''), removeLogo: false },
    redirectUris: retell('https://shop.acme.test/callback'),
    postLogoutRedirectUris: retell('https://shop.acme.test/'),
    backchannelLogoutUri: retell(''),
    ...{ pkce: 'required', scopes: ['openid', 'email'] },
  }
  const scopes = ['openid', 'profile', 'email', 'offline_access'].map((value) => ({
    value,
    label: retell(value),
    hint: retell('“see it”'),
  }))
  const faults = ['name', 'kind', 'redirectUris', 'scopes', 'logoUri'].map((field) => ({
    field,
    message: retell(`${field} is wrong`),
  }))
  const form = { action: '/developer/apps/new', hidden: {} }
  const blank = {
    form,
    scopes,
    backHref: '/developer',
    supportUrl: '/support',
    signedIn: { name: retell('Ada Lovelace') },
  }
  const page: AppPageProps = {
    app: { id: 'app1', name: values.name, kindLabel: 'Web app', isService: false },
    addresses: [
      ['Client ID', retell('app09b683189c500ec312760d17')],
      ['Issuer', 'https://login.acme.test'],
    ],
    snippet: retell(
      "import * as client from 'openid-client'\nawait client.discovery(new URL('https://login.acme.test'))",
    ),
    ...{ values, scopes, faults: [], path: '/developer/apps/app1', backHref: '/developer', now },
    secrets: { list: [], showHref: undefined },
    keys: [],
    notice: retell('Saved. The changes apply immediately.'),
    signedIn: { name: retell('Ada Lovelace') },
  }
  const secret = { id: retell('s1'), createdAt: now, lastUsedAt: now, text: retell(`gth_c_${'a'.repeat(49)}`) }
  const key = { id: retell('k1'), name: retell('laptop'), createdAt: now, lastUsedAt: undefined }
  const security = { requires: ['fapi2'], idTokenSignedResponseAlg: 'ES256', grants: ['authorization_code'] }
  const full: AppPageProps = {
    ...page,
    values: { ...values, security },
    possibleGrants: ['authorization_code', 'refresh_token', 'client_credentials', 'device_code'],
    secrets: {
      list: [secret, { ...secret, id: 's2', text: undefined, expiresAt: now }],
      signInAgainHref: '/t/acme/okta/start',
    },
    keys: [key, { ...key, id: 'k2', jwksUrl: retell('https://shop.acme.test/jwks') }],
  }
  const app = {
    id: retell('app1'),
    name: values.name,
    kind: kindChoices[0]?.label ?? '',
    href: '/developer/apps/app1',
    createdAt: now,
  }
  return {
    developer: developerPage({
      tenant,
      apps: [app, { ...app, id: 'app2' }],
      newHref: '/developer/apps/new',
      notice: retell('Done.'),
    }),
    'developer-empty': developerPage({ tenant, apps: [], newHref: '/developer/apps/new' }),
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
    'developer-service': appPage({ ...page, app: { ...page.app, isService: true }, secrets: undefined }),
  }
}
