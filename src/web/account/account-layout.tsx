/** The frame of every page below `/account`: navigation, the heading, a notice and the content. */
import type { ComponentChildren } from 'preact'
import { accountStylesheet } from '../../pages/assets.ts'
import { Notice } from '../../pages/form.tsx'
import { renderLayout, safeHref } from '../../pages/layout.tsx'
import { SiteHeader } from '../../pages/site/site-header.tsx'
import type { Viewer } from '../../pages/site/viewer.ts'
import { AccountSectionIcon } from './section-icons.tsx'
import { type AccountSection, accountSectionNames, accountSections } from './sections.ts'

/** The user of the account (`openAccount`). */
export type AccountViewer = Viewer

export interface AccountLayoutProps {
  readonly section: AccountSection
  readonly viewer: AccountViewer
  /** The heading of the page. Default: the section's label. */
  readonly title?: string | undefined
  /** Link back from a page below the section's own. */
  readonly back?: { readonly href: string; readonly label: string } | undefined
  /** Result of the last action. */
  readonly notice?: string | undefined
  /** A form was refused: the document's title says so. */
  readonly failed?: boolean | undefined
  /** Paths of more stylesheets and scripts. */
  readonly styles?: readonly string[] | undefined
  readonly scriptPaths?: readonly string[] | undefined
  readonly children: ComponentChildren
}

const navigationId = 'account-navigation'

/** The whole document. Works without scripts; at 360 px a button unfolds the navigation. */
export function accountLayout(props: AccountLayoutProps): string {
  const { section, viewer, back, notice, styles = [], children, ...page } = props
  const title = props.title ?? accountSections[section].label
  return renderLayout({
    ...page,
    title,
    tenant: viewer.tenant,
    width: 'account',
    styles: [accountStylesheet.path, ...styles],
    header: (
      <>
        <SiteHeader part="account" viewer={viewer} />
        <Navigation section={section} isSubpage={back !== undefined} />
      </>
    ),
    children: (
      <>
        {back !== undefined && (
          <p class="back">
            <a href={safeHref(back.href)}>{back.label}</a>
          </p>
        )}
        <h1>{title}</h1>
        <Notice text={notice} />
        {children}
      </>
    ),
  })
}

type NavigationProps = Pick<AccountLayoutProps, 'section'> & { readonly isSubpage: boolean }

function Navigation({ section, isSubpage }: NavigationProps) {
  return (
    <div class="account-header">
      <button type="button" class="quiet fold" popovertarget={navigationId}>
        Menu<span class="unseen">: parts of your account</span>
      </button>
      <nav id={navigationId} aria-label="Account" popover="auto">
        <ul>
          {accountSectionNames.map((name) => (
            <li key={name}>
              <a
                href={accountSections[name].path}
                aria-current={name === section ? (isSubpage ? 'true' : 'page') : undefined}
              >
                <AccountSectionIcon section={name} />
                {accountSections[name].label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </div>
  )
}
