/** The order of the pages in the sidebar. A test requires that every page is in it. */
import { basename } from 'node:path'
import { titleOf } from './anchors.ts'
import { readSource, sitePages } from './pages.ts'

interface Section {
  readonly text: string
  /** Paths in the site without `.md`; `folder/*` is the rest of a folder and of those in it. */
  readonly pages: readonly string[]
}

const sections: readonly Section[] = [
  { text: 'Start', pages: ['getting-started', 'concepts', 'comparison', 'changelog'] },
  {
    text: 'Apps',
    pages: [
      'apps/index',
      'apps/express',
      'apps/nextjs',
      'apps/single-page-app',
      'apps/native-app',
      'apps/device-flow',
      'apps/python',
      'apps/go',
      'apps/java',
      'apps/settings',
      'apps/access',
      'apps/portal',
      'apps/app-api',
      'reverse-proxies',
      'buttons',
      'sdk',
    ],
  },
  { text: 'Examples', pages: ['examples/index', 'examples/*'] },
  { text: 'Sessions and tokens', pages: ['sessions/index', 'sessions/headless', 'sessions/api-tokens'] },
  {
    text: 'Sign-in methods',
    pages: [
      'sign-in-methods/index',
      'sign-in-methods/password',
      'sign-in-methods/email',
      'sign-in-methods/okta',
      'sign-in-methods/entra',
      'sign-in-methods/google',
      'sign-in-methods/apple',
      'sign-in-methods/*',
      'sign-in-methods/oidc',
      'sign-in-methods/saml',
      'sign-in-methods/providers',
      'sign-in-methods/plugins',
    ],
  },
  {
    text: 'Users',
    pages: [
      'users/account',
      'users/passwords',
      'users/second-factors',
      'users/passkeys',
      'users/recovery',
      'users/sso-only',
      'users/recheck',
    ],
  },
  {
    text: 'Operations',
    pages: [
      'operations/index',
      'operations/install',
      'operations/upgrade',
      'operations/backup',
      'operations/scaling',
      'operations/storage',
      'operations/keys',
      'operations/mail',
      'operations/logs',
      'operations/metrics',
      'operations/admin',
      'operations/roles',
      'operations/audit',
    ],
  },
  {
    text: 'Reference',
    pages: [
      'reference/configuration',
      'reference/cli',
      'reference/api',
      'reference/errors',
      'reference/limits',
      'reference/leniency',
      'reference/standards',
      'reference/dependencies',
    ],
  },
  { text: 'Security', pages: ['security/index', 'security/attacks', 'security/reporting'] },
  {
    text: 'Contributing',
    pages: [
      'contributing/index',
      'contributing/architecture',
      'contributing/testing',
      'contributing/adr/index',
      'contributing/adr/*',
    ],
  },
]

const short: Readonly<Record<string, string>> = {
  'sign-in-methods/index': 'All methods',
  'sign-in-methods/oidc': 'OpenID Connect',
  'sign-in-methods/saml': 'SAML 2.0',
  'apps/index': 'Overview',
  comparison: 'Comparison',
  'users/recheck': 'Re-checks',
  'security/reporting': 'Report a vulnerability',
}

export interface SidebarGroup {
  readonly text: string
  readonly items: readonly { readonly text: string; readonly link: string }[]
}

export function sidebar(): readonly SidebarGroup[] {
  const sources = new Map([...sitePages()].map(([source, page]) => [page.replace(/\.md$/, ''), source]))
  const named = new Set(sections.flatMap(({ pages }) => pages))
  return sections.map(({ text, pages }) => {
    const all = pages.flatMap((page) => (page.endsWith('*') ? restOf(page, [...sources.keys()], named) : [page]))
    const items = all.map((page) => {
      const source = sources.get(page)
      if (source === undefined) throw new Error(`scripts/docs/sidebar.ts names ${page}, which is no page`)
      return { text: labelOf(page, readSource(source)), link: `/${page}` }
    })
    return { text, items }
  })
}

function restOf(pattern: string, pages: readonly string[], named: ReadonlySet<string>): readonly string[] {
  const folder = pattern.slice(0, -1)
  const rest = pages.filter((page) => page.startsWith(folder) && !named.has(page))
  // decisions have numbers, which count through all folders
  return rest.toSorted((one, other) => (basename(one) < basename(other) ? -1 : 1))
}

function labelOf(page: string, markdown: string): string {
  const title = titleOf(markdown) ?? page
  return short[page] ?? title.replace(/^Sign in with (?=\p{Lu})/u, '')
}
