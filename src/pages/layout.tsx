/** The document around every page: no inline style or script, nothing from other origins. */
import type { ComponentChildren, VNode } from 'preact'
import { render } from 'preact-render-to-string'
import { isStoredLogo } from '../app/logo.ts'
import { adminLiveScript, pageScript, siteStylesheet, stylesheet, submitScript } from './assets.ts'
import { iconPath } from './site/icon.ts'
import { initialsOf } from './site/initials.ts'

/** The tenant of a page. */
export interface PageTenant {
  readonly name: string
  readonly supportUrl?: string | undefined
  readonly termsUrl?: string | undefined
  readonly privacyUrl?: string | undefined
}

export interface SignedIn {
  readonly name: string
}

/** Without scripts, the page asks for another one after a while. */
export interface Reload {
  readonly seconds: number
  readonly href: string
}

export interface LayoutProps {
  /** Title of the document: read first by screen readers, and shown in the tab. */
  readonly title: string
  /** The page reports an error: the document's title says so first. */
  readonly failed?: boolean | undefined
  /** The document's title names it, and the footer links to its support. */
  readonly tenant?: PageTenant | undefined
  readonly supportUrl?: string | undefined
  /** The signed-in user: the page offers to sign out. */
  readonly signedIn?: SignedIn | undefined
  /**
   * `wide`: more than one card of form width; `broad`: two columns; `full`: the admin pages.
   * Default `form`.
   */
  readonly width?: 'form' | 'wide' | 'broad' | 'account' | 'full' | undefined
  /** Above the content. */
  readonly header?: ComponentChildren
  /** Its form is submitted at once where scripts run; the shell has to allow it. */
  readonly submits?: boolean | undefined
  /** Regions marked `data-live` update by themselves; the response has to allow it. */
  readonly live?: boolean | undefined
  /** Paths of more scripts of ours. */
  readonly scriptPaths?: readonly string[] | undefined
  readonly reload?: Reload | undefined
  /** Paths of more stylesheets. */
  readonly styles?: string | readonly string[] | undefined
  readonly children: ComponentChildren
}

/** The whole document as text. */
export function renderLayout(props: LayoutProps): string {
  return `<!doctype html>${render(<Layout {...props} />)}`
}

/** A page that is one card under its title. */
export function renderCard({ logo, children, ...props }: LayoutProps & { readonly logo?: VNode }): string {
  return renderLayout({
    ...props,
    children: (
      <div class="card">
        {logo ?? (props.tenant && <Monogram text={props.tenant.name} />)}
        <h1>{props.title}</h1>
        {children}
      </div>
    ),
  })
}

function Layout({
  title,
  failed,
  tenant,
  signedIn,
  submits,
  scriptPaths = [],
  live,
  reload,
  styles,
  header,
  children,
  ...props
}: LayoutProps) {
  const { width = 'form' } = props
  const links = footerLinks(props.supportUrl ?? tenant?.supportUrl, width === 'form' ? tenant : undefined)
  const fullTitle = tenant === undefined || title.endsWith(tenant.name) ? title : `${title} – ${tenant.name}`
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <link rel="icon" type="image/svg+xml" href={iconPath(tenant?.name)} />
        <title>{failed ? `Error: ${fullTitle}` : fullTitle}</title>
        <link rel="stylesheet" href={stylesheet.path} />
        {header !== undefined && <link rel="stylesheet" href={siteStylesheet.path} />}
        {[styles ?? []].flat().map((path) => (
          <link key={path} rel="stylesheet" href={path} />
        ))}
        <script src={submits ? submitScript.path : pageScript.path} defer />
        {live && <script src={adminLiveScript.path} type="module" />}
        {reload !== undefined && (
          <noscript>
            <meta http-equiv="refresh" content={`${reload.seconds}; url=${safeHref(reload.href)}`} />
          </noscript>
        )}
        {scriptPaths.map((path) => (
          <script key={path} src={path} type="module" />
        ))}
      </head>
      <body class={bodyClass(width, header !== undefined)}>
        {header}
        <main id="content" class={mainClasses[width]}>
          {children}
        </main>
        {(signedIn !== undefined || links.length > 0) && (
          <footer>
            {signedIn !== undefined && <SignOut name={signedIn.name} />}
            {links.map(([label, href]) => (
              <a key={label} href={safeHref(href)}>
                {label}
              </a>
            ))}
          </footer>
        )}
      </body>
    </html>
  )
}

const mainClasses = { form: undefined, wide: 'wide', broad: 'broad', account: 'account-content', full: 'full' } as const

function bodyClass(width: keyof typeof mainClasses, hasHeader: boolean): string | undefined {
  if (width === 'full') return hasHeader ? 'admin' : 'admin alone'
  if (width === 'account') return 'account'
  return hasHeader ? 'site' : undefined
}

/** @param tenant whose legal pages are linked */
function footerLinks(supportUrl: string | undefined, tenant: PageTenant | undefined) {
  const links = [
    ['Get help with signing in', supportUrl],
    ['Terms of service', tenant?.termsUrl],
    ['Privacy policy', tenant?.privacyUrl],
  ] as const
  return links.flatMap(([label, href]) => (href === undefined ? [] : [[label, href] as const]))
}

function SignOut({ name }: SignedIn) {
  return (
    <form method="post" action="/account/sign-out">
      <span>Signed in as {name}</span>
      <button type="submit">Sign out</button>
    </form>
  )
}

const ownOrigin = 'https://gatehouse.invalid'

/**
 * A path of this site or an absolute http(s) URL, else `#`. Preact escapes text but lets
 * `javascript:` through; browsers read `java\tscript:` and `/\evil.test` differently from how
 * they look.
 */
export function safeHref(href: string): string {
  const url = URL.parse(href, ownOrigin)
  if (url === null) return '#'
  if (href.startsWith('/')) return url.origin === ownOrigin ? href : '#'
  return /^(https?:\/\/|mailto:)/i.test(href) ? href : '#'
}

/** What `safeHref` accepts, or a URL with a private-use scheme with a dot (RFC 8252 7.1). */
export function appHref(href: string): string {
  return /^[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*)+:\//i.test(href) ? href : safeHref(href)
}

/** Initials: pictures of other sites are never loaded. */
export function Monogram({ text }: { readonly text: string }) {
  return (
    <div class="monogram" aria-hidden="true">
      {initialsOf(text)}
    </div>
  )
}

/** The stored image of an app, or its initials. */
export function AppLogo({ app }: { readonly app: { readonly name: string; readonly logoUri?: string | undefined } }) {
  if (!isStoredLogo(app.logoUri)) return <Monogram text={app.name} />
  return <img class="app-logo" src={app.logoUri} alt="" width="48" height="48" />
}
