/**
 * A strategy made on passport-oauth2, hardened for one attempt. As published the family checks no state unless asked to, keeps one
 * login per session, cannot send a nonce, and runs its own requests; passport-apple on top writes the first person's state into
 * everybody's. So each attempt is an object of its own, in which the broker's state goes out, the memo is the store, the
 * parameters are ours, and the requests go through the site.
 */
import { GatehouseError } from '../../src/errors.ts'
import { runStrategy, type Strategy, type StrategyRequest, settleCallback, strategyRequest } from './run-strategy.ts'
import { type OAuth2TransportOptions, oauth2Transport, type TokenAnswer } from './transport.ts'

/** A strategy that extends passport-oauth2's. */
export interface OAuth2Strategy extends Strategy {
  userProfile(accessToken: string, done: (fault?: unknown, profile?: unknown) => void): unknown
}

export interface StrategyOverrides extends Omit<OAuth2TransportOptions, 'failed'> {
  readonly pkce: boolean
}

/** What goes to the authorization endpoint besides what OAuth 2 asks for; undefined ones are left out. */
export type Parameters = Readonly<Record<string, string | undefined>>

/** The address at the upstream; what must be remembered is written into `session`. */
export async function authorizationAddress(
  strategy: OAuth2Strategy,
  overrides: StrategyOverrides,
  state: string,
  parameters: Parameters,
  session: Record<string, unknown>,
): Promise<URL> {
  const given = Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined))
  const outcome = await runStrategy(strategy, strategyRequest(session, state), {}, (failed) => ({
    ...withOverrides(strategy, { ...overrides, failed }),
    authorizationParams: () => ({ ...given }),
  }))
  if (outcome.type !== 'redirect' || outcome.url.searchParams.get('state') !== state)
    throw new GatehouseError('internal', `the strategy began with a ${outcome.type} and not with our state`)
  return outcome.url
}

/** Changes the code for tokens; `session` is what `authorizationAddress` left. */
export async function redeemCode(
  strategy: OAuth2Strategy,
  overrides: StrategyOverrides,
  code: string,
  state: string,
  session: Record<string, unknown>,
): Promise<TokenAnswer> {
  let granted: TokenAnswer | undefined
  const request = strategyRequest({ ...session }, state, { code, state })
  const outcome = await runStrategy(strategy, request, {}, (failed) =>
    withOverrides(strategy, {
      ...overrides,
      async tokens(given, parameters) {
        granted = await overrides.tokens(given, parameters)
        return granted
      },
      failed,
    }),
  )
  if (outcome.type !== 'success' || granted === undefined)
    throw new GatehouseError('callback_malformed', `the strategy met the answer with a ${outcome.type}`)
  return granted
}

/** What the strategy says of a person, by its own userProfile. */
export function fetchUserProfile(
  strategy: OAuth2Strategy,
  overrides: StrategyOverrides,
  accessToken: string,
): Promise<unknown> {
  return settleCallback<unknown>((done, failed) => {
    const strategyRequest: OAuth2Strategy = Object.assign(
      Object.create(strategy),
      withOverrides(strategy, { ...overrides, failed }),
    )
    strategyRequest.userProfile(accessToken, (fault, profile) => (fault ? failed(fault) : done(profile)))
  })
}

function withOverrides(strategy: OAuth2Strategy, options: StrategyOverrides & OAuth2TransportOptions): object {
  const own: unknown = Reflect.get(strategy, '_oauth2')
  if (typeof own !== 'object' || own === null)
    throw new GatehouseError('internal', 'the strategy is not of passport-oauth2')
  return {
    _oauth2: Object.assign(Object.create(own), oauth2Transport(options)),
    _stateStore: memoStore,
    _pkceMethod: options.pkce ? 'S256' : undefined,
    _passReqToCallback: false,
    _skipUserProfile: true, // asked after the ID token has been judged
    _verify: (_access: string, _refresh: unknown, _profile: unknown, verified: (fault: null, user: object) => void) =>
      verified(null, {}),
  }
}

type Stored = (fault: null, state: string) => void
type Verified = (fault: null, verifier: unknown) => void

/** passport-oauth2 chooses how to call a store by its number of parameters: 5 and 4. The state itself was compared before. */
const memoStore = {
  store(request: StrategyRequest, verifier: unknown, _state: unknown, _meta: unknown, stored: Stored) {
    if (verifier !== undefined) request.session['codeVerifier'] = verifier
    stored(null, request.loginState)
  },
  verify(request: StrategyRequest, _state: unknown, _meta: unknown, verified: Verified) {
    verified(null, request.session['codeVerifier'] ?? true)
  },
}
