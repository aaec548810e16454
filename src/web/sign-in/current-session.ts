import type { Request } from 'express'
import { checkSession, type SessionCheckPorts } from '../../broker/session/check-session.ts'
import type { Session } from '../../broker/session/session.ts'
import { GatehouseError } from '../../errors.ts'
import { tokenFromCookie } from '../../http/presented-credential.ts'
import { HiddenProperty } from '../../primitives/hidden-property.ts'
import type { Call, Shell, WithParts } from '../shell.ts'

type CheckPorts = Pick<Shell, 'log' | 'tenants'> & WithParts<'now' | 'recordActivity' | 'sessions'>
export type CurrentSessionPorts = Pick<Shell, 'cookie' | 'keyRing'> & CheckPorts

export function sessionCheckPortsOf({
  parts: { sessions, now, recordActivity },
  tenants,
  log,
}: CheckPorts): SessionCheckPorts {
  const onTouchFailed = (error: unknown) =>
    log.warn({ message: String(error).slice(0, 200) }, 'the time of last use of a credential could not be stored')
  return { sessions, tenants, now, onTouchFailed, onUsed: recordActivity }
}

type SessionCall = Pick<Call<CurrentSessionPorts>, 'shell' | 'request'>

const ofRequest = new HiddenProperty<Request, Promise<Session | null>>()

/** The session of the browser's cookie; read once per request. */
export function currentSession(call: SessionCall): Promise<Session | null> {
  const found = ofRequest.get(call.request) ?? readSession(call)
  ofRequest.set(call.request, found)
  return found
}

async function readSession({ shell, request }: SessionCall): Promise<Session | null> {
  const token = tokenFromCookie(shell, request.headers.cookie)
  return token === null ? null : await checkSession(sessionCheckPortsOf(shell), token, 'cookie')
}

/** Throws `session_invalid`. */
export async function requireSession(call: SessionCall): Promise<Session> {
  const session = await currentSession(call)
  if (session === null) throw new GatehouseError('session_invalid', 'no live session')
  return session
}
