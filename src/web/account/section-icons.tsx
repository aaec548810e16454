/** Icons of the navigation; its words name the sections. */
import type { VNode } from 'preact'
import type { AccountSection } from './sections.ts'

const person = 'M8 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM3 13.5c.5-2.5 2.5-4 5-4s4.5 1.5 5 4'

const paths: Readonly<Record<AccountSection, string>> = {
  profile: person,
  'sign-in-methods': 'M5 13.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM7 9.5l6-6M10.5 6l2 2',
  security: 'M8 1.5l5.5 2v4c0 3.5-2.5 6-5.5 7-3-1-5.5-3.5-5.5-7v-4ZM5.5 8l2 2 3-3.5',
  sessions: 'M2.5 3h11v8h-11ZM6 13.5h4M8 11v2.5',
  apps: 'M2.5 2.5h4.5v4.5H2.5ZM9 2.5h4.5v4.5H9ZM2.5 9h4.5v4.5H2.5ZM9 9h4.5v4.5H9Z',
  developer: 'M5.5 4.5 2 8l3.5 3.5M10.5 4.5 14 8l-3.5 3.5',
}

const Icon = ({ path }: { readonly path: string }): VNode => (
  <svg class="nav-icon" viewBox="0 0 16 16" width="18" height="18" aria-hidden="true">
    <path d={path} />
  </svg>
)

export const AccountSectionIcon = ({ section }: { readonly section: AccountSection }) => <Icon path={paths[section]} />
