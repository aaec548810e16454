/** Whether a user may be left without a second factor. */
import { type AccessPorts, grantedRoles } from '../access/authorize.ts'
import { namesOf } from '../access/roles-of.ts'
import { isGracePeriod, requiredAssurance } from '../assurance/requirement.ts'
import type { UserKey } from '../session/session.ts'

/**
 * Whether the tenant's `mfa.required` applies to the user, after `mfa.graceUntil`. Apps that
 * require a factor ask when needed.
 */
export async function isFactorRequired(ports: AccessPorts, user: UserKey): Promise<boolean> {
  const policy = ports.connections.tenant(user.tenant).mfa
  if (policy === undefined || isGracePeriod(policy, ports.now())) return false
  const roles = namesOf(await grantedRoles(ports, user))
  return requiredAssurance({ policy, roles }) !== 'none'
}
