/** Whether a request may do what its route requires. Pure. */
import type { Session } from '../session/session.ts'
import { isSessionOnly, type Permission, type Role, rolesWith } from './permission.ts'

export interface AccessRequest {
  /** Current roles of the user. */
  readonly roles: readonly Role[]
  readonly credential: Pick<Session, 'apiToken'>
  readonly permission: Permission
}

/**
 * `role`: no role of the user has it; `session`: API tokens never have it; `scope`: this one has
 * not.
 */
export type Decision = 'allowed' | 'role' | 'session' | 'scope'

/** Role has the permission ∧ (no scopes ∨ scope listed) ∧ not session-only for an API token. */
export function decide({ roles, credential: { apiToken }, permission }: AccessRequest): Decision {
  if (!rolesWith(permission).some((role) => roles.includes(role))) return 'role'
  if (apiToken === undefined) return 'allowed'
  if (isSessionOnly(permission)) return 'session'
  return apiToken.scopes === undefined || apiToken.scopes.includes(permission) ? 'allowed' : 'scope'
}
