import { z } from 'zod'
import { formRoute, parsedRoute, type WebRoute } from '../route.ts'
import { endOtherSessions, readAccountQuery, showAccount, signOut, submitEndSession } from './account.ts'
import { revokeApp } from './connected-apps.ts'
import { addIdentity, confirmMethod, linkStartPath, readLinkStart, removeIdentity, startAtCode } from './identities.ts'

const text = (max: number) => z.string().min(1).max(max)
const identity = z.object({ identity: text(64) })

export const accountRoutes: readonly WebRoute[] = [
  parsedRoute(
    { method: 'get', path: '/account', caller: 'anyone', permission: 'profile:read' },
    readAccountQuery,
    showAccount,
  ),
  formRoute('/account/sign-out', 'sessions:write', z.object({}), signOut),
  formRoute('/account/sessions/end-others', 'sessions:write', z.object({}), endOtherSessions),
  formRoute('/account/sessions/end', 'sessions:write', z.object({ session: text(64) }), submitEndSession),
  formRoute('/account/identities/add', 'identities:write', z.object({ connection: text(64) }), addIdentity),
  parsedRoute(
    { method: 'get', path: linkStartPath, caller: 'browser', permission: 'identities:write', refusesHead: true },
    readLinkStart,
    startAtCode,
  ),
  formRoute('/account/identities/unlink', 'identities:write', identity, removeIdentity),
  formRoute('/account/identities/confirm', 'identities:write', identity, confirmMethod),
  formRoute('/account/apps/revoke', 'consents:write', z.object({ app: text(128) }), revokeApp),
]
