import { getRoute, parsedRoute, type WebRoute } from '../route.ts'
import { beginAppLogout, readLogoutFields, submitAppLogout } from './app-logout.ts'
import { receiveLogout, showSignedOut } from './upstream-logout.ts'

const connection = '/t/:tenant/:connection'
const path = '/oauth2/logout'

/** An endpoint of a connection, to which its upstream sends sign-outs. */
const receive = (method: 'get' | 'post', endpoint: Parameters<typeof receiveLogout>[0]): WebRoute => ({
  method,
  caller: 'message',
  path: `${connection}/${endpoint}`,
  handler: receiveLogout(endpoint),
})

export const logoutRoutes: readonly WebRoute[] = [
  parsedRoute({ method: 'get', path, caller: 'anyone' }, readLogoutFields, beginAppLogout),
  parsedRoute({ method: 'post', path, caller: 'message' }, readLogoutFields, submitAppLogout),
  getRoute(`${connection}/signed-out`, 'anyone', showSignedOut),
  receive('post', 'backchannel-logout'),
  receive('post', 'global-token-revocation'),
  receive('post', 'notifications'),
  receive('get', 'logout'),
  receive('post', 'logout'),
]
