import { GatehouseError } from '../../errors.ts'
import type { LinkingPorts } from '../identity/linking.ts'
import { linkPendingIdentity } from '../identity/linking.ts'
import { enforceCallbackLimit, enforceReplayLimit } from '../limits/rate-limits.ts'
import { mayTraceRefusal } from '../limits/refusal-traces.ts'
import type { CorePorts } from '../ports/core-ports.ts'
import { signIn } from './complete-login.ts'
import { mayRestart, recordOutcome } from './login-restart.ts'
import type { Finished, Refused, SignedIn } from './outcome.ts'
import type { TracePorts } from './run-traced.ts'
import { isTraceAllowed, openTrace, reopenTrace, runTraced } from './run-traced.ts'
import { type CallbackRequest, stateOf, stateParameterOf, verifyCallback } from './transaction.ts'

export type FinishLoginPorts = LinkingPorts & TracePorts & Pick<CorePorts, 'counters' | 'transactions'>

export async function finishLogin(ports: FinishLoginPorts, callback: CallbackRequest): Promise<Finished> {
  const state = stateOf(callback.parameters, callback.stateParameter)
  const taken = state === null ? null : await ports.transactions.take(state)
  if (taken === null || state === null) {
    await enforceCallbackLimit(ports.counters, 'unknown', callback)
    return unknownState(ports, callback)
  }

  const resume = taken.outcome === 'fresh' ? taken.transaction.resume : taken.resume
  // a second callback gets a trace of its own: it must not write over that of the first
  const trace = taken.outcome === 'fresh' ? reopenTrace(ports, taken.transaction) : openTrace(ports, resume)
  const steps = async (): Promise<SignedIn> => {
    if (taken.outcome === 'used') {
      await enforceReplayLimit(ports.counters, state)
      await enforceCallbackLimit(ports.counters, 'repeated', callback)
    }
    const transaction = verifyCallback(taken, callback, trace, ports.now())
    await enforceCallbackLimit(ports.counters, 'own', callback)
    const connection = ports.connections.get(resume.tenant, resume.connection)
    const answer = { parameters: callback.parameters, memo: transaction.memo, state, record: trace }
    const receivedAt = ports.now()
    const login = await trace.step('complete', () => connection.upstream.complete(answer))
    const signedIn = await signIn(ports, connection, { ...login, receivedAt }, callback.device, resume, trace)
    await linkPendingIdentity(ports, signedIn, trace)
    return signedIn
  }
  const finished = await runTraced(trace, resume, steps, isTraceAllowed(ports, callback.source))
  if (taken.outcome === 'fresh') return recordOutcome(ports, state, finished)
  if (finished.outcome !== 'refused' || finished.error.code !== 'login_used') return finished
  return { ...finished, mayRestart: () => mayRestart(ports, state, taken, callback) }
}

/** A callback that belongs to no login we know: nothing to complete, but a trace that says so, as far as anybody may cause some. */
function unknownState(ports: FinishLoginPorts, callback: CallbackRequest): Refused {
  const parameter = stateParameterOf(ports.connections.get(callback.tenant, callback.connection).upstream)
  const trace = openTrace(ports, callback)
  const got = callback.parameters.getAll(parameter).length
  const check = {
    name: parameter,
    ok: false,
    expected: 'one state of a login begun here',
    got: got === 1 ? 'an unknown state' : `${got} states`,
  }
  const error = new GatehouseError('login_unknown', 'a callback for no login we know', { check })
  if (mayTraceRefusal(ports, callback.source, error)) trace.refused(error)
  return { outcome: 'refused', error, reference: trace.reference, resume: undefined }
}
