/**
 * The checks that the guards of every framework share: from a request to its caller or a refusal.
 */
import type { Caller, SessionCaller, TokenCaller } from '../caller.ts'
import type { DpopRequest } from '../dpop.ts'
import { GatehouseRefusal } from '../send-request.ts'
import { checkSession, tokenForm } from '../session-check.ts'
import { createTokenChecker, type TokenChecker, type TokenCheckerOptions } from '../token-checker.ts'
import { mayUseCookie, otherPlaces, type PlaceOptions } from './places.ts'
import {
  insufficientScope,
  invalidDpopToken,
  invalidToken,
  missingToken,
  originRefused,
  type Refusal,
  sessionTokenRequired,
  twoCredentials,
  unreachable,
} from './refusals.ts'
import type { GuardedRequest } from './request.ts'

export interface GuardOptions<FrameworkRequest> extends TokenCheckerOptions, PlaceOptions {
  /** Reads the token of a request. Default: `Authorization` with the scheme Bearer or DPoP. */
  readonly tokenOf?: (request: FrameworkRequest) => string | undefined
  /** Called when Gatehouse is unreachable, for your log. */
  readonly onUnreachable?: (error: Error) => void
}

export interface Guards<FrameworkRequest> {
  readonly session: (request: FrameworkRequest) => Promise<SessionCaller | Refusal>
  /** A text may hold several, separated by spaces. Throws a TypeError for no scope. */
  readonly scopes: (scopes: readonly string[]) => (request: FrameworkRequest) => Promise<TokenCaller | Refusal>
  readonly checker: TokenChecker
}

export const isRefusal = (decision: Caller | Refusal): decision is Refusal => 'status' in decision

/** Throws a TypeError for invalid options. */
export function createGuards<FrameworkRequest>(
  options: GuardOptions<FrameworkRequest>,
  read: (request: FrameworkRequest) => GuardedRequest,
): Guards<FrameworkRequest> {
  const checker = createTokenChecker(options)
  const { tokenOf, onUnreachable } = options

  /** An `Authorization` that is not valid is ignored beside another credential. */
  async function callerIn(request: GuardedRequest, given: Credentials | undefined): Promise<Caller | Refusal> {
    const others = otherPlaces(request, options)
    const bearer = given !== undefined && tokenForm.test(given.token) ? given.token : undefined
    if (others === undefined) return checkAuthorization(checker, given)
    const ofApp = given === undefined || bearer !== undefined ? null : await checker.check(given.token, given.dpop)
    const cookie = mayUseCookie(request, options) ? others.cookie : undefined
    const found = await checkSession(options, { bearer, cookie, queryToken: others.queryToken })
    if (found === null) return ofApp ?? (cookie === others.cookie ? invalidToken : originRefused)
    return ofApp === null ? found.caller : twoCredentials
  }

  async function check(request: FrameworkRequest): Promise<Caller | Refusal> {
    const values = read(request)
    const token = tokenOf?.(request)
    const given = tokenOf === undefined ? credentialsIn(values) : token === undefined ? undefined : { token }
    try {
      return await callerIn(values, given)
    } catch (error) {
      if (error instanceof GatehouseRefusal) return { ...error.problem, headers: {} }
      onUnreachable?.(error instanceof Error ? error : new Error('Gatehouse is unreachable'))
      return unreachable
    }
  }

  return {
    checker,
    session: async (request) => {
      const found = await check(request)
      return isRefusal(found) || found.kind === 'session' ? found : sessionTokenRequired
    },
    scopes: (given) => {
      const scopes = given.flatMap((text) => text.split(' ')).filter(Boolean)
      if (scopes.length === 0) throw new TypeError('requireScope needs a scope')
      return async (request) => {
        const found = await check(request)
        return isRefusal(found) || hasScopes(found, scopes) ? found : insufficientScope(scopes)
      }
    },
  }
}

const hasScopes = (caller: Caller, scopes: readonly string[]): caller is TokenCaller =>
  caller.kind === 'access token' && scopes.every((scope) => caller.scopes.includes(scope))

interface Credentials {
  readonly token: string
  readonly dpop?: DpopRequest
}

async function checkAuthorization(checker: TokenChecker, given: Credentials | undefined): Promise<Caller | Refusal> {
  if (given === undefined) return missingToken
  const caller = await checker.check(given.token, given.dpop)
  return caller ?? (given.dpop === undefined ? invalidToken : invalidDpopToken)
}

function credentialsIn({ headers, method, url }: GuardedRequest): Credentials | undefined {
  const { authorization = '', dpop: proof } = headers
  const [, scheme = '', token] = /^(Bearer|DPoP) +([\w~+/.-]+=*)$/i.exec(String(authorization)) ?? []
  if (token === undefined) return undefined
  if (scheme.toLowerCase() === 'bearer') return { token }
  return { token, dpop: { proof: typeof proof === 'string' ? proof : undefined, method, path: url } }
}
