/** Requirements of the tenant for the user's sign-ins, as sentences. Pure. */
import { roleLabel } from '../../../pages/site/role-label.ts'
import { absoluteTime } from '../../../pages/time.tsx'
import { mfaPolicyOf, type Tenant } from '../../../tenant.ts'

/** Empty if nothing is required of a user with these roles. */
export function mfaRequirements(
  tenant: Pick<Tenant, 'name' | 'mfa'>,
  roles: readonly string[],
  hasFactor: boolean,
  now: Date,
): readonly string[] {
  const { required, graceUntil } = mfaPolicyOf(tenant)
  if (required === 'none') return []
  const own = required === 'all' ? [] : required.roles.filter((role) => roles.includes(role))
  if (required !== 'all' && own.length === 0) return []
  const whom = required === 'all' ? 'all its users' : `users with the role ${own.map(roleLabel).join(' or ')}`
  const rule = `${tenant.name} requires a second factor of ${whom}.`
  if (hasFactor) return [rule]
  if (graceUntil === undefined || graceUntil.getTime() <= now.getTime())
    return [rule, 'You have none yet. Set one up below.']
  return [rule, `You have none yet. From ${absoluteTime(graceUntil)} on, you cannot sign in without one.`]
}
