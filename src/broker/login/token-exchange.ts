/** Signs in with an ID token that the upstream's SDK gave to a native or single-page app. */

import { GatehouseError } from '../../errors.ts'
import type { ConnectionKey } from '../connections.ts'
import { LinkProofRequired } from '../identity/login-candidate.ts'
import { enforceProofLimit } from '../limits/rate-limits.ts'
import { enforceRefusalLimit, isUnverifiedMessage, recordRefusal } from '../limits/refusal-limits.ts'
import { mayTraceRefusal } from '../limits/refusal-traces.ts'
import { isTransient } from '../one-time-code.ts'
import type { Ports } from '../ports/core-ports.ts'
import { openTrace, runTraced, type TracePorts } from './attempt.ts'
import { type CompleteLoginPorts, completeLogin } from './complete-login.ts'
import type { Finished } from './outcome.ts'

export type TokenExchangePorts = CompleteLoginPorts & TracePorts & Ports<'counters'>

export interface ExchangeRequest extends ConnectionKey {
  readonly idToken: string
  readonly nonce: string
  readonly device: string
  readonly source: string
}

/** Throws `connection_unknown` for a connection that takes no ID tokens, `too_many_attempts`. */
export async function exchangeIdToken(ports: TokenExchangePorts, request: ExchangeRequest): Promise<Finished> {
  const { tenant, connection: connectionId, idToken, nonce, device, source } = request
  const connection = ports.connections.get(tenant, connectionId)
  const { upstream } = connection
  if (upstream.exchange === undefined)
    throw new GatehouseError('connection_unknown', `connection ${connectionId} takes no ID tokens from apps`)
  const scope = { what: 'exchange', tenant, connection: connectionId, source } as const
  enforceRefusalLimit(ports, scope)
  const trace = openTrace(ports, request)
  const resume = { reference: trace.reference, tenant, connection: connectionId, returnTo: '/' }
  const attempt = { connection, resume, trace, device }
  let isVerified = false
  const token = singleUse(ports, request)
  const exchange = async () => {
    const presented = { idToken, nonce, record: trace, once: token.once }
    const login = await trace.step('exchange', () => asAppError(async () => upstream.exchange?.(presented)))
    if (login === undefined) throw new GatehouseError('internal', 'the connection no longer takes ID tokens')
    isVerified = true
    // the token may be older than this request
    const dated = { ...login, startedAt: login.evidence.authenticatedAt ?? new Date(0) }
    return token.keepIf(() => withProofLimit(ports, request, () => completeLogin(ports, attempt, dated)))
  }
  const isTraced = (error: GatehouseError) => isVerified || mayTraceRefusal(ports, source, error)
  const finished = await runTraced(ports, attempt, exchange, isTraced)
  if (finished.outcome === 'refused' && isUnverifiedMessage(finished.error)) await recordRefusal(ports, scope)
  return finished
}

/** The token is used up before the sign-in, so it works once; a store failure gives it back. */
function singleUse({ counters }: Ports<'counters'>, { tenant, connection }: ExchangeRequest) {
  const usedKeys: string[] = []
  return {
    async once(name: string, seconds: number): Promise<boolean> {
      const usedKey = `once:${tenant}/${connection}:${name}`
      const isFirst = (await counters.hit(usedKey, seconds)).count === 1
      if (isFirst) usedKeys.push(usedKey)
      return isFirst
    },
    async keepIf<T>(work: () => Promise<T>): Promise<T> {
      try {
        return await work()
      } catch (error) {
        if (isTransient(error))
          await Promise.all(usedKeys.map((usedKey) => counters.forget(usedKey).catch(() => undefined)))
        throw error
      }
    },
  }
}

/** Limits how fast a client can probe which emails are proven, as for browsers. */
async function withProofLimit<T>(ports: TokenExchangePorts, request: ExchangeRequest, work: () => Promise<T>) {
  try {
    return await work()
  } catch (error) {
    if (error instanceof LinkProofRequired)
      await enforceProofLimit(ports.counters, request.tenant, error.linkProof.identity, request.source)
    throw error
  }
}

/** The app sent the token, so a fault of the token is reported as the app's, not the upstream's. */
async function asAppError<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof GatehouseError) || error.code !== 'upstream_invalid' || error.check === undefined)
      throw error
    throw new GatehouseError('id_token_refused', error.message, { check: error.check, cause: error })
  }
}
