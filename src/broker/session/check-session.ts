import { isToken, tokenId } from '../../crypto/token.ts'
import type { Tenant } from '../../tenant.ts'
import type { Sessions } from '../ports/volatile.ts'
import { withCurrentPermissions } from './permissions.ts'
import { endsAt, isLive, type Session, type UserKey, wholeSeconds } from './session.ts'
import { isSourceAllowed, type TokenSource } from './token-source.ts'

const touchEveryMs = 60_000

/**
 * Whether lastSeen is due: once a minute, so that most checks only read; more often for short idle
 * limits.
 */
export function isTouchDue(session: Session, now: Date): boolean {
  return now.getTime() - session.lastSeenAt.getTime() >= Math.min(touchEveryMs, session.idleSeconds * 100)
}

export interface SessionCheckPorts {
  readonly sessions: Sessions
  readonly tenants: ReadonlyMap<string, Tenant>
  readonly now: () => Date
  /** Called when updating seenAt fails; the check still succeeds. */
  readonly onTouchFailed: (error: unknown) => void
  /** Called when a session is used, about once a minute. */
  readonly onUsed?: (user: UserKey, now: Date) => void
}

/** The live session of a token, or null; unknown, ended and expired look alike. One store read. */
export async function checkSession(ports: SessionCheckPorts, token: string, source: TokenSource) {
  if (!isToken('gth_s_', token)) return null
  const session = await ports.sessions.find(tokenId(token))
  if (session === null) return null
  const now = ports.now()
  const tenant = ports.tenants.get(session.tenant)
  if (tenant === undefined || !isLive(session, now)) return null
  if (!isSourceAllowed(source, tenant.sessions)) return null
  const current = withCurrentPermissions(session, now)
  if (!isTouchDue(session, now)) return current
  ports.onUsed?.(session, now)
  const touched = { ...current, lastSeenAt: wholeSeconds(now) }
  ports.sessions.touch(session, now, endsAt(touched)).catch(ports.onTouchFailed)
  return touched
}
