/** The pages of apps in all states; `retell` replaces what developers write. */
import type { App } from '../../../src/app/app.ts'
import { appPage } from '../../../src/web/admin/apps/app-page.tsx'
import { type AppRecord, countedConsents, type ListedApp } from '../../../src/web/admin/apps/app-record.ts'
import { appsPage } from '../../../src/web/admin/apps/apps-page.tsx'
import { sampleApp, sampleUser } from '../store/samples.ts'
import { sampleAdministrator } from './admin-samples.ts'
import { now } from './samples.ts'

const daysFromNow = (days: number) => new Date(now.getTime() + days * 86_400_000)

export function adminAppPages(retell = (text: string) => text): Readonly<Record<string, string>> {
  const by = sampleAdministrator('operator', retell('Grace Hopper'))
  const owner = sampleUser({ id: 'ada', tenant: 'acme', profile: { name: retell('Ada Lovelace') } })
  const appOf = (id: string, changes: Partial<App> = {}): App =>
    sampleApp({
      id,
      name: retell('Warehouse robots'),
      owner: { tenant: 'acme', userId: 'ada' },
      createdAt: daysFromNow(-20),
      redirectUris: [`https://${retell('robots')}.example/in`, 'https://robots.example/signed-in?app=1'],
      tenants: ['acme', retell('beta')],
      ...changes,
    })
  const listed: readonly ListedApp[] = [
    { app: appOf('portal', { owner: undefined, name: retell('Portal') }), disabled: undefined, owner: undefined },
    { app: appOf('app1'), disabled: undefined, owner },
    { app: appOf('app2', { kind: 'native' }), disabled: 'disabled', owner },
    { app: appOf('app3', { kind: 'service' }), disabled: 'owner blocked', owner: null },
  ]
  const query = { tenant: undefined, name: undefined, owner: undefined, cursor: undefined }
  const searched = { ...query, name: retell('robots'), owner: retell('ada'), cursor: 'x' }
  const list = { by, tenant: undefined, query, apps: listed, next: 'app3' }
  const record: AppRecord = {
    app: appOf('app1', { disabledAt: daysFromNow(-1) }),
    disabled: 'disabled',
    owner,
    credentials: [
      {
        kind: 'client secret',
        id: 's1',
        name: undefined,
        createdAt: daysFromNow(-9),
        expiresAt: daysFromNow(2),
        lastUsedAt: undefined,
      },
      {
        kind: 'key',
        id: 'k1',
        name: retell('laptop'),
        createdAt: daysFromNow(-8),
        expiresAt: undefined,
        lastUsedAt: now,
      },
    ],
    days: Array.from({ length: 30 }, (_, index) => ({
      day: `2026-10-${String(index + 1).padStart(2, '0')}`,
      signIns: index % 7,
      refusals: index % 3,
    })),
    consents: countedConsents,
  }
  const bare = { redirectUris: [], postLogoutRedirectUris: [], backchannelLogoutUri: undefined, owner: undefined }
  const empty: AppRecord = {
    app: appOf('portal', { ...bare, tenants: 'all', firstParty: true }),
    disabled: undefined,
    owner: undefined,
    credentials: [],
    days: [],
    consents: 0,
  }
  return {
    'admin-apps': appsPage(list),
    'admin-apps-searched': appsPage({ ...list, tenant: 'acme', query: searched, next: undefined }),
    'admin-apps-none': appsPage({ ...list, apps: [], next: undefined }),
    'admin-app': appPage({ by, record, notice: 'The app is disabled.', now }),
    'admin-app-empty': appPage({ by, record: empty, now }),
  }
}
