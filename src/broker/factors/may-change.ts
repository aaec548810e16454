/**
 * Permits changes of second factors: only to the user, shortly after a sign-in or a factor (MF-05).
 */
import { GatehouseError } from '../../errors.ts'
import { evidenceRuleOf } from '../../tenant.ts'
import { levelOfSession } from '../assurance/evidence.ts'
import { isFresh, stepUpMs } from '../identity/fresh-sign-in.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Session } from '../session/session.ts'

type ChangePorts = Ports<'authenticators' | 'connections' | 'now' | 'users'>

/** Users who have a factor prove one: a password alone must not add another (MF-04). */
export async function mayChangeFactors(ports: ChangePorts, session: Session): Promise<boolean> {
  return (await isFresh(ports, session)) && (await hasProvenFactor(ports, session, stepUpMs))
}

/** Throws `fresh_sign_in_required`. */
export async function assertMayChangeFactors(ports: ChangePorts, session: Session): Promise<void> {
  if (!(await mayChangeFactors(ports, session)))
    throw new GatehouseError('fresh_sign_in_required', 'the last sign-in or factor is too long ago, or was a password')
}

/**
 * Checks the end of a setup, whose start `assertMayChangeFactors` checked. Throws
 * `fresh_sign_in_required` if the user has added a factor since and not proven it.
 */
export async function assertMayFinishSetup(ports: ChangePorts, session: Session): Promise<void> {
  if (!(await hasProvenFactor(ports, session)))
    throw new GatehouseError('fresh_sign_in_required', 'the user has set up a factor meanwhile, and did not prove it')
}

/**
 * Whether the session proved a factor, here or upstream, or its user has none. A factor proven here
 * counts from that time on, since a later sign-in may have taken it over.
 */
async function hasProvenFactor(
  { authenticators, connections, now }: ChangePorts,
  session: Session,
  withinMs = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  // a suspended passkey may be an attacker's: its user must be able to remove it
  const own = await authenticators.of(session)
  if (own.every((each) => each.kind === 'passkey' && each.suspendedAt !== undefined)) return true
  if (session.factorAt !== undefined) return now().getTime() - session.factorAt.getTime() <= withinMs
  const rule = evidenceRuleOf(connections.tenant(session.tenant), session.connection)
  return levelOfSession(session, rule) !== 'none'
}
