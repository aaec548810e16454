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
import type { Caller } from '../caller.ts'
import type { TokenChecker } from '../token-checker.ts'
import { createGuards, type GuardOptions, isRefusal } from './guards.ts'
import { nodeRequest, rememberCaller } from './node-request.ts'
import { type Refusal, responseOf } from './refusals.ts'

export type { AppSigningKey } from '../app-credential.ts'
export type { Caller, SessionCaller, TokenCaller } from '../caller.ts'
export type { DpopOptions, DpopRequest } from '../dpop.ts'
export { type ForwardAuthOptions, type ForwardedUser, forwardAuthCheck } from '../forward-auth.ts'
export type { Profile, Session } from '../responses.ts'
export { GatehouseRefusal, GatehouseUnreachable } from '../send-request.ts'
export { createTokenChecker, type TokenChecker, type TokenCheckerOptions } from '../token-checker.ts'
export { callerOf, sessionUserOf } from './node-request.ts'

export type GatehouseOptions = GuardOptions<IncomingMessage>

/** Express's RequestHandler, without needing its types. */
export type Middleware = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void

export interface Gatehouse {
  /**
   * Requires a session token (`gth_s_…`, from `openSession` or `exchangeCode`) or an API token
   * (`gth_a_…`, then `session.apiToken` is set) of a user of `tenants`: 401 without, 503 when
   * Gatehouse is unreachable. For access tokens, use `requireScope`.
   */
  requireSession(): Middleware
  /**
   * Requires an access token with all of these scopes: 401 without a valid token, 403 without the
   * scopes (a session token has none), 503 when Gatehouse is unreachable. A text may hold several,
   * separated by spaces. Throws a TypeError for none.
   */
  requireScope(...scopes: readonly string[]): Middleware
  /** The same check without a request. */
  readonly checker: TokenChecker
}

/** Throws a TypeError for invalid options. */
export function gatehouse(options: GatehouseOptions): Gatehouse {
  const { session, scopes, checker } = createGuards(options, nodeRequest)
  const middleware =
    (check: (request: IncomingMessage) => Promise<Caller | Refusal>): Middleware =>
    (request, response, next) => {
      check(request)
        .then((decision) => {
          if (isRefusal(decision)) return refuse(response, decision)
          rememberCaller(request, decision)
          next()
        })
        .catch(next)
    }
  return {
    checker,
    requireSession: () => middleware(session),
    requireScope: (...wanted) => middleware(scopes(wanted)),
  }
}

function refuse(response: ServerResponse, refusal: Refusal): void {
  const { status, headers, body } = responseOf(refusal)
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body)
}
