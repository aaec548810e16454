/**
 * Runs one attempt of a Passport strategy without a web server: it gets an object that looks like a
 * request, and its first call of success, redirect, fail, pass or error settles a promise.
 */
import { GatehouseError } from '../../src/errors.ts'

/** The one method of every Passport strategy. */
export interface Strategy {
  authenticate(request: never, options: never): unknown
}

/** What a strategy sees of a request. The session is the memo of one login. */
export interface StrategyRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly originalUrl: string
  readonly headers: Readonly<Record<string, string>>
  query: Record<string, string>
  body: Record<string, string>
  readonly session: Record<string, unknown>
  /** The broker's state. */
  readonly loginState: string
}

export type Outcome =
  | { readonly type: 'success'; readonly user: unknown }
  | { readonly type: 'redirect'; readonly url: URL }
  | { readonly type: 'fail' | 'pass' }

/** For strategies whose library has no timeout. */
const timeoutMs = 15_000

export function strategyRequest(
  session: Record<string, unknown>,
  loginState: string,
  query: Record<string, string> = {},
): StrategyRequest {
  return { method: 'GET', url: '/', originalUrl: '/', headers: {}, query, body: {}, session, loginState }
}

/**
 * Runs an attempt on an object made from the strategy.
 * @param changesFor overrides for this attempt; gets a function for faults in callbacks, which
 * would end the process if thrown
 */
export function runStrategy(
  strategy: Strategy,
  request: StrategyRequest,
  options: object,
  changesFor: (failed: (fault: unknown) => void) => object = () => ({}),
): Promise<Outcome> {
  return settleCallback((done, failed) => {
    const ownStrategy = Object.assign(Object.create(strategy), changesFor(failed), {
      success: (user: unknown) => done({ type: 'success', user }),
      redirect: (url: string) =>
        URL.canParse(url) ? done({ type: 'redirect', url: new URL(url) }) : failed(new Error('a relative redirect')),
      fail: () => done({ type: 'fail' }),
      pass: () => done({ type: 'pass' }),
      error: failed,
    })
    // a new object each time: passport-apple writes into it
    ownStrategy.authenticate(request, { ...options })
  })
}

/** A callback as a promise that always settles, with our errors. */
export async function settleCallback<T>(
  work: (done: (value: T) => void, failed: (fault: unknown) => void) => void,
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const limit = setTimeout(
    () => reject(new GatehouseError('upstream_unreachable', `the strategy did not finish within ${timeoutMs} ms`)),
    timeoutMs,
  )
  try {
    work(resolve, reject)
    return await promise
  } catch (fault) {
    throw asGatehouseError(fault)
  } finally {
    clearTimeout(limit)
  }
}

/** Errors of strategies and the oauth library contain tokens: they end here (LK-01). */
function asGatehouseError(fault: unknown): GatehouseError {
  for (let next = fault, depth = 0; next instanceof Error && depth < 5; depth += 1) {
    if (next instanceof GatehouseError) return next
    // passport-oauth2's InternalOAuthError
    next = 'oauthError' in next ? next.oauthError : next.cause
  }
  const name = fault instanceof Error ? fault.name : typeof fault
  return new GatehouseError('upstream_invalid', `the strategy could not read the upstream's answer: ${name}`)
}
