/** The portal's first page: the developer's apps. */

import type { App } from '../../app/app.ts'
import { Notice } from '../../pages/form.tsx'
import { Monogram, type PageTenant, renderLayout, type SignedIn, safeHref } from '../../pages/layout.tsx'
import { Aside, LinkButton } from '../../pages/parts.tsx'
import { Time } from '../../pages/time.tsx'
import { kindLabel } from './developer-app-form.tsx'
import { appPath, newAppPath } from './paths.ts'

export interface DeveloperPageProps {
  readonly tenant: PageTenant
  readonly apps: readonly Pick<App, 'id' | 'name' | 'kind' | 'createdAt'>[]
  readonly notice?: string | undefined
  readonly signedIn?: SignedIn | undefined
}

export function developerPage({ tenant, apps, notice, signedIn }: DeveloperPageProps): string {
  return renderLayout({
    title: `Your apps at ${tenant.name}`,
    tenant,
    signedIn,
    wide: true,
    children: (
      <>
        <Notice text={notice} />
        <section class="card">
          <div class="person">
            <Monogram text={tenant.name} />
            <div>
              <h1>Your apps</h1>
              <p class="small">Apps for {tenant.name}</p>
            </div>
            <LinkButton href="/account" label="Account" quiet />
          </div>
          {apps.length === 0 ? (
            <p>No apps yet. Register one to add sign-in with any OpenID Connect library.</p>
          ) : (
            <ul class="sessions">
              {apps.map((app) => (
                <li key={app.id}>
                  <div>
                    <h2>
                      <a href={safeHref(appPath(app.id))}>{app.name}</a>
                    </h2>
                    <p class="small">
                      {kindLabel(app)}, registered <Time at={app.createdAt} />
                    </p>
                  </div>
                  <code>{app.id}</code>
                </li>
              ))}
            </ul>
          )}
          <LinkButton href={newAppPath} label="Register an app" />
          <Aside href="/api" label="API reference" />
        </section>
      </>
    ),
  })
}
