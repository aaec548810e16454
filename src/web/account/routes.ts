import { z } from 'zod'
import { formRoute, type WebRoute } from '../route.ts'
import { endOtherSessions, showAccount, signOut, submitEndSession } from './account.ts'
import { revokeApp } from './connected-apps.ts'
import { addIdentity, confirmMethod, removeIdentity } from './identities.ts'

const text = (max: number) => z.string().min(1).max(max)
const identity = z.object({ identity: text(64) })

export const accountRoutes: readonly WebRoute[] = [
  { method: 'get', path: '/account', caller: 'anyone', handler: showAccount },
  { method: 'post', path: '/account/sign-out', caller: 'form', handler: signOut },
  { method: 'post', path: '/account/sessions/end-others', caller: 'form', handler: endOtherSessions },
  formRoute('/account/sessions/end', z.object({ session: text(64) }), submitEndSession),
  formRoute('/account/identities/add', z.object({ connection: text(64) }), addIdentity),
  formRoute('/account/identities/unlink', identity, removeIdentity),
  formRoute('/account/identities/confirm', identity, confirmMethod),
  formRoute('/account/apps/revoke', z.object({ app: text(128) }), revokeApp),
]
