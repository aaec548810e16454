/**
 * Middleware for Express 5 and other frameworks with Node's requests.
 *
 *     const { requireSession, requireScope } = gatehouse({
 *       ...{ issuer: 'https://login.example', app: 'shop', secret: process.env.SHOP_SECRET },
 *       ...{ audience: 'https://api.shop.example', tenants: ['acme'] },
 *     })
 *     app.get('/me', requireSession(), (request, response) => response.json(callerOf(request)))
 *     app.get('/orders', requireScope('orders.read'), listOrders)
 *
 * Errors are problem documents (RFC 9457): 401 with `WWW-Authenticate`, 403 `insufficient_scope`,
 * and 503 when Gatehouse is unreachable.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Caller, SessionCaller, TokenCaller } from './caller.ts'
import { type DpopRequest, dpopAlgorithms } from './dpop.ts'
import { mayUseCookie, otherPlaces, type PlaceOptions, tokenForm } from './places.ts'
import { GatehouseRefusal } from './send-request.ts'
import { checkSession } from './session-check.ts'
import { createTokenChecker, type TokenChecker, type TokenCheckerOptions } from './token-checker.ts'

export type { AppSigningKey } from './app-credential.ts'
export type { Caller, SessionCaller, TokenCaller } from './caller.ts'
export type { DpopOptions, DpopRequest } from './dpop.ts'
export { type ForwardAuthOptions, type ForwardedUser, forwardAuthCheck } from './forward-auth.ts'
export type { Profile, Session } from './responses.ts'
export { GatehouseRefusal, GatehouseUnreachable } from './send-request.ts'
export { createTokenChecker, type TokenChecker, type TokenCheckerOptions } from './token-checker.ts'

export interface GatehouseOptions extends TokenCheckerOptions, PlaceOptions {
  /** Reads the token of a request. Default: `Authorization` with the scheme Bearer or DPoP. */
  readonly tokenOf?: (request: IncomingMessage) => string | undefined
  /** Called when Gatehouse is unreachable, for your log. */
  readonly onUnreachable?: (error: Error) => void
}

/** Express's RequestHandler, without needing its types. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void

export interface Gatehouse {
  /**
   * Requires a session token (`gth_s_…`, from `openSession` or `exchangeCode`) or an API token
   * (`gth_a_…`, then `session.apiToken` is set) of a user of `tenants`: 401 without, 503 when
   * Gatehouse is unreachable. For access tokens, use
   * `requireScope`.
   */
  requireSession(): Middleware
  /**
   * Requires an access token with all of these scopes: 401 without a valid token, 403 without the
   * scopes (a session token has none), 503 when Gatehouse is unreachable. Throws a TypeError for
   * none.
   */
  requireScope(...scopes: readonly string[]): Middleware
  /** The same check without a request. */
  readonly checker: TokenChecker
}

/** A property of the request: values in a WeakMap would stay until a full garbage collection. */
const callerKey = Symbol('gatehouse caller')
type CheckedRequest = IncomingMessage & { [callerKey]?: Caller }

/** The caller that passed `requireSession` or `requireScope`. Throws an Error without either. */
export function callerOf(request: IncomingMessage): Caller {
  const caller = (request as CheckedRequest)[callerKey]
  if (caller === undefined)
    throw new Error('callerOf(request): neither requireSession nor requireScope is in front of this handler')
  return caller
}

/** Like `callerOf`, behind `requireSession`. */
export function sessionUserOf(request: IncomingMessage): SessionCaller {
  const caller = callerOf(request)
  if (caller.kind !== 'session')
    throw new Error('sessionUserOf(request): requireSession is not in front of this handler')
  return caller
}

