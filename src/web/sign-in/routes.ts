import { z } from 'zod'
import { formRoute, parsedRoute, publicRoute, type WebRoute } from '../route.ts'
import { finishAtCallback, readCallback } from './callback.ts'
import { emailCodeRoutes } from './email-code/routes.ts'
import { readLinkQuery, showLinking, submitDeclineLink } from './linking.ts'
import { readLoginForm, readLoginQuery, showLogin, submitLogin } from './login.ts'
import { readLoginStart, readThirdPartyStart, startAtConnection, startThirdPartyLogin } from './login-start.ts'
import { showMetadata } from './metadata.ts'
import { secondFactorRoutes } from './second-factor/routes.ts'

const connection = '/t/:tenant/:connection'
const callback = { path: `${connection}/callback`, caller: 'upstream', permission: 'none' } as const
const initiate = { method: 'get', path: `${connection}/initiate`, caller: 'browser', permission: 'none' } as const

/** First the routes of every login: Express tries one after the other. */
export const signInRoutes: readonly WebRoute[] = [
  parsedRoute(
    { method: 'get', path: `${connection}/start`, caller: 'browser', permission: 'none' },
    readLoginStart,
    startAtConnection,
  ),
  parsedRoute({ ...callback, method: 'get', refusesHead: true }, readCallback, finishAtCallback),
  parsedRoute({ ...callback, method: 'post' }, readCallback, finishAtCallback),
  ...emailCodeRoutes,
  parsedRoute({ method: 'get', path: '/login', caller: 'browser', permission: 'none' }, readLoginQuery, showLogin),
  parsedRoute({ method: 'post', path: '/login', caller: 'form', permission: 'none' }, readLoginForm, submitLogin),
  ...secondFactorRoutes,
  parsedRoute(initiate, readThirdPartyStart, startThirdPartyLogin),
  publicRoute(`${connection}/metadata`, showMetadata),
  parsedRoute({ method: 'get', path: '/link', caller: 'browser', permission: 'none' }, readLinkQuery, showLinking),
  formRoute('/link', 'none', z.object({ code: z.string().min(1).max(128) }), submitDeclineLink),
]
