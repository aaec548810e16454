import { z } from 'zod'
import { formRoute, parsedRoute, type WebRoute } from '../route.ts'
import { endOtherSessions, showAccount, signOut, submitEndSession } from './account.ts'
import { revokeApp } from './connected-apps.ts'
import { addIdentity, confirmMethod, removeIdentity } from './identities.ts'
import { readNotice } from './sign-in-methods.ts'

const text = (max: number) => z.string().min(1).max(max)
const identity = z.object({ identity: text(64) })

export const accountRoutes: readonly WebRoute[] = [
  parsedRoute({ method: 'get', path: '/account', caller: 'anyone' }, readNotice, showAccount),
  formRoute('/account/sign-out', z.object({}), signOut),
  formRoute('/account/sessions/end-others', z.object({}), endOtherSessions),
  formRoute('/account/sessions/end', z.object({ session: text(64) }), submitEndSession),
  formRoute('/account/identities/add', z.object({ connection: text(64) }), addIdentity),
  formRoute('/account/identities/unlink', identity, removeIdentity),
  formRoute('/account/identities/confirm', identity, confirmMethod),
  formRoute('/account/apps/revoke', z.object({ app: text(128) }), revokeApp),
]
