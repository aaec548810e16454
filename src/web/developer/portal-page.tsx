/** The portal's first page: the developer's apps. */
import { Notice } from '../../pages/form.tsx'
import { Monogram, type PageTenant, renderLayout, type SignedIn, safeHref } from '../../pages/layout.tsx'
import { Time } from '../../pages/time.tsx'

export interface AppListItem {
  readonly id: string
  readonly name: string
  /** Such as "Web app". */
  readonly kind: string
  readonly href: string
  readonly createdAt: Date
}

export interface DeveloperPageProps {
  readonly tenant: PageTenant
  readonly apps: readonly AppListItem[]
  readonly newHref: string
  readonly notice?: string | undefined
  readonly supportUrl?: string | undefined
  readonly signedIn?: SignedIn | undefined
}

export function developerPage({ tenant, apps, newHref, notice, supportUrl, signedIn }: DeveloperPageProps): string {
  return renderLayout({
    title: `Your apps at ${tenant.name}`,
    ...{ supportUrl, signedIn },
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
            <a class="button quiet" href="/account">
              Account
            </a>
          </div>
          {apps.length === 0 ? (
            <p>No apps yet. Register one to add sign-in with any OpenID Connect library.</p>
          ) : (
            <ul class="sessions">
              {apps.map((app) => (
                <li key={app.id}>
                  <div>
                    <h2>
                      <a href={safeHref(app.href)}>{app.name}</a>
                    </h2>
                    <p class="small">
                      {app.kind}, registered <Time at={app.createdAt} />
                    </p>
                  </div>
                  <code>{app.id}</code>
                </li>
              ))}
            </ul>
          )}
          <a class="button" href={safeHref(newHref)}>
            Register an app
          </a>
          <p class="aside">
            <a href="/api">API reference</a>
          </p>
        </section>
      </>
    ),
  })
}
