/** The header of all pages of a signed-in user: tenant, parts of the site, and the user's menu. */
import { Monogram, safeHref } from '../layout.tsx'
import { docsFolder } from './docs-site.ts'
import { initialsOf } from './initials.ts'
import type { Viewer } from './viewer.ts'

export type SitePart = 'account' | 'developer' | 'api' | 'admin'

interface PartRow {
  readonly label: string
  readonly path: string
  readonly isOffered: (viewer: Viewer) => boolean
}

const parts: Readonly<Record<SitePart, PartRow>> = {
  account: { label: 'Account', path: '/account', isOffered: () => true },
  developer: { label: 'Your apps', path: '/developer', isOffered: ({ isDeveloper }) => isDeveloper === true },
  api: { label: 'API', path: '/api', isOffered: () => true },
  admin: { label: 'Admin', path: '/admin', isOffered: ({ isAdministrator }) => isAdministrator },
}

const menuId = 'user-menu'

export interface SiteHeaderProps {
  readonly part: SitePart
  /** Undefined without a session: the header offers to sign in. */
  readonly viewer: Viewer | undefined
  /** Link in place of the tenant's name and the account page. */
  readonly home?: { readonly label: string; readonly href: string } | undefined
}

/** Works without scripts: the menu is a popover, or open in a browser that has none. */
export function SiteHeader({ part, viewer, home = homeOf(viewer) }: SiteHeaderProps) {
  return (
    <header class="site-header">
      <a class="skip" href="#content">
        Skip to content
      </a>
      <a class="site-name" href={safeHref(home.href)}>
        <Monogram text={home.label} />
        <span>{home.label}</span>
      </a>
      {viewer === undefined ? (
        <a class="button quiet" href={`/login?return_to=${encodeURIComponent(parts[part].path)}`}>
          Sign in
        </a>
      ) : (
        <>
          <Parts current={part} viewer={viewer} />
          <UserMenu viewer={viewer} />
        </>
      )}
    </header>
  )
}

const homeOf = (viewer: Viewer | undefined) =>
  viewer === undefined
    ? { label: 'Gatehouse', href: parts.account.path }
    : { label: viewer.tenant.name, href: parts.account.path }

function Parts({ current, viewer }: { readonly current: SitePart; readonly viewer: Viewer }) {
  const offered = Object.entries(parts).filter(([, { isOffered }]) => isOffered(viewer))
  return (
    <nav aria-label="Site">
      <ul>
        {offered.map(([name, { label, path }]) => (
          <li key={name}>
            <a href={path} class={name === current ? 'current' : undefined}>
              {label}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function UserMenu({ viewer: { name, email, isAdministrator, isDeveloper } }: { readonly viewer: Viewer }) {
  return (
    <div class="user-menu">
      <button type="button" class="quiet" popovertarget={menuId}>
        <span class="initials" aria-hidden="true">
          {initialsOf(name)}
        </span>
        <span class="user-name">{name}</span>
        <span class="unseen">: your menu</span>
      </button>
      <div id={menuId} popover="auto">
        <p class="small">
          Signed in as <strong>{name}</strong>
        </p>
        {email !== undefined && email !== name && <p class="small">{email}</p>}
        <a href={parts.account.path}>Your account</a>
        {docsFolder !== undefined && (isAdministrator || isDeveloper === true) && <a href="/docs/">Documentation</a>}
        <form method="post" action="/account/sign-out">
          <button type="submit" class="quiet">
            Sign out
          </button>
        </form>
      </div>
    </div>
  )
}
