import { z } from 'zod'
import { formRoute, parsedRoute, type WebRoute } from '../route.ts'
import { finishAtCallback, readCallback } from './callback.ts'
import { showLinking, submitDeclineLink } from './linking.ts'
import { readLoginForm, readLoginQuery, showLogin, submitLogin } from './login.ts'
import { readLoginStart, readThirdPartyStart, startAtConnection, startThirdPartyLogin } from './login-start.ts'
import { showMetadata } from './metadata.ts'

const connection = '/t/:tenant/:connection'
const callback = `${connection}/callback`

export const signInRoutes: readonly WebRoute[] = [
  parsedRoute({ method: 'get', path: '/login', caller: 'browser' }, readLoginQuery, showLogin),
  parsedRoute({ method: 'post', path: '/login', caller: 'form' }, readLoginForm, submitLogin),
  parsedRoute({ method: 'get', path: `${connection}/start`, caller: 'browser' }, readLoginStart, startAtConnection),
  parsedRoute(
    { method: 'get', path: `${connection}/initiate`, caller: 'browser' },
    readThirdPartyStart,
    startThirdPartyLogin,
  ),
  parsedRoute({ method: 'get', path: callback, caller: 'upstream', refusesHead: true }, readCallback, finishAtCallback),
  parsedRoute({ method: 'post', path: callback, caller: 'upstream' }, readCallback, finishAtCallback),
  { method: 'get', path: `${connection}/metadata`, caller: 'anyone', handler: showMetadata },
  { method: 'get', path: '/link', caller: 'browser', handler: showLinking },
  formRoute('/link', z.object({ code: z.string().min(1).max(128) }), submitDeclineLink),
]
