import type { Administrator } from '../../../broker/access/target.ts'
import type { User } from '../../../broker/ports/users.ts'
import type { UserRecord } from './user-record.ts'

/** Maximum number of shown items of a list. */
export const shownItems = 10

/** Properties of a section of a user's page. */
export interface UserSectionProps {
  readonly by: Administrator
  readonly record: UserRecord
  /** Label of a connection, such as "Okta". */
  readonly labelOf: (connection: string) => string
  /** Removed from the configuration, with its users still stored. */
  readonly isTenantRemoved: boolean
  readonly isConnectionRemoved: (connection: string) => boolean
  /** Whether the administrator may change this user: an admin does not change an operator. */
  readonly mayChange: boolean
  /** Page of the sessions, from 1. */
  readonly sessionsPage: number
  readonly tokensPage: number
  /** Users who acted on this user and whose names the administrator may see, by ID. */
  readonly people: ReadonlyMap<string, User>
  readonly now: Date
}
