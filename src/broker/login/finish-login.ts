/** The callback of a login: take the transaction once, complete it upstream, open a session. */
import { secretHash } from '../../crypto/token.ts'
import { errorTable, GatehouseError } from '../../errors.ts'
import { linkPendingIdentity } from '../identity/linking.ts'
import { enforceReplayLimit, enforceSourceLimit } from '../limits/rate-limits.ts'
import { mayTraceRefusal } from '../limits/refusal-traces.ts'
import type { Ports } from '../ports/core-ports.ts'
import type { Counters, TakenTransaction } from '../ports/volatile.ts'
import { AttemptTrace, awaitsSecondFactor, type Trace, traceBatchMs } from '../trace.ts'
import { isTraceAllowed, openTrace, recordRefusedSignIn, runTraced, type TracePorts } from './attempt.ts'
import { type CompleteLoginPorts, completeLinking, completeLogin } from './complete-login.ts'
import type { FactorRequired, Finished, Linked, Refused, SignedIn } from './outcome.ts'
import { appOf } from './return-url.ts'
import { type CallbackRequest, resumeSeconds, stateOf, stateParameterOf, verifyCallback } from './transaction.ts'

export type FinishLoginPorts = CompleteLoginPorts & TracePorts & Ports<'counters' | 'traces' | 'transactions'>

export async function finishLogin(ports: FinishLoginPorts, callback: CallbackRequest): Promise<Finished | Linked> {
  const state = stateOf(callback.parameters, callback.stateParameter)
  const taken = state === null ? null : await ports.transactions.take(state)
  if (taken === null || state === null) return refuseUnknownState(ports, callback)

  const resume = taken.outcome === 'fresh' ? taken.transaction.resume : taken.resume
  const trace = traceOf(ports, taken)
  const steps = async (): Promise<SignedIn | FactorRequired | Linked> => {
    if (taken.outcome === 'used') {
      await enforceReplayLimit(ports.counters, state)
      await enforceCallbackLimit(ports.counters, 'repeated', callback)
    }
    const { memo } = verifyCallback(taken, callback, trace, ports.now())
    await enforceCallbackLimit(ports.counters, 'own', callback)
    const connection = ports.connections.get(resume.tenant, resume.connection)
    const answer = { parameters: callback.parameters, memo, state, record: trace }
    const receivedAt = ports.now()
    const login = await trace.step('complete', () => connection.upstream.complete(answer))
    const attempt = { connection, resume, trace, device: callback.device }
    if (resume.linkToSession !== undefined) return completeLinking(ports, attempt, { ...login, receivedAt })
    const finished = await completeLogin(ports, attempt, { ...login, receivedAt })
    return finished.outcome === 'signed in' ? linkPendingIdentity(ports, finished, trace) : finished
  }
  const finished = await runTraced(ports, { trace, resume }, steps, isTraceAllowed(ports, callback.source))
  if (taken.outcome === 'fresh') return finished
  if (finished.outcome !== 'refused' || finished.error.code !== 'login_used') return finished
  return { ...finished, mayRestart: () => mayRestart(ports, state, taken, callback) }
}

/** A repeated callback gets its own trace, so that it cannot overwrite the first one's. */
function traceOf(ports: TracePorts, taken: TakenTransaction): AttemptTrace {
  if (taken.outcome !== 'fresh') return openTrace(ports, taken.resume)
  const { resume, startedAt, steps, email } = taken.transaction
  const { reference, tenant, connection, returnTo } = resume
  const known = { ...(email !== undefined && { email }), ...appOf(returnTo) }
  return new AttemptTrace({ reference, tenant, connection, startedAt, ...known }, ports.now, ports.trace, steps)
}

/** The state belongs to no login. Anyone can send such callbacks, so their traces have a budget. */
async function refuseUnknownState(ports: FinishLoginPorts, callback: CallbackRequest): Promise<Refused> {
  await enforceCallbackLimit(ports.counters, 'unknown', callback)
  const name = stateParameterOf(ports.connections.get(callback.tenant, callback.connection).upstream)
  const trace = openTrace(ports, callback)
  const count = callback.parameters.getAll(name).length
  const got = count === 1 ? 'an unknown state' : `${count} states`
  const check = { name, ok: false, expected: 'one state of a login that started here', got }
  const error = new GatehouseError('login_unknown', 'the callback belongs to no known login', { check })
  const isTraced = mayTraceRefusal(ports, callback.source, error)
  const fixer = isTraced ? recordRefusedSignIn(ports, trace, error) : errorTable[error.code].fixer
  return { outcome: 'refused', error, fixer, reference: trace.reference, resume: undefined }
}

/** Per source and connection. */
function enforceCallbackLimit(counters: Counters, what: 'own' | 'repeated' | 'unknown', callback: CallbackRequest) {
  return enforceSourceLimit(counters, `answer-${what}`, callback.source, callback.tenant, callback.connection)
}

/** A first request of a double click may run this long. */
const maxRequestMs = 1000
/** Each store call ends within it (store/failure.ts). */
const maxWriteMs = 1000
/** A login without a stored outcome after this was lost. */
export const restartDelayMs = maxRequestMs + traceBatchMs + maxWriteMs

/**
 * Whether the login was lost (crash, store failure): then it may restart, once in its browser. Its
 * trace says so, which is stored after the login: call this `restartDelayMs` later. While the
 * database is down the trace waits, or is lost; then at worst a finished login restarts.
 */
async function mayRestart(ports: FinishLoginPorts, state: string, taken: TakenTransaction, callback: CallbackRequest) {
  if (taken.outcome !== 'used' || taken.browser === undefined || taken.browser !== callback.browser) return false
  if (taken.resume.linkToSession !== undefined) return false
  const trace = await ports.traces.find(taken.resume.reference)
  if (trace !== null && isFinished(trace)) return false
  return (await ports.counters.hit(`login-restart:${secretHash(state)}`, resumeSeconds)).count === 1
}

function isFinished(trace: Trace): boolean {
  if (trace.outcome === 'started') return awaitsSecondFactor(trace)
  return trace.code !== 'store_unavailable' && trace.code !== 'internal'
}
