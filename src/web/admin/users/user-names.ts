/** How pages name users and their states. */
import type { User } from '../../../broker/ports/users.ts'
import { truncate } from '../../../primitives/untrusted-text.ts'
import { displayName } from '../../../profile/profile.ts'

const maxNameLength = 80

export const userName = ({ profile, id }: Pick<User, 'profile' | 'id'>) =>
  truncate(displayName(profile) ?? id, maxNameLength)

const statuses = {
  active: { label: 'Active', state: 'healthy' },
  blocked: { label: 'Blocked', state: 'down' },
  revoked: { label: 'Revoked', state: 'degraded' },
} as const satisfies Readonly<Record<User['status'], { readonly label: string; readonly state: string }>>

export const statusOf = ({ status }: Pick<User, 'status'>) => statuses[status]
