/** `/admin/apps`: a page of the apps that a search finds. */
import type { Administrator } from '../../../broker/access/target.ts'
import { withQuery } from '../../../http/destination.ts'
import { safeHref } from '../../../pages/layout.tsx'
import { CursorPaging } from '../../../pages/paging.tsx'
import { Section } from '../../../pages/parts.tsx'
import { Scroll } from '../../../pages/scroll.tsx'
import { Time } from '../../../pages/time.tsx'
import { truncate } from '../../../primitives/untrusted-text.ts'
import { renderAdminPage } from '../admin-layout.tsx'
import { FilterCard, SearchButton, TextFilter } from '../filter-field.tsx'
import { userPath } from '../users/paths.ts'
import { userName } from '../users/user-names.ts'
import type { ListedApp } from './app-record.ts'
import { appHref, appsPath } from './paths.ts'

export interface AppsQuery {
  readonly tenant: string | undefined
  /** Part of a name, or an id. */
  readonly name: string | undefined
  /** Id or email. */
  readonly owner: string | undefined
  readonly cursor: string | undefined
}

export interface AppsPageProps {
  readonly by: Administrator
  /** The tenant that is searched. Undefined: all. */
  readonly tenant: string | undefined
  readonly query: AppsQuery
  readonly apps: readonly ListedApp[]
  /** Cursor of the next page; undefined on the last one. */
  readonly next: string | undefined
}

const hrefOf = (query: AppsQuery) => withQuery(appsPath, { ...query })

export function appsPage({ by, tenant, query, apps, next }: AppsPageProps): string {
  return renderAdminPage({
    section: 'apps',
    by,
    tenant,
    children: (
      <>
        <FilterCard>
          <form method="get" action={appsPath} class="filters" aria-label="Search apps">
            <TextFilter name="name" label="Name or ID" value={query.name} />
            <TextFilter name="owner" label="Owner (email or ID)" value={query.owner} />
            {by.roles.includes('operator') && (
              <TextFilter name="tenant" label="Tenant (empty: all)" value={query.tenant} />
            )}
            <SearchButton />
          </form>
        </FilterCard>
        <Section id="list" title="Apps">
          <Apps apps={apps} isSearch={query.name !== undefined || query.owner !== undefined} />
          <CursorPaging
            label="apps"
            first={query.cursor && hrefOf({ ...query, cursor: undefined })}
            next={next && hrefOf({ ...query, cursor: next })}
          />
        </Section>
      </>
    ),
  })
}

function Apps({ apps, isSearch }: { readonly apps: readonly ListedApp[]; readonly isSearch: boolean }) {
  if (apps.length === 0) return <p>{isSearch ? 'No app matches.' : 'Developers have not registered any app yet.'}</p>
  return (
    <Scroll label="Table of apps">
      <table class="records">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Kind</th>
            <th scope="col">Owner</th>
            <th scope="col">State</th>
            <th scope="col">Registered</th>
          </tr>
        </thead>
        <tbody>
          {apps.map((listed) => (
            <tr key={listed.app.id}>
              <th scope="row">
                <a href={safeHref(appHref(listed.app.id))}>{truncate(listed.app.name, 80)}</a>
              </th>
              <td data-label="Kind">{listed.app.kind}</td>
              <td data-label="Owner">
                <Owner {...listed} />
              </td>
              <td data-label="State">
                <AppState {...listed} />
              </td>
              <td data-label="Registered">
                {listed.app.owner === undefined ? '–' : <Time at={listed.app.createdAt} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}

export function Owner({ app, owner }: ListedApp) {
  if (app.owner === undefined) return <span class="badge">Configuration</span>
  if (owner === undefined || owner === null) return <>{app.owner.userId} (gone)</>
  return (
    <>
      <a href={safeHref(userPath(owner.id))}>{userName(owner)}</a> of {owner.tenant}
    </>
  )
}

export function AppState({ disabled }: Pick<ListedApp, 'disabled'>) {
  if (disabled === undefined) return <span class="state healthy">On</span>
  return <span class="state down">{disabled === 'disabled' ? 'Disabled' : 'Owner blocked'}</span>
}
