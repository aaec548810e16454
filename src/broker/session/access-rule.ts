/** May someone pass a reverse proxy's door? The decision of `/verify`, without a request in sight. */
import type { Session } from './session.ts'

/** Whom a door is for: one of each list that is not empty. */
export interface Door {
  readonly tenants: readonly string[]
  readonly groups: readonly string[]
  readonly roles: readonly string[]
}

export type Verdict = 'pass' | 'signed out' | 'other tenant' | 'not a member'

export function judge(session: Session | null, door: Door): Verdict {
  if (session === null) return 'signed out'
  if (!isOneOf(door.tenants, [session.tenant])) return 'other tenant'
  const { groups = [], roles = [] } = session.profile
  return isOneOf(door.groups, groups) && isOneOf(door.roles, roles) ? 'pass' : 'not a member'
}

function isOneOf(wanted: readonly string[], held: readonly string[]): boolean {
  return wanted.length === 0 || wanted.some((one) => held.includes(one))
}
