/** Checks after sign-ins, with a clock that the test moves: real time would take minutes. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Trace } from '../../../src/broker/trace.ts'
import { signInTriggers } from '../../../src/jobs/health/sign-in-triggers.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function triggers() {
  const checked: string[] = []
  const { sink, stop } = signInTriggers({ check: ({ connection }) => checked.push(connection), minGapMs: 48_000 })
  const sees = (outcome: Trace['outcome'], code?: Trace['code'], connection = 'okta') =>
    sink({
      reference: '7KQ2-M9XD',
      tenant: 'acme',
      connection,
      startedAt: new Date(),
      outcome,
      reasons: [],
      steps: [],
      ...(code && { code }),
    })
  return { checked, sees, stop }
}

it('a sign-in that fails at the upstream has its connection checked at once, others not', () => {
  const { checked, sees } = triggers()
  sees('refused', 'user_denied')
  sees('signed in')
  vi.advanceTimersByTime(60_000)
  expect(checked).toEqual([])
  sees('refused', 'upstream_refused')
  sees('refused', 'upstream_unreachable', 'saml')
  vi.advanceTimersByTime(1)
  expect(checked).toEqual(['okta', 'saml'])
})

it('a sign-in that does not come back has its connection checked after 20 seconds', () => {
  const { checked, sees } = triggers()
  sees('started')
  vi.advanceTimersByTime(19_000)
  expect(checked).toEqual([])
  vi.advanceTimersByTime(1_000)
  expect(checked).toEqual(['okta'])
})

it('any return shows that the callback URL works', () => {
  const { checked, sees } = triggers()
  sees('started')
  vi.advanceTimersByTime(10_000)
  sees('refused', 'user_denied')
  vi.advanceTimersByTime(60_000)
  expect(checked).toEqual([])
})

it('however many sign-ins fail or start, a connection is checked once in 48 seconds', () => {
  const { checked, sees } = triggers()
  for (let second = 0; second < 90; second += 1) {
    sees('refused', 'upstream_refused')
    sees('started')
    vi.advanceTimersByTime(1000)
  }
  expect(checked).toEqual(['okta', 'okta'])
})

it('nothing is checked after a stop', () => {
  const { checked, sees, stop } = triggers()
  sees('started')
  stop()
  vi.advanceTimersByTime(60_000)
  expect(checked).toEqual([])
})
