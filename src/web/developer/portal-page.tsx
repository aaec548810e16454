/** The portal's first page: the developer's apps. */

import type { App } from '../../app/app.ts'
import { AppLogo, safeHref } from '../../pages/layout.tsx'
import { LinkButton } from '../../pages/parts.tsx'
import type { Viewer } from '../../pages/site/viewer.ts'
import { Time } from '../../pages/time.tsx'
import { kindLabel } from './app-kinds.ts'
import { developerLayout } from './developer-layout.tsx'
import { appPath, developerPath, newAppPath } from './paths.ts'

export interface ListedApp extends Pick<App, 'id' | 'name' | 'kind' | 'logoUri' | 'createdAt'> {
  readonly disabled: boolean
  /** Last use of a secret or a key, or last sign-in. */
  readonly lastUsedAt: Date | undefined
  /** Sign-ins of the last 30 days. */
  readonly signIns: number
}

export interface DeveloperPageProps {
  readonly viewer: Viewer
  readonly apps: readonly ListedApp[]
  /** Limits the list to apps whose name or ID contains it. */
  readonly search?: string | undefined
  readonly notice?: string | undefined
  readonly now: Date
}

/** A shorter list needs no search. */
const minSearchedApps = 6

export function developerPage({ viewer, apps, search = '', notice, now }: DeveloperPageProps): string {
  const found = apps.filter(({ id, name }) => `${name}\n${id}`.toLowerCase().includes(search.toLowerCase()))
  return developerLayout({
    title: 'Your apps',
    viewer,
    notice,
    children: (
      <>
        <header class="list-head">
          <div>
            <h1>Your apps</h1>
            <p class="small">Apps that sign in users of {viewer.tenant.name}</p>
          </div>
          <LinkButton href={newAppPath} label="Register an app" />
        </header>
        <section class="card" aria-label="Apps">
          {apps.length === 0 && <p>No apps yet. Register one to add sign-in with any OpenID Connect library.</p>}
          {(apps.length >= minSearchedApps || search !== '') && <Search text={search} />}
          {found.length > 0 && (
            <ul class="sessions apps">
              {found.map((app) => (
                <AppRow key={app.id} app={app} now={now} />
              ))}
            </ul>
          )}
          {found.length === 0 && apps.length > 0 && (
            <p role="status">
              No app has “{search}” in its name or ID. <a href={developerPath}>Show all {apps.length}</a>
            </p>
          )}
        </section>
      </>
    ),
  })
}

function Search({ text }: { readonly text: string }) {
  return (
    <search>
      <form method="get" action={developerPath} class="search">
        <label for="q" class="unseen">
          Search your apps
        </label>
        <input id="q" name="q" type="search" value={text} placeholder="Name or client ID" autocomplete="off" />
        <button type="submit" class="quiet">
          Search
        </button>
      </form>
    </search>
  )
}

function AppRow({ app, now }: { readonly app: ListedApp; readonly now: Date }) {
  const { id, name, createdAt, disabled, lastUsedAt, signIns } = app
  return (
    <li>
      <div class="app-name">
        <AppLogo app={app} />
        <div>
          <h2>
            <a href={safeHref(appPath(id))}>{name}</a> {disabled && <span class="badge warning">Disabled</span>}
          </h2>
          <p class="small">
            {kindLabel(app)}, registered <Time at={createdAt} />
          </p>
          <p class="small">
            <code>{id}</code>
          </p>
        </div>
      </div>
      <dl class="activity">
        <div>
          <dt>Sign-ins in 30 days</dt>
          <dd>{signIns.toLocaleString('en-US')}</dd>
        </div>
        <div>
          <dt>Last used</dt>
          <dd>{lastUsedAt === undefined ? 'Not yet' : <Time at={lastUsedAt} now={now} />}</dd>
        </div>
      </dl>
    </li>
  )
}
