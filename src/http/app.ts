/**
 * The Express shell. A table: method, path, who may call, handler. A handler translates the request, calls one function of the core
 * and renders its answer; whatever needs to know who someone is belongs in the core.
 */
import express, { type Express, type Request, type RequestHandler, type Response } from 'express'
import helmet from 'helmet'
import { GatehouseError } from '../errors.ts'
import type { Provider } from '../provider.ts'
import { endOneSession, endOtherSessions, showAccount, signOut } from './account.ts'
import {
  createSession,
  endListedSession,
  endOtherListedSessions,
  endOwnSession,
  exchangeForSession,
  listSessions,
  showSession,
  showUser,
} from './api.ts'
import { browserSession } from './browser.ts'
import { finishAtCallback } from './callback.ts'
import { failure, notFound } from './failure.ts'
import { addIdentity, removeIdentity, showLinking } from './linking.ts'
import { beginAtGate, beginByThirdParty, showLogin, submitLogin } from './login.ts'
import { showSignedOut, takeLogout } from './logout.ts'
import { showMetadata } from './metadata.ts'
import { healthz, readyz } from './operations.ts'
import { sameOrigin } from './origin.ts'
import { requestLog } from './request-log.ts'
import { goTo } from './send-page.ts'
import type { Shell } from './shell.ts'
import { showChoosePassword, showRequest, submitChoosePassword, submitRequest } from './sign-up.ts'
import { marksOf, sendAsset } from './static.ts'

type Handler = (shell: Shell, request: Request, response: Response) => Promise<void>
/** anyone: no proof asked · browser: anyone, recognised again by a cookie · form: a form of ours · upstream: a callback · message: an upstream's, its own proof · api: JSON, its own proof */
type Who = 'anyone' | 'browser' | 'form' | 'upstream' | 'message' | 'api'
type Route = readonly ['get' | 'post' | 'delete', string, Who, Handler]

function routes(providers: readonly Provider[]): readonly Route[] {
  return [
    ['get', '/', 'anyone', async (_shell, _request, response) => goTo(response, '/account')],
    ['get', '/login', 'browser', showLogin],
    ['post', '/login', 'form', submitLogin],
    ['get', '/t/:tenant/:connection/start', 'browser', beginAtGate],
    ['get', '/t/:tenant/:connection/initiate', 'browser', beginByThirdParty],
    ['get', '/t/:tenant/:connection/callback', 'upstream', finishAtCallback],
    ['post', '/t/:tenant/:connection/callback', 'upstream', finishAtCallback],
    ['get', '/t/:tenant/:connection/metadata', 'anyone', showMetadata],
    ['get', '/t/:tenant/:connection/signed-out', 'anyone', showSignedOut],
    ['post', '/t/:tenant/:connection/backchannel-logout', 'message', takeLogout('backchannel-logout')],
    ['post', '/t/:tenant/:connection/global-token-revocation', 'message', takeLogout('global-token-revocation')],
    ['post', '/t/:tenant/:connection/notifications', 'message', takeLogout('notifications')],
    ['get', '/t/:tenant/:connection/logout', 'message', takeLogout('logout')],
    ['post', '/t/:tenant/:connection/logout', 'message', takeLogout('logout')],
    ['get', '/sign-up', 'anyone', showRequest('sign-up')],
    ['post', '/sign-up', 'form', submitRequest('sign-up')],
    ['get', '/forgot', 'anyone', showRequest('reset')],
    ['post', '/forgot', 'form', submitRequest('reset')],
    ['get', '/t/:tenant/:connection/verify', 'anyone', showChoosePassword('sign-up')],
    ['post', '/t/:tenant/:connection/verify', 'form', submitChoosePassword('sign-up')],
    ['get', '/t/:tenant/:connection/reset', 'anyone', showChoosePassword('reset')],
    ['post', '/t/:tenant/:connection/reset', 'form', submitChoosePassword('reset')],
    ['get', '/link', 'browser', showLinking],
    ['get', '/account', 'anyone', showAccount],
    ['post', '/account/identities/add', 'form', addIdentity],
    ['post', '/account/identities/unlink', 'form', removeIdentity],
    ['post', '/account/sign-out', 'form', signOut],
    ['post', '/account/sessions/end-others', 'form', endOtherSessions],
    ['post', '/account/sessions/end', 'form', endOneSession],
    ['post', '/api/v1/sessions', 'api', createSession],
    ['get', '/api/v1/sessions', 'api', listSessions],
    ['delete', '/api/v1/sessions', 'api', endOtherListedSessions],
    ['post', '/api/v1/sessions/exchange', 'api', exchangeForSession],
    ['delete', '/api/v1/sessions/:id', 'api', endListedSession],
    ['get', '/api/v1/session', 'api', showSession],
    ['delete', '/api/v1/session', 'api', endOwnSession],
    ['get', '/api/v1/users/me', 'api', showUser],
    ['get', '/favicon.ico', 'anyone', async (_shell, _request, response) => void response.status(204).end()],
    ['get', '/healthz', 'anyone', healthz],
    ['get', '/readyz', 'anyone', readyz],
    ['get', '/static/marks/:file', 'anyone', marksOf(providers)],
    ['get', '/static/:file', 'anyone', sendAsset],
  ]
}

export function createApp(shell: Shell, providers: readonly Provider[]): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag') // pages are never cached, and what is cached has its content in its name
  app.set('trust proxy', [...shell.trustedProxies])
  app.set('query parser', 'simple')
  app.use(requestLog(shell), securityHeaders(shell))
  const table = routes(providers)
  // Express answers HEAD like GET, and whoever only looks must not use up a login
  app.head('/t/:tenant/:connection/callback', methodNotAllowed(table, '/t/:tenant/:connection/callback'))
  const guards = guardsOf(shell)
  for (const [method, path, who, handler] of table)
    app[method](path, ...guards[who], (request, response) => handler(shell, request, response))
  for (const path of new Set(table.map((route) => route[1]))) app.all(path, methodNotAllowed(table, path))
  app.use(notFound, failure(shell))
  return app
}

/** What a request must pass before its handler sees it. */
function guardsOf(shell: Shell): Record<Who, RequestHandler[]> {
  const browser = browserSession(shell)
  const form = express.urlencoded({ extended: false, limit: '32kb', parameterLimit: 50 })
  return {
    anyone: [],
    browser: [browser],
    form: [sameOrigin(shell), form, browser],
    // a SAML response of 256 kB, its cap, may be three times as long in a form
    upstream: [express.urlencoded({ extended: false, limit: '800kb', parameterLimit: 16 }), browser],
    message: [
      express.urlencoded({ extended: false, limit: '64kb', parameterLimit: 50 }),
      express.json({ limit: '64kb', strict: true }),
    ],
    api: [express.json({ limit: '32kb', strict: true })],
  }
}

function securityHeaders(shell: Shell): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'style-src': ["'self'"],
        'img-src': ["'self'"],
        'form-action': ["'self'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: shell.cookie.secure ? { maxAge: 31_536_000 } : false,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
  })
}

function methodNotAllowed(table: readonly Route[], path: string): RequestHandler {
  const allowed = table.filter((route) => route[1] === path).map(([method]) => method.toUpperCase())
  return (_request, response) => {
    response.set('allow', allowed.join(', '))
    throw new GatehouseError('method_not_allowed', `only ${allowed.join(', ')} here`)
  }
}
