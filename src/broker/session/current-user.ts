import { GatehouseError } from '../../errors.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { User } from '../ports/users.ts'
import { isLive, type Session } from './session.ts'

/**
 * The session's user. The session is read after the user: with the user's epoch as condition, the
 * store refuses a change by a session that was ended.
 */
export async function requireCurrentUser(ports: Ports<'now' | 'sessions' | 'users'>, by: Session): Promise<User> {
  const user = await ports.users.find(by.tenant, by.userId)
  const session = await ports.sessions.find(by.id)
  if (user === null || session === null || !isLive(session, ports.now()))
    throw new GatehouseError('session_invalid', 'the session that asks has ended')
  return user
}
