/** Step-up: the user of a session proves a factor. */
import { formatToken, tokenId } from '../../crypto/token.ts'
import { GatehouseError } from '../../errors.ts'
import { resultingAcrAmr } from '../assurance/evidence.ts'
import { recordAuditLater } from '../audit/record.ts'
import type { Ports } from '../ports/core-ports.ts'
import { discardSession, type EndSessionPorts, replaceSession } from '../session/end-session.ts'
import { isLive, type Session, wholeSeconds } from '../session/session.ts'
import type { ProvenFactor } from './open-user-session.ts'

export type RaiseSessionPorts = EndSessionPorts & Ports<'random'>

/**
 * Replaces the session by one of the raised level, with a new token (SE-01). Apps move to it; it
 * ends when the old one would have. Throws `session_invalid`.
 */
export async function raiseSession(ports: RaiseSessionPorts, by: Session, factor: ProvenFactor) {
  const user = await ports.users.find(by.tenant, by.userId)
  const old = await ports.sessions.find(by.id)
  const now = ports.now()
  if (user?.status !== 'active' || old === null || !isLive(old, now)) throw sessionEnded()
  const token = formatToken('gth_s_', ports.random(32))
  const { acr, amr } = old
  const at = wholeSeconds(now)
  const session: Session = {
    ...old,
    ...resultingAcrAmr({ ...(acr !== undefined && { acr }), ...(amr !== undefined && { amr }) }, factor),
    id: tokenId(token),
    factorAt: wholeSeconds(factor.at),
    createdAt: at,
    lastSeenAt: at,
  }
  const origin = await ports.sessions.origin(old.id)
  // since then: a logout message that came meanwhile refuses the new session too
  const newOrigin = origin === null ? undefined : { ...origin, since: old.createdAt }
  if (!(await ports.sessions.put(session, newOrigin, user.epoch ?? 0))) throw sessionEnded()
  if (!(await replaceSession(ports, old, session, 'a second factor was proven'))) {
    await discardSession(ports, session)
    throw sessionEnded()
  }
  const details = { session: session.id, before: old.id, method: factor.method }
  recordAuditLater(ports, {
    tenant: old.tenant,
    action: 'session.raised',
    actor: old.userId,
    target: old.userId,
    details,
  })
  return { session, token }
}

const sessionEnded = () => new GatehouseError('session_invalid', 'the session ended before it was raised')
