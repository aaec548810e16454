import { parsedRoute, publicRoute, type WebRoute } from '../route.ts'
import { beginAppLogout, readLogoutFields, submitAppLogout } from './app-logout.ts'
import { receiveLogout, showSignedOut } from './upstream-logout.ts'

const connection = '/t/:tenant/:connection'
const path = '/oauth2/logout'

/** An endpoint of a connection, to which its upstream sends sign-outs. */
const receive = (method: 'get' | 'post', endpoint: Parameters<typeof receiveLogout>[0]): WebRoute => ({
  method,
  caller: 'message',
  permission: 'none',
  path: `${connection}/${endpoint}`,
  handler: receiveLogout(endpoint),
})

export const logoutRoutes: readonly WebRoute[] = [
  parsedRoute({ method: 'get', path, caller: 'anyone', permission: 'none' }, readLogoutFields, beginAppLogout),
  parsedRoute({ method: 'post', path, caller: 'message', permission: 'none' }, readLogoutFields, submitAppLogout),
  publicRoute(`${connection}/signed-out`, showSignedOut),
  receive('post', 'backchannel-logout'),
  receive('post', 'global-token-revocation'),
  receive('post', 'notifications'),
  receive('get', 'logout'),
  receive('post', 'logout'),
]
