/** The frame of every admin page: navigation, the tenant that it is about, and the content. */
import type { ComponentChildren } from 'preact'
import { decide } from '../../broker/access/decide.ts'
import type { Administrator } from '../../broker/access/target.ts'
import { withQuery } from '../../http/destination.ts'
import { signedInOf } from '../../http/views.ts'
import { adminStylesheet } from '../../pages/assets.ts'
import { renderLayout, safeHref } from '../../pages/layout.tsx'
import { Breadcrumbs } from '../../pages/site/breadcrumbs.tsx'
import { SiteHeader } from '../../pages/site/site-header.tsx'
import { SectionIcon } from './section-icons.tsx'
import { adminPath, type Section, sectionNames, sections } from './sections.ts'

export interface AdminPageProps {
  readonly section: Section
  /** The heading of a page below the section's own. Default: the section's label. */
  readonly title?: string | undefined
  readonly by: Administrator
  /** The tenant that the page is about. Undefined: all. */
  readonly tenant?: string | undefined
  /** Regions marked `data-live`, each with an id, update by themselves. Needs `allowFetch`. */
  readonly live?: boolean | undefined
  readonly children: ComponentChildren
}

export function renderAdminPage({ section, by, tenant, live, children, ...props }: AdminPageProps): string {
  const { label, path } = sections[section]
  const title = props.title ?? label
  const isSubpage = title !== label
  // with a tenant, this one shows a file instead of the list
  const query = section === 'configuration' ? {} : queryOf({ by, tenant })
  return renderLayout({
    title: `${title} – Gatehouse admin`,
    width: 'full',
    styles: adminStylesheet.path,
    live,
    header: <Header section={section} by={by} tenant={tenant} isSubpage={isSubpage} />,
    children: (
      <>
        {isSubpage && <Breadcrumbs above={[{ href: withQuery(path, query), label }]} current={title} />}
        <header class="page-head">
          <h1>{title}</h1>
          <p class="tenant-name">{tenant === undefined ? 'All tenants' : `Tenant ${tenant}`}</p>
        </header>
        {children}
      </>
    ),
  })
}

type HeaderProps = Pick<AdminPageProps, 'section' | 'by' | 'tenant'> & { readonly isSubpage: boolean }

function Header(props: HeaderProps) {
  const { by } = props
  const viewer = {
    tenant: { name: by.session.tenant },
    ...signedInOf(by.session),
    email: by.session.profile.email?.address,
    isAdministrator: true,
    isDeveloper: by.roles.includes('developer'),
  }
  return (
    <>
      <SiteHeader
        part="admin"
        viewer={viewer}
        home={{ label: 'Gatehouse admin', href: withQuery(adminPath, queryOf(props)) }}
      />
      <Navigation {...props} />
    </>
  )
}

/** An operator who looks at one tenant stays there. */
const queryOf = ({ by, tenant }: Pick<AdminPageProps, 'by' | 'tenant'>) =>
  by.roles.includes('operator') ? { tenant } : {}

function Navigation(props: HeaderProps) {
  const { section, by, isSubpage } = props
  const query = queryOf(props)
  const permitted = sectionNames.filter(
    (name) => decide({ roles: by.roles, credential: by.session, permission: sections[name].permission }) === 'allowed',
  )
  return (
    <div class="admin-header">
      <nav aria-label="Admin">
        <ul>
          {permitted.map((name) => (
            <li key={name}>
              <a
                href={safeHref(withQuery(sections[name].path, query))}
                aria-current={name === section ? (isSubpage ? 'true' : 'page') : undefined}
              >
                <SectionIcon section={name} />
                {sections[name].label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </div>
  )
}
