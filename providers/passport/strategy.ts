/**
 * The engine for any other Passport strategy (OAuth 1, a company's own). Its session is the memo of
 * one login. It must send `state` from its options; how well it validates answers is its own
 * responsibility.
 */
import { type ZodType, z } from 'zod'
import { GatehouseError } from '../../src/errors.ts'
import {
  type Answer,
  type Brand,
  type Challenge,
  type Connection,
  type ConnectionContext,
  defineProvider,
  type Health,
  type Login,
  type LoginStart,
  type Provider,
  type Setup,
} from '../../src/provider/provider.ts'
import { attributesOf, type Claims, isSubject, profileOf } from '../oidc/claims/claims.ts'
import { call, refusal } from '../oidc/endpoint/response.ts'
import { runCheck } from '../oidc/health.ts'
import { newMemo, readMemo } from '../oidc/login/memo.ts'
import { claimsOf } from './person.ts'
import { loginRedirect, runStrategy, type Strategy, strategyRequest } from './run-strategy.ts'

/** A verify callback for every strategy: it passes on the argument before the last, the profile. */
export type Verify = (...given: readonly unknown[]) => void

export interface StrategyTraits<C> {
  readonly kind: string
  readonly brand: Brand
  readonly config: ZodType<C>
  /** Setup steps at the brand. Default: our addresses alone. */
  setup?(config: C): Setup
  /** Issuer of the identities, a URL. */
  readonly issuer: string
  /** Addresses with the origins that the strategy may redirect to. Default: the issuer. */
  readonly origins?: readonly string[]
  strategy(config: C, context: ConnectionContext, verify: Verify): Strategy | Promise<Strategy>
  /** Standard claims of the user; `sub` is required. Default: by Passport's normalized profile. */
  claims?(user: Claims): Claims
  /** Options of `authenticate` besides `state`. */
  options?(config: C, start: LoginStart): object
  /** The callback parameter with the state. Default `state`. */
  readonly stateParameter?: string
  /** The answer is a posted form. Default: the query of a redirect. */
  readonly formPost?: boolean
  /** Default: whether the issuer's host responds. */
  health?(config: C, context: ConnectionContext, signal: AbortSignal): Promise<Health>
}

export function strategyProvider<C>(traits: StrategyTraits<C>): Provider {
  const { kind, brand, config, issuer, stateParameter = 'state' } = traits
  return defineProvider<C>({
    kind,
    brand,
    config,
    setup: (configured) => traits.setup?.(configured),
    open: (configured, context) => {
      const opened = { traits, context, stateParameter, strategy: () => strategyOf(traits, configured, context) }
      return {
        traits: { issuers: [issuer], stateParameter, providesAuthTime: false },
        begin: (start) => begin(opened, start, traits.options?.(configured, start)),
        complete: (answer) => complete(opened, answer),
        health: (signal) => traits.health?.(configured, context, signal) ?? probe(issuer, context, signal),
      } satisfies Connection
    },
  })
}

interface Opened<C> {
  readonly traits: StrategyTraits<C>
  readonly context: ConnectionContext
  readonly stateParameter: string
  strategy(): Promise<Strategy>
}

async function strategyOf<C>(traits: StrategyTraits<C>, config: C, context: ConnectionContext): Promise<Strategy> {
  const strategy = await traits.strategy(config, context, (...given) => {
    const done = given.at(-1)
    if (typeof done === 'function') done(null, given.at(-2))
  })
  if (Reflect.has(strategy, '_oauth2'))
    throw new GatehouseError(
      'internal',
      'this strategy extends passport-oauth2: use oauth2StrategyProvider of gatehouse/passport-oauth2',
    )
  return strategy
}

async function begin<C>(opened: Opened<C>, { state }: LoginStart, options?: object): Promise<Challenge> {
  const { traits, context, stateParameter } = opened
  const session: Record<string, unknown> = {}
  const outcome = await runStrategy(await opened.strategy(), strategyRequest(session, state), { ...options, state })
  const url = loginRedirect(outcome, { name: stateParameter, state }, traits.origins ?? [traits.issuer])
  return { step: 'redirect', url, memo: newMemo(context, false, { session: structuredClone(session) }) }
}

const secretsForm = z.object({ session: z.record(z.string(), z.unknown()) })

async function complete<C>(opened: Opened<C>, answer: Answer): Promise<Login> {
  const { parameters, state, record } = answer
  const { traits, context } = opened
  const { session } = readMemo(secretsForm, answer.memo, context)
  checkParameters(opened, answer)
  const given = Object.fromEntries(parameters)
  const request = strategyRequest(structuredClone(session), state, traits.formPost ? { form: given } : { query: given })
  const outcome = await record.step('strategy', async () => runStrategy(await opened.strategy(), request, { state }))
  if (outcome.type === 'success') return loginOf(traits, outcome.user)
  if (outcome.type === 'fail') throw new GatehouseError('user_denied', 'the strategy denied the login')
  throw new GatehouseError('callback_malformed', `the strategy handled the answer by ${outcome.type}`)
}

function checkParameters<C>({ stateParameter }: Opened<C>, { parameters, state, record }: Answer): void {
  const names = [...parameters.keys()]
  if (new Set(names).size !== names.length) throw new GatehouseError('callback_malformed', 'a parameter came twice')
  const ok = parameters.get(stateParameter) === state
  const expected = 'the state of this login'
  const check = { name: 'state', ok, expected, got: ok ? expected : 'another' }
  if (!ok) throw new GatehouseError('callback_malformed', 'the state is of another login', { check })
  record.check(check)
}

function loginOf<C>({ issuer, claims: read }: StrategyTraits<C>, user: unknown): Login {
  const claims = claimsOf(user, read) ?? {}
  const { sub: subject } = claims
  if (!isSubject(subject)) throw new GatehouseError('internal', 'the strategy returned no usable subject')
  const said = { profile: profileOf(claims, undefined), attributes: attributesOf(claims, undefined) }
  return { identity: { issuer, subject, ...said }, evidence: {} }
}

async function probe(issuer: string, { fetch }: ConnectionContext, signal: AbortSignal): Promise<Health> {
  const { host } = new URL(issuer)
  const check = await runCheck('upstream', signal, async () => {
    const answer = await call(fetch, host, issuer, {})
    if (answer.status >= 500) throw refusal(answer, host)
    return `${host} answers`
  })
  return { status: check.ok ? 'up' : 'down', checks: [check] }
}
