/** The decision of `/verify`: may a session access a protected site? */
import type { Session } from './session.ts'

/** Which sessions may pass: one of each list that is not empty. */
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
