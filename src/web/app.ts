/**
 * The Express shell. A table: method, path, who may call, handler. A handler translates the request, calls one function of the core
 * and renders its answer; whatever needs to know who someone is belongs in the core.
 */
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import express, { type Express, type Request, type RequestHandler, type Response } from 'express'
import helmet from 'helmet'
import { GatehouseError } from '../errors.ts'
import { refuseControlCharactersInBody, refuseControlCharactersInUrl } from '../http/control-characters.ts'
import { requestLog } from '../http/request-log.ts'
import { redirect } from '../http/respond.ts'
import { sameOrigin } from '../http/same-origin.ts'
import { truncate } from '../primitives/untrusted-text.ts'
import type { Provider } from '../provider/provider.ts'
import { endOtherSessions, showAccount, signOut, submitEndSession } from './account/account.ts'
import { revokeApp } from './account/connected-apps.ts'
import { answerPreflight, exchangePath } from './api/cross-origin.ts'
import { handleApiRoute } from './api/handle-route.ts'
import { apiRoutes, showApiPage } from './api/openapi.ts'
import { listButtons, sendButtonsModule } from './buttons/buttons.ts'
import { showConsent, submitConsent } from './consent/consent.ts'
import {
  addAppKey,
  addAppKeySet,
  downloadNewKey,
  removeAppKey,
  revokeAppSecret,
  rotateAppSecret,
  showApp,
} from './developer/developer-app.ts'
import { saveApp, showDeveloper, showNewApp, submitDeleteApp, submitNewApp } from './developer/portal.ts'
import { failure, notFound } from './errors/failure.ts'
import { healthz, readyz } from './health.ts'
import { beginAppLogout, submitAppLogout } from './logout/app-logout.ts'
import { receiveLogout, showSignedOut } from './logout/upstream-logout.ts'
import type { Shell } from './shell.ts'
import { finishAtCallback } from './sign-in/callback.ts'
import { addIdentity, confirmMethod, removeIdentity, showLinking, submitDeclineLink } from './sign-in/linking.ts'
import { showLogin, submitLogin } from './sign-in/login.ts'
import { startAtConnection, startThirdPartyLogin } from './sign-in/login-start.ts'
import { showMetadata } from './sign-in/metadata.ts'
import { browserSession } from './sign-in/pending-browser.ts'
import { showChoosePassword, showRequest, submitChoosePassword, submitRequest } from './sign-up/sign-up.ts'
import { logosByKind, sendAsset } from './static.ts'

type Handler = (shell: Shell, request: Request, response: Response) => Promise<void>
/** anyone: no proof asked · browser: anyone, recognised again by a cookie · form: a form of ours · upstream: a callback · message: an upstream's, its own proof · api: JSON, its own proof */
type CallerKind = 'anyone' | 'browser' | 'form' | 'upstream' | 'message' | 'api'
type Route = readonly ['get' | 'post' | 'put' | 'patch' | 'delete', string, CallerKind, Handler]