/** Throws a TypeError for invalid options. */
export function gatehouse(options: GatehouseOptions): Gatehouse {
  const checker = createTokenChecker(options)
  const { tokenOf, onUnreachable } = options
  const credentialsOf = (request: IncomingMessage): PresentedCredentials | undefined => {
    const token = tokenOf?.(request)
    return tokenOf === undefined ? readCredentials(request) : token === undefined ? undefined : { token }
  }

  /** An `Authorization` that is not valid is ignored beside another credential. */
  async function checkRequest(request: IncomingMessage): Promise<Caller | Refusal> {
    const given = credentialsOf(request)
    const others = otherPlaces(request, options)
    const bearer = given !== undefined && tokenForm.test(given.token) ? given.token : undefined
    if (others === undefined) return checkAuthorization(checker, given)
    const ofApp = given === undefined || bearer !== undefined ? null : await checker.check(given.token, given.dpop)
    const cookie = mayUseCookie(request, options) ? others.cookie : undefined
    const found = await checkSession(options, { bearer, cookie, queryToken: others.queryToken })
    if (found === null) return ofApp ?? (cookie === others.cookie ? invalidToken : originRefused)
    return ofApp === null ? found.caller : twoCredentials('This request has an access token and a session.')
  }

  function guard(authorizeCaller: (caller: Caller) => Refusal | null): Middleware {
    return (request, response, next) => {
      checkRequest(request)
        .then((found) => ('status' in found ? found : (authorizeCaller(found) ?? found)))
        .catch((error: unknown) => {
          if (error instanceof GatehouseRefusal) return { ...error.problem, headers: {} }
          onUnreachable?.(error instanceof Error ? error : new Error('Gatehouse is unreachable'))
          return unreachable
        })
        .then((decision) => {
          if ('status' in decision) return refuse(response, decision)
          ;(request as CheckedRequest)[callerKey] = decision
          next()
        })
        .catch(next)
    }
  }

  return {
    checker,
    requireSession: () => guard((caller) => (caller.kind === 'session' ? null : noSessionToken)),
    requireScope: (...scopes) => {
      if (scopes.length === 0) throw new TypeError('requireScope needs a scope')
      return guard((caller) => (hasScopes(caller, scopes) ? null : insufficientScope(scopes)))
    },
  }
}

const hasScopes = (caller: Caller, scopes: readonly string[]): caller is TokenCaller =>
  caller.kind === 'access token' && scopes.every((scope) => caller.scopes.includes(scope))

async function checkAuthorization(
  checker: TokenChecker,
  given: PresentedCredentials | undefined,
): Promise<Caller | Refusal> {
  if (given === undefined) return missingToken
  const caller = await checker.check(given.token, given.dpop)
  return caller ?? (given.dpop === undefined ? invalidToken : invalidBoundToken)
}

interface PresentedCredentials {
  readonly token: string
  readonly dpop?: DpopRequest
}

function readCredentials(request: IncomingMessage): PresentedCredentials | undefined {
  const { headers, method = 'GET', url = '/' } = request
  const [, scheme = '', token] = /^(Bearer|DPoP) +([\w~+/.-]+=*)$/i.exec(headers.authorization ?? '') ?? []
  if (token === undefined) return undefined
  if (scheme.toLowerCase() === 'bearer') return { token }
  const proof = headers['dpop']
  // in a router of Express, `url` is only a part of the path
  const path = 'originalUrl' in request && typeof request.originalUrl === 'string' ? request.originalUrl : url
  return { token, dpop: { proof: typeof proof === 'string' ? proof : undefined, method, path } }
}

interface Refusal {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly headers: Readonly<Record<string, string>>
}

const notSignedIn = (detail: string, challenge = 'Bearer error="invalid_token"'): Refusal => ({
  status: 401,
  code: 'session_invalid',
  title: 'You are not signed in',
  detail,
  headers: { 'www-authenticate': challenge },
})

/** RFC 6750 3: no error code without a token. */
const missingToken = notSignedIn('Sign in, then try again.', 'Bearer')
const invalidToken = notSignedIn('The token is invalid or has expired. Sign in again.')
/** RFC 9449 7.1. */
const invalidBoundToken = notSignedIn(
  'The token or its DPoP proof is invalid or has expired.',
  `DPoP error="invalid_token", algs="${dpopAlgorithms.join(' ')}"`,
)
const noSessionToken = notSignedIn(
  'This endpoint requires a session or API token (gth_s_…, gth_a_…), not an access token.',
)

const insufficientScope = (scopes: readonly string[]): Refusal => ({
  status: 403,
  code: 'insufficient_scope',
  title: 'This token does not allow the request',
  detail: `This endpoint requires an access token with the scope ${scopes.join(' ')}.`,
  headers: {
    'www-authenticate': `Bearer error="insufficient_scope", scope="${scopes.join(' ').replace(/["\\]/g, '')}"`,
  },
})

const twoCredentials = (detail: string): Refusal => ({
  status: 400,
  code: 'credentials_conflict',
  title: 'Two different credentials',
  detail,
  headers: {},
})

const originRefused: Refusal = {
  status: 403,
  code: 'origin_refused',
  title: 'This request came from another site',
  detail: 'A write with a cookie needs a page of this origin, or one that this API lists.',
  headers: {},
}

const unreachable: Refusal = {
  status: 503,
  code: 'gatehouse_unreachable',
  title: 'We cannot check your sign-in right now',
  detail: 'Please try again in a few seconds.',
  headers: { 'retry-after': '2' },
}

function refuse(response: ServerResponse, { status, code, title, detail, headers }: Refusal): void {
  const body = JSON.stringify({ type: 'about:blank', title, status, detail, code })
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}
