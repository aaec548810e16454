/** Enforces the permission of a page or form. The API enforces its own (api/handle-route.ts). */
import { authorize } from '../../broker/access/authorize.ts'
import type { Handler, WebRoute } from '../route.ts'
import { currentSession } from './current-session.ts'

export function permittedHandler({ caller, permission, handler }: WebRoute): Handler {
  if (permission === 'none' || caller === 'api' || caller === 'headless') return handler
  return async (call) => {
    const session = await currentSession(call)
    if (session !== null) await authorize(call.shell.parts, session, permission)
    await handler(call)
  }
}
