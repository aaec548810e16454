/** Whether a login may restart after a repeated callback: its trace says if it was lost. */
import { expect, it } from 'vitest'
import { secondFactorStep, type Trace } from '../../../src/broker/trace.ts'
import { ann, begin, finish } from '../../support/broker/run-login.ts'
import { openBroker, traceOf } from '../../support/gatehouse/broker.ts'

const broker = await openBroker()
const secondFactor = { name: secondFactorStep, atMs: 0, tookMs: 0, checks: [] }

/** A callback of Ann's browser, sent a second time. */
async function repeated(stored: Partial<Trace> | undefined) {
  const state = await begin(broker)
  const first = await finish(broker, { state, ...ann })
  const trace = traceOf(broker, first.resume?.reference ?? '')
  if (stored !== undefined) await broker.stores.durable.traces.put({ ...trace, ...stored })
  const again = await finish(broker, { state, ...ann })
  if (again.outcome !== 'refused' || again.mayRestart === undefined) throw new Error('it cannot restart')
  return again.mayRestart
}

it.each<[string, Partial<Trace> | undefined]>([
  ['has begun only', { outcome: 'started' }],
  ['failed for a store', { outcome: 'refused', code: 'store_unavailable' }],
  ['failed for a bug', { outcome: 'refused', code: 'internal' }],
  ['has no trace', undefined],
])('K11: once, if the login %s', async (_, stored) => {
  const mayRestart = await repeated(stored)
  expect([await mayRestart(), await mayRestart()]).toEqual([true, false])
})

it.each<[string, Partial<Trace>]>([
  ['signed in', { outcome: 'signed in' }],
  ['was rejected', { outcome: 'refused', code: 'user_denied' }],
  ['waits for a second factor', { outcome: 'started', steps: [secondFactor] }],
])('K11: never, if the login %s', async (_, stored) => {
  expect(await (await repeated(stored))()).toBe(false)
})
