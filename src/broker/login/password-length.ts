/** How long a new password must be at least (NIST SP 800-63B-4, 3.1.1.2). Pure. */
import type { Tenant } from '../../tenant.ts'

const onlyFactor = 15
const besideSecondFactor = 8

/** Minimum in characters: 15, or 8 while the tenant requires a second factor of all users. */
export function minimumPasswordLength({ mfa }: Pick<Tenant, 'mfa'>, now: Date): number {
  const isRequired = mfa?.required === 'all' && (mfa.graceUntil === undefined || mfa.graceUntil <= now)
  return isRequired ? besideSecondFactor : onlyFactor
}
