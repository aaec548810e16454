import { checkSession, type SessionCheckPorts } from '../../broker/session/check-session.ts'
import type { Session } from '../../broker/session/session.ts'
import { GatehouseError } from '../../errors.ts'
import { tokenFromCookie } from '../../http/session-token.ts'
import type { Call, Shell, WithParts } from '../shell.ts'

type CheckPorts = Pick<Shell, 'log' | 'tenants'> & WithParts<'now' | 'sessions'>
export type CurrentSessionPorts = Pick<Shell, 'cookie' | 'keyRing'> & CheckPorts

export function sessionCheckPortsOf({ parts: { sessions, now }, tenants, log }: CheckPorts): SessionCheckPorts {
  const onTouchFailed = (error: unknown) =>
    log.warn({ message: String(error).slice(0, 200) }, 'the time of last use of a session could not be stored')
  return { sessions, tenants, now, onTouchFailed }
}

type SessionCall = Pick<Call<CurrentSessionPorts>, 'shell' | 'request'>

/** The session of the browser's cookie. */
export async function currentSession({ shell, request }: SessionCall): Promise<Session | null> {
  const token = tokenFromCookie(shell, request.headers.cookie)
  return token === null ? null : await checkSession(sessionCheckPortsOf(shell), token, 'cookie')
}

/** Throws `session_invalid`. */
export async function requireSession(call: SessionCall): Promise<Session> {
  const session = await currentSession(call)
  if (session === null) throw new GatehouseError('session_invalid', 'no live session')
  return session
}
