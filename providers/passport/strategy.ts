/**
 * The engine for any other Passport strategy (OAuth 1, a company's own). Its session is the memo of
 * one login, and its verify callback yields the user. It must send `state` from its options; how
 * well it validates answers is its own responsibility.
 */
import type { ZodType } from 'zod'
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
} from '../../src/provider/provider.ts'
import { runStrategy, type Strategy, strategyRequest } from './run-strategy.ts'

export interface StrategyTraits<C> {
  readonly kind: string
  readonly brand: Brand
  readonly config: ZodType<C>
  strategy(config: C, context: ConnectionContext): Strategy | Promise<Strategy>
  /** Maps the result of the verify callback. Throws `upstream_invalid`. */
  login(user: unknown): Login
  /** Options of `authenticate` besides `state`. */
  options?(config: C, start: LoginStart): object
  /** The callback parameter with the state. Default `state`. */
  readonly stateParameter?: string
  health(config: C, context: ConnectionContext, signal: AbortSignal): Promise<Health>
}

export function strategyProvider<C>(traits: StrategyTraits<C>): Provider {
  const { kind, brand, config, stateParameter = 'state' } = traits
  return defineProvider<C>({
    ...{ kind, brand, config },
    open: (configured, context) => {
      const strategy = async () => traits.strategy(configured, context)
      return {
        traits: { stateParameter },
        begin: async (start) =>
          begin(await strategy(), start, traits.options?.(configured, start), stateParameter, context),
        complete: async (answer) => traits.login(await complete(await strategy(), answer, stateParameter, context)),
        health: (signal) => traits.health(configured, context, signal),
      } satisfies Connection
    },
  })
}

async function begin(
  strategy: Strategy,
  { state }: LoginStart,
  options: object | undefined,
  stateParameter: string,
  context: ConnectionContext,
): Promise<Challenge> {
  const session: Record<string, unknown> = {}
  const outcome = await runStrategy(strategy, strategyRequest(session, state), { ...options, state })
  if (outcome.type !== 'redirect' || outcome.url.searchParams.get(stateParameter) !== state)
    throw new GatehouseError('internal', `the strategy began by ${outcome.type}, not by a redirect with our state`)
  return {
    step: 'redirect',
    url: outcome.url,
    memo: { connection: placeOf(context), session: structuredClone(session) },
  }
}

async function complete(
  strategy: Strategy,
  answer: Answer,
  stateParameter: string,
  context: ConnectionContext,
): Promise<unknown> {
  const { parameters, state, memo, record } = answer
  const names = [...parameters.keys()]
  const session = memo['session']
  if (memo['connection'] !== placeOf(context) || typeof session !== 'object' || session === null)
    throw new GatehouseError('callback_malformed', 'this login was not begun by this connection')
  if (new Set(names).size !== names.length) throw new GatehouseError('callback_malformed', 'a parameter came twice')
  const ok = parameters.get(stateParameter) === state
  const check = {
    name: 'state',
    ok,
    expected: 'the state of this login',
    got: ok ? 'the state of this login' : 'another',
  }
  if (!ok) throw new GatehouseError('callback_malformed', 'the state is of another login', { check })
  record.check(check)
  const request = strategyRequest(structuredClone({ ...session }), state, { query: Object.fromEntries(parameters) })
  const outcome = await record.step('strategy', () => runStrategy(strategy, request, { state }))
  if (outcome.type === 'success') return outcome.user
  if (outcome.type === 'fail') throw new GatehouseError('user_denied', 'the strategy denied the login')
  throw new GatehouseError('callback_malformed', `the strategy handled the answer by ${outcome.type}`)
}

function placeOf(context: ConnectionContext): string {
  return `${context.tenant}/${context.connection}`
}
