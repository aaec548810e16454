/** The frame of the pages about the API: its sections beside the content. */
import type { ComponentChildren } from 'preact'
import { developerStylesheet } from '../../../pages/assets.ts'
import { renderLayout } from '../../../pages/layout.tsx'
import { SiteHeader } from '../../../pages/site/site-header.tsx'
import type { Viewer } from '../../../pages/site/viewer.ts'
import type { ApiSection } from '../openapi/openapi-document.ts'
import type { ApiRoute } from '../route.ts'
import { anchorOf, apiPath, errorsPath, sectionHref } from './anchors.ts'

export interface ApiPageProps {
  readonly sections: readonly ApiSection[]
  /** Undefined without a session. */
  readonly viewer: Viewer | undefined
}

export interface ApiLayoutProps extends ApiPageProps {
  readonly title: string
  readonly path: string
  readonly scriptPaths?: readonly string[]
  readonly children: ComponentChildren
}

const navigationId = 'api-navigation'

/** Works without scripts; on a narrow screen a button unfolds the sections. */
export function renderApiPage({ title, path, sections, viewer, scriptPaths, children }: ApiLayoutProps): string {
  return renderLayout({
    title,
    tenant: viewer?.tenant,
    width: 'broad',
    styles: developerStylesheet.path,
    scriptPaths,
    header: <SiteHeader part="api" viewer={viewer} />,
    children: (
      <div class="api">
        <div class="api-nav">
          <button type="button" class="quiet fold" popovertarget={navigationId}>
            Sections
          </button>
          <nav id={navigationId} aria-label="API reference" popover="auto">
            <ul>
              <Entry href={apiPath} label="Overview" current={path} />
              {sections.map((section) => (
                <Entry key={section.id} href={sectionHref(section)} label={section.title} current={path}>
                  <OperationList routes={section.routes} />
                </Entry>
              ))}
              <Entry href={errorsPath} label="Errors" current={path} />
            </ul>
          </nav>
        </div>
        <div class="api-content">{children}</div>
      </div>
    ),
  })
}

interface EntryProps {
  readonly href: string
  readonly label: string
  readonly current: string
  /** Shown on its own page. */
  readonly children?: ComponentChildren
}

function Entry({ href, label, current, children }: EntryProps) {
  const isCurrent = href === current
  return (
    <li>
      <a href={href} aria-current={isCurrent ? 'page' : undefined}>
        {label}
      </a>
      {isCurrent && children}
    </li>
  )
}

interface OperationListProps extends Pick<ApiSection, 'routes'> {
  /** Path of the page with the operations. Default: this page. */
  readonly page?: string
}

export const OperationList = ({ routes, page = '' }: OperationListProps) => (
  <ul class="operation-list">
    {routes.map((route) => (
      <li key={route.id}>
        <a href={`${page}#${anchorOf(route)}`}>
          <Method name={route.method} /> {route.summary}
        </a>
      </li>
    ))}
  </ul>
)

export const Method = ({ name }: { readonly name: ApiRoute['method'] }) => (
  <span class={`http-method ${name}`}>{name.toUpperCase()}</span>
)
