/** The parts of the admin pages, in the order of their navigation. */
import type { Permission } from '../../broker/access/permission.ts'

export const adminPath = '/admin'

interface SectionRow {
  readonly label: string
  readonly path: string
  readonly permission: Permission
}

export const sections = {
  overview: { label: 'Overview', path: adminPath, permission: 'connections:read' },
  connections: { label: 'Connections', path: `${adminPath}/connections`, permission: 'connections:read' },
  'sign-ins': { label: 'Sign-ins', path: `${adminPath}/sign-ins`, permission: 'sign-ins:read' },
  users: { label: 'Users', path: `${adminPath}/users`, permission: 'users:read' },
  apps: { label: 'Apps', path: `${adminPath}/apps`, permission: 'tenant-apps:read' },
  audit: { label: 'Audit', path: `${adminPath}/audit`, permission: 'audit:read' },
  keys: { label: 'Keys', path: `${adminPath}/keys`, permission: 'keys:read' },
  configuration: { label: 'Configuration', path: `${adminPath}/configuration`, permission: 'configuration:read' },
} as const satisfies Readonly<Record<string, SectionRow>>

export type Section = keyof typeof sections

export const sectionNames: readonly Section[] = [
  ...(['overview', 'connections', 'sign-ins', 'users', 'apps', 'audit'] as const),
  ...(['keys', 'configuration'] as const),
]
