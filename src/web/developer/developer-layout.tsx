/** The frame of every page of the portal. */
import type { ComponentChildren } from 'preact'
import { developerStylesheet } from '../../pages/assets.ts'
import { Notice } from '../../pages/form.tsx'
import { renderLayout } from '../../pages/layout.tsx'
import { Breadcrumbs, type Crumb } from '../../pages/site/breadcrumbs.tsx'
import { SiteHeader } from '../../pages/site/site-header.tsx'
import type { Viewer } from '../../pages/site/viewer.ts'

interface DeveloperLayoutProps {
  readonly title: string
  readonly viewer: Viewer
  /** The pages above this one. Default: none. */
  readonly above?: readonly Crumb[]
  /** This page among them. Default: its title. */
  readonly crumb?: string
  /** Result of the last action. */
  readonly notice?: string | undefined
  /** A form was refused. */
  readonly failed?: boolean
  readonly children: ComponentChildren
}

export function developerLayout({
  viewer,
  above = [],
  crumb,
  notice,
  children,
  ...page
}: DeveloperLayoutProps): string {
  return renderLayout({
    ...page,
    tenant: viewer.tenant,
    width: 'wide',
    styles: developerStylesheet.path,
    header: <SiteHeader part="developer" viewer={viewer} />,
    children: (
      <>
        {above.length > 0 && <Breadcrumbs above={above} current={crumb ?? page.title} />}
        <Notice text={notice} />
        {children}
      </>
    ),
  })
}
