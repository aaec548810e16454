/** Second factors of a user, as administrators see and reset them. */
import { type Factors, factorsOf } from '../factors/factors-of.ts'
import { type ResetFactorsPorts, resetFactors } from '../factors/reset-factors.ts'
import { requireStepUp } from '../identity/fresh-sign-in.ts'
import type { Ports } from '../ports/core-ports.ts'
import { changeableUser } from './change-user.ts'
import { type Administrator, type TargetPorts, targetUser } from './target.ts'

/** Throws `not_found`. */
export async function userFactors(
  ports: TargetPorts & Ports<'authenticators' | 'recoveryCodes'>,
  by: Administrator,
  id: string,
): Promise<Factors> {
  const { tenant, id: userId } = await targetUser(ports, by, id)
  return factorsOf(ports, { tenant, userId })
}

/** Returns how many authenticators were removed. Throws `not_found`, `fresh_sign_in_required`. */
export async function resetUserFactors(
  ports: TargetPorts & ResetFactorsPorts & Ports<'roleAssignments'>,
  by: Administrator,
  id: string,
): Promise<number> {
  await requireStepUp(ports, by.session)
  const { tenant, id: userId } = await changeableUser(ports, by, id)
  return resetFactors(ports, { tenant, userId }, by.session.userId)
}
