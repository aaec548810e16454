/** Runs logins at the core with a stub provider, without HTTP. */
import { finishLogin } from '../../../src/broker/login/finish-login.ts'
import type { Finished, Linked, Started } from '../../../src/broker/login/outcome.ts'
import { startLogin } from '../../../src/broker/login/start-login.ts'
import { type Broker, callback, loginRequest, openBroker, type StubHooks, stubProvider } from '../gatehouse/broker.ts'

export const ann = { subject: 'ann', name: 'Ann' }

/** The state of a login that began, as the upstream sees it. */
export function stateIn(started: Started): string {
  if (started.outcome !== 'begun' || started.challenge.step !== 'redirect') throw new Error(`it ${started.outcome}`)
  return started.challenge.url.searchParams.get('state') ?? ''
}

export async function begin(broker: Broker, changes = {}): Promise<string> {
  return stateIn(await startLogin(broker.parts, loginRequest(changes)))
}

export const finish = (broker: Broker, parameters: Record<string, string>, changes = {}) =>
  finishLogin(broker.parts, callback(parameters, changes))

export const outcomeOf = (finished: Finished | Linked | Started) =>
  finished.outcome === 'refused' ? finished.error.code : finished.outcome

export async function brokerWith(work: Partial<StubHooks>): Promise<Broker> {
  return openBroker({ providers: [stubProvider(work)] })
}
