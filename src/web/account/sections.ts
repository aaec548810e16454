/** The parts of the account site, in the order of their navigation. */
interface SectionRow {
  readonly label: string
  readonly path: string
}

export const accountSections = {
  profile: { label: 'Profile', path: '/account' },
  'sign-in-methods': { label: 'Sign-in methods', path: '/account/sign-in-methods' },
  security: { label: 'Security', path: '/account/security' },
  sessions: { label: 'Sessions', path: '/account/sessions' },
  apps: { label: 'Connected apps', path: '/account/apps' },
  developer: { label: 'Developer settings', path: '/account/developer' },
} as const satisfies Readonly<Record<string, SectionRow>>

export type AccountSection = keyof typeof accountSections

export const accountSectionNames: readonly AccountSection[] = [
  ...(['profile', 'sign-in-methods', 'security', 'sessions', 'apps', 'developer'] as const),
]
