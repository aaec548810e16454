/** `/api/v1/admin/apps`: apps as administrators see, disable and enable them. */
import { z } from 'zod'
import { settingsOf } from '../../../../app/settings.ts'
import { setAppDisabledBy } from '../../../../broker/access/change-app-state.ts'
import { targetApp } from '../../../../broker/access/target.ts'
import { isoTime } from '../../../../http/iso-time.ts'
import { type AppRecord, type ListedApp, listedApp, readAppRecord } from '../../../admin/apps/app-record.ts'
import { searchApps } from '../../../admin/apps/search-apps.ts'
import { answer, apiRoute } from '../../route.ts'
import { schemas } from '../../schemas.ts'
import { searchedTenant } from '../searched-tenant.ts'
import { appsQuery } from './app-schemas.ts'

const path = '/api/v1/admin/apps'
const params = z.object({ id: z.string().max(128).describe('ID of the app.') })
const exampleApp = {
  id: 'app3f9c1d52ab08e47716c0d9b2',
  name: 'Shop',
  kind: 'web',
  declared: false,
  owner: { id: '8f14e45fceea167a5a36', tenant: 'acme', email: 'ada@acme.test' },
  state: 'on',
  createdAt: '2026-11-01T10:00:00Z',
}
const exampleDetails = {
  app: exampleApp,
  redirectUris: ['https://shop.example/in'],
  postLogoutRedirectUris: [],
  tenants: ['acme'],
  scopes: ['openid', 'email'],
  grants: ['authorization_code'],
  firstParty: false,
  credentials: [{ kind: 'client secret', id: 's1', createdAt: '2026-11-01T10:00:00Z' }],
  consents: 12,
  days: [{ day: '2026-11-29', signIns: 4, refusals: 1 }],
}

export const appsApiRoutes = [
  apiRoute('searchApps', 'get', path, {
    caller: 'recently signed-in admin',
    permission: 'tenant-apps:read',
    summary: "Search the apps of the tenant's developers",
    description: "Newest first. An operator's first page begins with the apps of gatehouse.yaml.",
    query: appsQuery,
    answer: answer(200, 'One page of apps.', schemas.AdminAppPage, { apps: [exampleApp], next: exampleApp.id }),
    errors: ['not_found'],
    handler: async ({ shell, caller: session, roles, query: { tenant: named, ...search } }) => {
      const by = { session, roles }
      const tenant = await searchedTenant(shell.parts, by, named)
      const { apps, next } = await searchApps(shell.parts, by, { ...search, tenant })
      const listed = await Promise.all(apps.map((app) => listedApp(shell, app)))
      return { apps: listed.map(adminAppView), ...(next !== undefined && { next }) }
    },
  }),
  apiRoute('getAppDetails', 'get', `${path}/:id`, {
    caller: 'recently signed-in admin',
    permission: 'tenant-apps:read',
    summary: 'Get all about an app',
    params,
    answer: answer(200, 'The app, without secrets.', schemas.AdminAppDetails, exampleDetails),
    errors: ['not_found'],
    handler: async ({ shell, caller: session, roles, params }) => {
      const app = await targetApp(shell.parts, { session, roles }, params.id)
      return detailsView(await readAppRecord(shell, app))
    },
  }),
  apiRoute('disableApp', 'post', `${path}/:id/disable`, {
    caller: 'recently signed-in admin',
    permission: 'tenant-apps:write',
    summary: 'Disable an app',
    description:
      'Its sign-ins, secrets, keys and tokens are rejected within two seconds. Disabling it again changes nothing.',
    params,
    answer: answer(204, 'The app is disabled.'),
    errors: ['not_found', 'app_unknown'],
    handler: async ({ shell: { parts }, caller: session, roles, params }) => {
      await setAppDisabledBy(parts, { session, roles }, params.id, true)
    },
  }),
  apiRoute('enableApp', 'post', `${path}/:id/enable`, {
    caller: 'recently signed-in admin',
    permission: 'tenant-apps:write',
    summary: 'Enable an app',
    params,
    answer: answer(204, 'The app is enabled.'),
    errors: ['not_found', 'app_unknown'],
    handler: async ({ shell: { parts }, caller: session, roles, params }) => {
      await setAppDisabledBy(parts, { session, roles }, params.id, false)
    },
  }),
]

const optionalTime = (at: Date | undefined) => (at === undefined ? undefined : isoTime(at))

function adminAppView({ app, disabled, owner }: ListedApp) {
  const email = owner?.profile.email?.address
  return {
    id: app.id,
    name: app.name,
    kind: app.kind,
    declared: app.owner === undefined,
    owner: app.owner && { id: app.owner.userId, tenant: app.owner.tenant, email },
    state: disabled ?? ('on' as const),
    disabledAt: optionalTime(app.disabledAt),
    createdAt: isoTime(app.createdAt),
  }
}

function detailsView(record: AppRecord) {
  const { app, credentials, consents, days } = record
  const { redirectUris, postLogoutRedirectUris, backchannelLogoutUri, tenants, scopes, firstParty } = app
  return {
    app: adminAppView(record),
    ...{ redirectUris, postLogoutRedirectUris, backchannelLogoutUri, tenants, scopes, firstParty },
    grants: settingsOf(app).grants,
    credentials: credentials.map(({ createdAt, expiresAt, lastUsedAt, ...credential }) => ({
      ...credential,
      createdAt: isoTime(createdAt),
      expiresAt: optionalTime(expiresAt),
      lastUsedAt: optionalTime(lastUsedAt),
    })),
    consents,
    days,
  }
}
