/**
 * Enforces the permission of a page or form. The API (api/handle-route.ts) and the admin pages
 * (admin/administrator.ts) enforce their own.
 */
import { authorize } from '../../broker/access/authorize.ts'
import type { Caller, Handler, WebRoute } from '../route.ts'
import { currentSession } from './current-session.ts'

const selfAuthorizing: readonly Caller[] = ['api', 'headless', 'administrator', 'administrator form']

export function permittedHandler({ caller, permission, handler }: WebRoute): Handler {
  if (permission === 'none' || selfAuthorizing.includes(caller)) return handler
  return async (call) => {
    const session = await currentSession(call)
    if (session !== null) await authorize(call.shell.parts, session, permission)
    await handler(call)
  }
}
