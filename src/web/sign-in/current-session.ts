import type { Request } from 'express'
import { checkSession } from '../../broker/session/check-session.ts'
import type { Session } from '../../broker/session/session.ts'
import { GatehouseError } from '../../errors.ts'
import { sessionCheckPartsOf } from '../../http/session-check-parts.ts'
import { tokenFromCookie } from '../../http/session-token.ts'
import type { Shell, WithParts } from '../shell.ts'

export type CurrentSessionPorts = Pick<Shell, 'cookie' | 'keyRing' | 'log' | 'tenants'> & WithParts<'now' | 'sessions'>

/** The session of the browser's cookie. */
export async function currentSession(shell: CurrentSessionPorts, request: Request): Promise<Session | null> {
  const token = tokenFromCookie(shell, request.headers.cookie)
  return token === null ? null : await checkSession(sessionCheckPartsOf(shell), token, 'cookie')
}

/** Throws `session_invalid`. */
export async function requireSession(shell: CurrentSessionPorts, request: Request): Promise<Session> {
  const session = await currentSession(shell, request)
  if (session === null) throw new GatehouseError('session_invalid', 'no live session')
  return session
}
