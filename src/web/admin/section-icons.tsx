/** Icons of the navigation; its words name the sections. */
import type { VNode } from 'preact'
import type { Section } from './sections.ts'

const paths: Readonly<Record<Section, string>> = {
  overview: 'M2.5 8.5h2.5l2-5 3 9 2-4h1.5',
  connections: 'M6.5 9.5 9.5 6.5M7 4.5l1.5-1.5a3 3 0 0 1 4.5 4.5L11.5 9M9 11.5 7.5 13A3 3 0 0 1 3 8.5L4.5 7',
  'sign-ins': 'M9.5 2.5h3a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-3M2.5 8h7M7 5.5 9.5 8 7 10.5',
  users: 'M8 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM3 13.5c.5-2.5 2.5-4 5-4s4.5 1.5 5 4',
  apps: 'M2.5 2.5h4.5v4.5H2.5ZM9 2.5h4.5v4.5H9ZM2.5 9h4.5v4.5H2.5ZM9 9h4.5v4.5H9Z',
  audit: 'M4 2.5h8a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1ZM5.5 6h5M5.5 8.5h5M5.5 11h3',
  keys: 'M5 13.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM7 9.5l6-6M10.5 6l2 2',
  configuration:
    'M2.5 4.5h6M12 4.5h1.5M2.5 11.5h1.5M7.5 11.5h6M10.250 6.250a1.750 1.750 0 1 0 0-3.5 1.750 1.750 0 0 0 0 3.5ZM5.750 13.250a1.750 1.750 0 1 0 0-3.5 1.750 1.750 0 0 0 0 3.5Z',
}

const Icon = ({ path }: { readonly path: string }): VNode => (
  <svg class="nav-icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path d={path} />
  </svg>
)

export const SectionIcon = ({ section }: { readonly section: Section }) => <Icon path={paths[section]} />