/** The table. */
export function routes(providers: readonly Provider[]): readonly Route[] {
  return [
    ['get', '/', 'anyone', async (_shell, _request, response) => redirect(response, '/account')],
    ['get', '/login', 'browser', showLogin],
    ['post', '/login', 'form', submitLogin],
    ['get', '/t/:tenant/:connection/start', 'browser', startAtConnection],
    ['get', '/t/:tenant/:connection/initiate', 'browser', startThirdPartyLogin],
    ['get', '/t/:tenant/:connection/callback', 'upstream', finishAtCallback],
    ['post', '/t/:tenant/:connection/callback', 'upstream', finishAtCallback],
    ['get', '/t/:tenant/:connection/metadata', 'anyone', showMetadata],
    ['get', '/t/:tenant/:connection/signed-out', 'anyone', showSignedOut],
    ['post', '/t/:tenant/:connection/backchannel-logout', 'message', receiveLogout('backchannel-logout')],
    ['post', '/t/:tenant/:connection/global-token-revocation', 'message', receiveLogout('global-token-revocation')],
    ['post', '/t/:tenant/:connection/notifications', 'message', receiveLogout('notifications')],
    ['get', '/t/:tenant/:connection/logout', 'message', receiveLogout('logout')],
    ['post', '/t/:tenant/:connection/logout', 'message', receiveLogout('logout')],
    ['get', '/sign-up', 'anyone', showRequest('sign-up')],
    ['post', '/sign-up', 'form', submitRequest('sign-up')],
    ['get', '/forgot', 'anyone', showRequest('reset')],
    ['post', '/forgot', 'form', submitRequest('reset')],
    ['get', '/t/:tenant/:connection/verify', 'anyone', showChoosePassword('sign-up')],
    ['post', '/t/:tenant/:connection/verify', 'form', submitChoosePassword('sign-up')],
    ['get', '/t/:tenant/:connection/reset', 'anyone', showChoosePassword('reset')],
    ['post', '/t/:tenant/:connection/reset', 'form', submitChoosePassword('reset')],
    ['get', '/link', 'browser', showLinking],
    ['post', '/link', 'form', submitDeclineLink],
    ['get', '/oauth2/logout', 'anyone', beginAppLogout],
    ['post', '/oauth2/logout', 'message', submitAppLogout],
    ['get', '/consent/:uid', 'browser', showConsent],
    ['post', '/consent/:uid', 'form', submitConsent],
    ['get', '/account', 'anyone', showAccount],
    ['post', '/account/identities/add', 'form', addIdentity],
    ['post', '/account/identities/unlink', 'form', removeIdentity],
    ['post', '/account/identities/confirm', 'form', confirmMethod],
    ['post', '/account/apps/revoke', 'form', revokeApp],
    ['get', '/developer', 'anyone', showDeveloper],
    ['get', '/developer/apps/new', 'anyone', showNewApp],
    ['post', '/developer/apps/new', 'form', submitNewApp],
    ['get', '/developer/apps/:id', 'anyone', showApp],
    ['post', '/developer/apps/:id', 'form', saveApp],
    ['post', '/developer/apps/:id/delete', 'form', submitDeleteApp],
    ['post', '/developer/apps/:id/secrets', 'form', rotateAppSecret],
    ['post', '/developer/apps/:id/secrets/revoke', 'form', revokeAppSecret],
    ['post', '/developer/apps/:id/keys/generate', 'form', downloadNewKey],
    ['post', '/developer/apps/:id/keys/upload', 'form', addAppKey],
    ['post', '/developer/apps/:id/keys/set', 'form', addAppKeySet],
    ['post', '/developer/apps/:id/keys/remove', 'form', removeAppKey],
    ['post', '/account/sign-out', 'form', signOut],
    ['post', '/account/sessions/end-others', 'form', endOtherSessions],
    ['post', '/account/sessions/end', 'form', submitEndSession],
    ...apiRoutes.map((route) => [route.method, route.path, 'api', handleApiRoute(route)] as const),
    ['get', '/api', 'anyone', showApiPage],
    ['get', '/buttons.js', 'anyone', sendButtonsModule],
    ['get', '/buttons/:file', 'anyone', sendButtonsModule],
    ['get', '/buttons.json', 'anyone', listButtons],
    ['get', '/favicon.ico', 'anyone', async (_shell, _request, response) => void response.status(204).end()],
    ['get', '/healthz', 'anyone', healthz],
    ['get', '/readyz', 'anyone', readyz],
    ['get', '/static/marks/:file', 'anyone', logosByKind(providers)],
    ['get', '/static/:file', 'anyone', sendAsset],
  ]
}

export function createWebApp(shell: Shell, providers: readonly Provider[]): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag') // pages are never cached, and what is cached has its content in its name
  app.set('trust proxy', [...shell.trustedProxies])
  app.set('query parser', 'simple')
  app.use(
    requestLog({ log: shell.log, random: shell.parts.random }),
    securityHeaders(shell),
    refuseControlCharactersInUrl,
  )
  const table = routes(providers)
  // Express answers HEAD like GET, and whoever only looks must not use up a login
  app.head('/t/:tenant/:connection/callback', methodNotAllowed(table, '/t/:tenant/:connection/callback'))
  app.options(exchangePath, answerPreflight(shell))
  const guards = middlewareOf(shell)
  for (const [method, path, who, handler] of table)
    app[method](path, ...guards[who], (request, response) => handler(shell, request, response))
  for (const path of new Set(table.map((route) => route[1]))) app.all(path, methodNotAllowed(table, path))
  app.use(notFound, failure(shell))
  return app
}

/** What a request must pass before its handler sees it. */
function middlewareOf(shell: Shell): Record<CallerKind, RequestHandler[]> {
  const browser = browserSession(shell)
  const form = express.urlencoded({ extended: false, limit: '32kb', parameterLimit: 50 })
  return {
    anyone: [],
    browser: [browser],
    form: [sameOrigin(shell), form, refuseControlCharactersInBody, browser],
    // a SAML response of 256 kB, its cap, may be three times as long in a form
    upstream: [
      express.urlencoded({ extended: false, limit: '800kb', parameterLimit: 16 }),
      refuseControlCharactersInBody,
      browser,
    ],
    message: [
      express.urlencoded({ extended: false, limit: '64kb', parameterLimit: 50 }),
      express.json({ limit: '64kb', strict: true }),
      refuseControlCharactersInBody,
    ],
    api: [express.json({ limit: '32kb', strict: true }), refuseControlCharactersInBody, requireJson],
  }
}

/** Helmet says once what they are: it would find out anew for every answer. */
function securityHeaders(shell: Shell): RequestHandler {
  const answer = new ServerResponse(new IncomingMessage(new Socket()))
  helmetOf(shell)(answer.req, answer, () => {})
  const headers = Object.entries(answer.getHeaders()).map(([name, value]) => [name, String(value)] as const)
  return (_request, response, next) => {
    for (const [name, value] of headers) response.setHeader(name, value)
    next()
  }
}

function helmetOf(shell: Shell) {
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

const requireJson: RequestHandler = (request, _response, next) => {
  if (request.is('application/json') !== false) return next() // null: nothing was sent
  const text = 'Send the body as JSON, with content-type: application/json.'
  const type = truncate(request.headers['content-type'] ?? 'none')
  next(new GatehouseError('request_invalid', `a body of type ${type}`, { text }))
}
