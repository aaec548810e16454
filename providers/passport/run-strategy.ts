/**
 * Runs one attempt of a Passport strategy by passport, without a web server: the strategy gets
 * plain values for request and response, and its first outcome settles a promise.
 */
import type { Strategy as PassportStrategy } from 'passport'
import { GatehouseError } from '../../src/errors.ts'

/** The one method of every Passport strategy. */
export interface Strategy {
  authenticate(request: never, options: never): unknown
}

/** The request that a strategy gets. Its session is the memo of one login. */
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
  | { readonly type: 'page'; readonly content: unknown }
  | { readonly type: 'fail' | 'pass' }

/** Time limit of a strategy, because its HTTP library may have none. */
const timeoutMs = 15_000

/** Creates our own Authenticator, because plugins may configure passport's shared one. */
const create = async () => new (await import('passport')).default.Authenticator()
let created: ReturnType<typeof create> | undefined
const authenticator = () => {
  created ??= create()
  return created
}

export function strategyRequest(
  session: Record<string, unknown>,
  loginState: string,
  { query = {}, form }: { readonly query?: Record<string, string>; readonly form?: Record<string, string> } = {},
): StrategyRequest {
  const method = form === undefined ? 'GET' : 'POST'
  return { method, url: '/', originalUrl: '/', headers: {}, query, body: form ?? {}, session, loginState }
}

/**
 * Runs an attempt on an object made from the strategy.
 * @param changesFor overrides for this attempt; gets a function for faults in callbacks, which
 * would end the process if thrown
 */
export async function runStrategy(
  strategy: Strategy,
  request: StrategyRequest,
  options: object,
  changesFor: (failed: (fault: unknown) => void) => object = () => ({}),
): Promise<Outcome> {
  const passport = await authenticator()
  return settleCallback((done, failed) => {
    const attempt: PassportStrategy = Object.assign(Object.create(strategy), changesFor(failed), {
      async authenticate(...given: [never, never]) {
        try {
          await strategy.authenticate.apply(attempt, given)
        } catch (fault) {
          failed(fault) // passport ignores a rejected promise, which would end the process
        }
      },
    })
    const response = strategyResponse(done, failed)
    // a new object each time: passport-apple writes into it
    const run = passport.authenticate(attempt, { ...options }, (fault: unknown, user: unknown) => {
      if (fault) return failed(fault)
      done(user ? { type: 'success', user } : { type: 'fail' })
    })
    run({ ...request, res: response }, response, () => done({ type: 'pass' }))
  })
}

/** The redirect that begins a login: with our state, to the origin of one of these addresses. */
export function loginRedirect(
  outcome: Outcome,
  { name, state }: { readonly name: string; readonly state: string },
  addresses: readonly string[],
): URL {
  if (outcome.type !== 'redirect' || outcome.url.searchParams.get(name) !== state)
    throw new GatehouseError('internal', `the strategy began by ${outcome.type}, not by a redirect with our state`)
  if (addresses.every((address) => new URL(address).origin !== outcome.url.origin))
    throw new GatehouseError('internal', `the strategy redirects to ${outcome.url.origin}, which is another origin`)
  return outcome.url
}

/** Turns what a strategy sends into an outcome. It reaches no browser. */
function strategyResponse(done: (outcome: Outcome) => void, failed: (fault: unknown) => void) {
  const redirect = (url: unknown) =>
    URL.canParse(String(url))
      ? done({ type: 'redirect', url: new URL(String(url)) })
      : failed(new Error('a relative redirect'))
  const refuseCookie = () => failed(new GatehouseError('internal', 'the strategy set a cookie'))
  const send = (content: unknown) => done({ type: 'page', content })
  const setHeader = (name: string, value: unknown) => {
    if (name.toLowerCase() === 'set-cookie') refuseCookie()
    if (name.toLowerCase() === 'location') redirect(value)
  }
  return {
    statusCode: 200,
    cookie: refuseCookie,
    send,
    end: send,
    setHeader,
    set: setHeader,
    append: setHeader,
    redirect: (...given: readonly unknown[]) => redirect(given.at(-1)),
  }
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
