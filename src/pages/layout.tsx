/** The document around every page: no inline style or script, nothing from other origins. */
import type { ComponentChildren, VNode } from 'preact'
import { render } from 'preact-render-to-string'
import { isStoredLogo } from '../app/logo.ts'
import { secretsScript, stylesheet, submitScript } from './assets.ts'

/** Whose page it is. */
export interface PageTenant {
  readonly name: string
  readonly supportUrl?: string | undefined
}

export interface SignedIn {
  readonly name: string
}

export interface LayoutProps {
  /** Of the document; read first by screen readers and shown in the tab. */
  readonly title: string
  /** The page reports an error: the document's title says so first. */
  readonly failed?: boolean | undefined
  /** The document's title names it, and the footer links to its support. */
  readonly tenant?: PageTenant | undefined
  readonly supportUrl?: string | undefined
  /** Whom the browser is signed in as: the page offers to sign out. */
  readonly signedIn?: SignedIn | undefined
  /** More than one card of form width. */
  readonly wide?: boolean | undefined
  /** Its form is submitted at once where scripts run; the shell has to allow it. */
  readonly submits?: boolean | undefined
  /** Has secrets with buttons (secret-value.tsx); the response has to allow scripts. */
  readonly scripts?: boolean | undefined
  /** Path of a second stylesheet. */
  readonly styles?: string | undefined
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

function Layout({ title, failed, tenant, signedIn, wide, submits, scripts, styles, children, ...props }: LayoutProps) {
  const supportUrl = props.supportUrl ?? tenant?.supportUrl
  const fullTitle = tenant === undefined || title.endsWith(tenant.name) ? title : `${title} – ${tenant.name}`
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{failed ? `Error: ${fullTitle}` : fullTitle}</title>
        <link rel="stylesheet" href={stylesheet.path} />
        {styles !== undefined && <link rel="stylesheet" href={styles} />}
        {submits && <script src={submitScript.path} defer />}
        {scripts && <script src={secretsScript.path} defer />}
      </head>
      <body>
        <main class={wide ? 'wide' : undefined}>{children}</main>
        {(signedIn !== undefined || supportUrl !== undefined) && (
          <footer>
            {signedIn !== undefined && <SignOut name={signedIn.name} />}
            {supportUrl !== undefined && <a href={safeHref(supportUrl)}>Get help with signing in</a>}
          </footer>
        )}
      </body>
    </html>
  )
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
  return /^https?:\/\//i.test(href) ? href : '#'
}

/** As `safeHref`, or a private-use scheme with a dot (RFC 8252 7.1). */
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

/** First letters of the first and the last word; of an address, of what stands before the @. */
export function initialsOf(text: string): string {
  const words = (text.split('@')[0] ?? '').split(/[\s._-]+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word))
  const initials = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => Array.from(word ?? '')[0] ?? '',
  )
  return initials.join('').toUpperCase()
}
