import { z } from 'zod'
import { formRoute, getRoute, parsedRoute, type WebRoute } from '../route.ts'
import { finishAtCallback, readCallback } from './callback.ts'
import { readLinkQuery, showLinking, submitDeclineLink } from './linking.ts'
import { readLoginForm, readLoginQuery, showLogin, submitLogin } from './login.ts'
import { readLoginStart, readThirdPartyStart, startAtConnection, startThirdPartyLogin } from './login-start.ts'
import { showMetadata } from './metadata.ts'

const connection = '/t/:tenant/:connection'
const callback = { path: `${connection}/callback`, caller: 'upstream' } as const
const initiate = { method: 'get', path: `${connection}/initiate`, caller: 'browser' } as const

export const signInRoutes: readonly WebRoute[] = [
  parsedRoute({ method: 'get', path: '/login', caller: 'browser' }, readLoginQuery, showLogin),
  parsedRoute({ method: 'post', path: '/login', caller: 'form' }, readLoginForm, submitLogin),
  parsedRoute({ method: 'get', path: `${connection}/start`, caller: 'browser' }, readLoginStart, startAtConnection),
  parsedRoute(initiate, readThirdPartyStart, startThirdPartyLogin),
  parsedRoute({ ...callback, method: 'get', refusesHead: true }, readCallback, finishAtCallback),
  parsedRoute({ ...callback, method: 'post' }, readCallback, finishAtCallback),
  getRoute(`${connection}/metadata`, 'anyone', showMetadata),
  parsedRoute({ method: 'get', path: '/link', caller: 'browser' }, readLinkQuery, showLinking),
  formRoute('/link', z.object({ code: z.string().min(1).max(128) }), submitDeclineLink),
]
