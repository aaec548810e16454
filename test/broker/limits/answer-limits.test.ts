/** How many answers one source may bring: to logins begun here, to such as are over, to none. */
import { describe, expect, it } from 'vitest'
import { enforceSourceLimit } from '../../../src/broker/limits/rate-limits.ts'
import { finishLogin } from '../../../src/broker/login/finish-login.ts'
import { startLogin } from '../../../src/broker/login/start-login.ts'
import { browser, callback, loginRequest, openBroker } from '../../support/gatehouse/broker.ts'

type Broker = Awaited<ReturnType<typeof openBroker>>

const ann = { subject: 'ann', email: 'ann@acme.test' }
const unknownState = 'a'.repeat(43)

async function begin({ parts }: Broker): Promise<string> {
  const started = await startLogin(parts, loginRequest())
  if (started.outcome !== 'begun') throw new Error('not begun')
  return started.state
}

/** How it ends: an outcome, or the code it is refused with. */
async function finish({ parts }: Broker, parameters: Record<string, string>, source = '192.0.2.1'): Promise<string> {
  try {
    const finished = await finishLogin(parts, callback(parameters, { source, browser }))
    return finished.outcome === 'refused' ? finished.error.code : finished.outcome
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'a fault'
  }
}

describe('callbacks of one source at one connection', () => {
  it('allow 1200 in five minutes for logins started here', async () => {
    const broker = await openBroker()
    const from = { tenant: 'acme', connection: 'okta', source: '192.0.2.1' }
    for (let turn = 0; turn < 1197; turn += 1)
      await enforceSourceLimit(broker.parts.counters, 'answer-own', from.source, from.tenant, from.connection)
    const outcomes: string[] = []
    for (let turn = 0; turn < 5; turn += 1) outcomes.push(await finish(broker, { state: await begin(broker), ...ann }))
    expect(outcomes.slice(0, 3)).toEqual(['signed in', 'signed in', 'signed in'])
    expect(outcomes.slice(3)).toEqual(['too_many_attempts', 'too_many_attempts'])
    expect(await finish(broker, { state: await begin(broker), ...ann }, '192.0.2.2')).toBe('signed in')
    broker.pass(300)
    expect(await finish(broker, { state: await begin(broker), ...ann })).toBe('signed in')
  })

  it('allow 300 in five minutes for unknown logins, counted separately', async () => {
    const broker = await openBroker()
    const unknownCallback = (source?: string) => finish(broker, { state: unknownState }, source)
    for (let turn = 0; turn < 300; turn += 1) expect(await unknownCallback()).toBe('login_unknown')
    expect(await unknownCallback()).toBe('too_many_attempts')
    expect(await finish(broker, { state: 'no state of ours' })).toBe('too_many_attempts')
    expect(await unknownCallback('192.0.2.2')).toBe('login_unknown')
    const state = await begin(broker)
    expect(await finish(broker, { state, ...ann })).toBe('signed in')
    expect(await finish(broker, { state, ...ann })).toBe('login_used')
  })

  it('allow 20 for one login, without affecting others', async () => {
    const broker = await openBroker()
    const from = { tenant: 'acme', connection: 'okta', source: '192.0.2.1' }
    for (let turn = 0; turn < 1160; turn += 1)
      await enforceSourceLimit(broker.parts.counters, 'answer-repeated', from.source, from.tenant, from.connection)
    const outcomes: string[] = []
    for (let login = 0; login < 4; login += 1) {
      const state = await begin(broker)
      for (let turn = 0; turn < 21; turn += 1) outcomes.push(await finish(broker, { state, ...ann }))
    }
    expect(outcomes.filter((outcome) => outcome === 'signed in')).toHaveLength(4)
    expect(outcomes.filter((outcome) => outcome === 'login_used')).toHaveLength(40)
    expect(outcomes.slice(0, 21).at(-1)).toBe('too_many_attempts')
    expect(await finish(broker, { state: await begin(broker), ...ann })).toBe('signed in')
    // what the limit refused left 20 traces
    expect(broker.traces.filter(({ code }) => code === 'too_many_attempts')).toHaveLength(20)
  })
})
