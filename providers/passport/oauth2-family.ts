/**
 * Runs a passport-oauth2 strategy with our state, parameters and requests. As published, the family
 * checks no state by default, keeps one login per session and sends no nonce; passport-apple reuses
 * the first state. So each attempt uses its own object, with the memo as its state store.
 */
import { GatehouseError } from '../../src/errors.ts'
import {
  loginRedirect,
  runStrategy,
  type Strategy,
  type StrategyRequest,
  settleCallback,
  strategyRequest,
} from './run-strategy.ts'
import { type OAuth2TransportOptions, oauth2Transport, type TokenAnswer } from './transport.ts'

/** A strategy that extends passport-oauth2's. */
export interface OAuth2Strategy extends Strategy {
  userProfile(accessToken: string, done: (fault?: unknown, profile?: unknown) => void): unknown
}

export interface StrategyOverrides extends Omit<OAuth2TransportOptions, 'failed'> {
  readonly pkce: boolean
  /** URL of the authorization endpoint. */
  readonly authorization: string
}

/** Extra parameters of the authorization request; undefined ones are omitted. */
export type Parameters = Readonly<Record<string, string | undefined>>

/** The authorization URL. Writes what the callback needs into `session`. */
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
  return loginRedirect(outcome, { name: 'state', state }, [overrides.authorization])
}

/** Redeems the code. @param session as `authorizationAddress` left it */
export async function redeemCode(
  strategy: OAuth2Strategy,
  overrides: StrategyOverrides,
  code: string,
  state: string,
  session: Record<string, unknown>,
): Promise<TokenAnswer> {
  let granted: TokenAnswer | undefined
  const request = strategyRequest({ ...session }, state, { query: { code, state } })
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
    throw new GatehouseError('callback_malformed', `the strategy handled the answer by ${outcome.type}`)
  return granted
}

/** The result of the strategy's userProfile. */
export function fetchUserProfile(
  strategy: OAuth2Strategy,
  overrides: StrategyOverrides,
  accessToken: string,
): Promise<unknown> {
  return settleCallback<unknown>((done, failed) => {
    const ownStrategy: OAuth2Strategy = Object.assign(
      Object.create(strategy),
      withOverrides(strategy, { ...overrides, failed }),
    )
    ownStrategy.userProfile(accessToken, (fault, profile) => (fault ? failed(fault) : done(profile)))
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
    _skipUserProfile: true, // fetched after the ID token was validated
    _verify: (_access: string, _refresh: unknown, _profile: unknown, verified: (fault: null, user: object) => void) =>
      verified(null, {}),
  }
}

type Stored = (fault: null, state: string) => void
type Verified = (fault: null, verifier: unknown) => void

/** passport-oauth2 counts the parameters of these functions: 5 and 4. */
const memoStore = {
  store(request: StrategyRequest, verifier: unknown, _state: unknown, _meta: unknown, stored: Stored) {
    if (verifier !== undefined) request.session['codeVerifier'] = verifier
    stored(null, request.loginState)
  },
  verify(request: StrategyRequest, _state: unknown, _meta: unknown, verified: Verified) {
    verified(null, request.session['codeVerifier'] ?? true)
  },
}
