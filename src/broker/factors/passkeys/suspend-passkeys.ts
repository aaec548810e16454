/**
 * Suspends passkeys that an attacker may have added. They stay second factors, but do not sign in
 * alone until the owner confirms them on `/account/security/passkeys`.
 */
import { GatehouseError } from '../../../errors.ts'
import { type AuditPorts, recordAudit } from '../../audit/record.ts'
import { requireCurrentUser, requireStepUp, type StepUpPorts } from '../../identity/fresh-sign-in.ts'
import type { Passkey } from '../../ports/authenticators.ts'
import type { Ports } from '../../ports/core-ports.ts'
import type { Session, UserKey } from '../../session/session.ts'

export type SuspendPasskeysPorts = AuditPorts & Ports<'authenticators'>

/** Suspends passkeys created at or after `since`. Returns those that this call suspended. */
export async function suspendPasskeys(
  ports: SuspendPasskeysPorts,
  { tenant, userId }: UserKey,
  since: Date,
): Promise<readonly Passkey[]> {
  const suspended = await ports.authenticators.suspendPasskeys({ tenant, userId }, since, ports.now())
  for (const { id, name } of suspended) {
    const details = { authenticator: id, name }
    await recordAudit(ports, { tenant, action: 'passkey.suspended', actor: userId, target: userId, details })
  }
  return suspended
}

/** Throws `authenticator_unknown`, `fresh_sign_in_required`, `session_invalid`. */
export async function confirmPasskey(
  ports: SuspendPasskeysPorts & StepUpPorts & Ports<'sessions'>,
  by: Session,
  id: string,
): Promise<void> {
  await requireStepUp(ports, by)
  await requireCurrentUser(ports, by)
  const { tenant, userId } = by
  if (!(await ports.authenticators.confirmPasskey({ tenant, userId }, id)))
    throw new GatehouseError('authenticator_unknown', 'the user has no such suspended passkey')
  const details = { authenticator: id }
  await recordAudit(ports, { tenant, action: 'passkey.confirmed', actor: userId, target: userId, details })
}

/**
 * Read anew: a suspension after the assertion was verified counts too. Throws `method_suspended`.
 */
export async function assertSignsIn(
  { authenticators }: Ports<'authenticators'>,
  { tenant, credentialId }: Passkey,
): Promise<void> {
  const current = await authenticators.findPasskey(tenant, credentialId)
  if (current === null) throw new GatehouseError('passkey_invalid', 'the passkey was removed meanwhile')
  if (current.suspendedAt !== undefined)
    throw new GatehouseError('method_suspended', 'the passkey was added before the password was reset')
}
