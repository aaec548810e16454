import type { WebRoute } from '../route.ts'
import { beginAppLogout, submitAppLogout } from './app-logout.ts'
import { receiveLogout, showSignedOut } from './upstream-logout.ts'

const connection = '/t/:tenant/:connection'

/** An endpoint of a connection, to which its upstream sends sign-outs. */
const receive = (method: 'get' | 'post', endpoint: Parameters<typeof receiveLogout>[0]): WebRoute => ({
  ...{ method, caller: 'message', path: `${connection}/${endpoint}`, handler: receiveLogout(endpoint) },
})

export const logoutRoutes: readonly WebRoute[] = [
  { method: 'get', path: '/oauth2/logout', caller: 'anyone', handler: beginAppLogout },
  { method: 'post', path: '/oauth2/logout', caller: 'message', handler: submitAppLogout },
  { method: 'get', path: `${connection}/signed-out`, caller: 'anyone', handler: showSignedOut },
  receive('post', 'backchannel-logout'),
  receive('post', 'global-token-revocation'),
  receive('post', 'notifications'),
  receive('get', 'logout'),
  receive('post', 'logout'),
]
