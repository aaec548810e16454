import type { WebRoute } from '../route.ts'
import { finishAtCallback } from './callback.ts'
import { showLinking, submitDeclineLink } from './linking.ts'
import { showLogin, submitLogin } from './login.ts'
import { startAtConnection, startThirdPartyLogin } from './login-start.ts'
import { showMetadata } from './metadata.ts'

const connection = '/t/:tenant/:connection'
const callback = `${connection}/callback`

export const signInRoutes: readonly WebRoute[] = [
  { method: 'get', path: '/login', caller: 'browser', handler: showLogin },
  { method: 'post', path: '/login', caller: 'form', handler: submitLogin },
  { method: 'get', path: `${connection}/start`, caller: 'browser', handler: startAtConnection },
  { method: 'get', path: `${connection}/initiate`, caller: 'browser', handler: startThirdPartyLogin },
  { method: 'get', path: callback, caller: 'upstream', handler: finishAtCallback, refusesHead: true },
  { method: 'post', path: callback, caller: 'upstream', handler: finishAtCallback },
  { method: 'get', path: `${connection}/metadata`, caller: 'anyone', handler: showMetadata },
  { method: 'get', path: '/link', caller: 'browser', handler: showLinking },
  { method: 'post', path: '/link', caller: 'form', handler: submitDeclineLink },
]
