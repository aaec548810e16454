/** May someone pass a reverse proxy's door? The decision of `/verify`, without a request in sight. */
import type { Session } from './session.ts'

/** Whom a door is for: one of each list that is not empty. */
export interface AccessRule {
  readonly tenants: readonly string[]
  readonly groups: readonly string[]
  readonly roles: readonly string[]
}

export type AccessDecision = 'pass' | 'signed out' | 'other tenant' | 'not a member'

export function decideAccess(session: Session | null, rule: AccessRule): AccessDecision {
  if (session === null) return 'signed out'
  if (!isOneOf(rule.tenants, [session.tenant])) return 'other tenant'
  const { groups = [], roles = [] } = session.profile
  return isOneOf(rule.groups, groups) && isOneOf(rule.roles, roles) ? 'pass' : 'not a member'
}

function isOneOf(allowed: readonly string[], held: readonly string[]): boolean {
  return allowed.length === 0 || allowed.some((one) => held.includes(one))
}
