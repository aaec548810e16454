/** X8: the log of an outage. */
import { afterEach, expect, it, vi } from 'vitest'
import { monitorStore } from '../../src/store/monitor.ts'
import { afterAnswer, afterFailure, noOutage, type OutageLine } from '../../src/store/outage.ts'

afterEach(() => void vi.useRealTimers())

it('X8: logs once when a store becomes unavailable, once a minute, and once when it is available again', async () => {
  vi.useFakeTimers({ now: 0 })
  const lines: string[] = []
  const write = (_: object, message: string) => void lines.push(message)
  const state = { away: true }
  const monitor = monitorStore({
    store: 'Redis',
    now: () => new Date(),
    log: { warn: write, info: write },
    ping: async () => {
      if (!state.away) return
      const error = new Error('nothing listens')
      monitor.reportFailure(error)
      throw error
    },
  })
  for (let request = 0; request < 500; request += 1) monitor.reportFailure(new Error('the password is wrong'))
  expect(lines).toEqual(['Redis is unavailable: the password is wrong'])
  await vi.advanceTimersByTimeAsync(150_000)
  expect(lines.slice(1)).toEqual([
    'Redis is still unreachable, 560 attempts: nothing listens',
    'Redis is still unreachable, 620 attempts: nothing listens',
  ])
  state.away = false
  await vi.advanceTimersByTimeAsync(2000)
  expect(lines.slice(3)).toEqual(['Redis is available again'])
  for (let turn = 0; turn < 5; turn += 1) {
    monitor.reportFailure(new Error('for a moment'))
    await vi.advanceTimersByTimeAsync(2000)
  }
  expect(lines.slice(4)).toEqual([])
  monitor.stop()
})

type Event = readonly [atSeconds: number, event: 'failed' | 'answered']
const failures = (from: number, to: number): readonly Event[] =>
  Array.from({ length: to - from + 1 }, (_, index) => [from + index, 'failed'] as const)

function linesOf(events: readonly Event[]): readonly (readonly [atSeconds: number, ...values: unknown[]])[] {
  const lines: (readonly [number, OutageLine])[] = []
  let state = noOutage
  for (const [at, event] of events) {
    const step = event === 'failed' ? afterFailure(state, at * 1000) : afterAnswer(state, at * 1000)
    state = step.state
    if (step.line !== undefined) lines.push([at, step.line])
  }
  return lines.map(([at, { event, seconds, attempts }]) => [at, event, seconds, attempts])
}

it.each([
  ['its start once, however often it fails', failures(0, 59), [[0, 'lost', 0, 1]]],
  [
    'that it goes on, once a minute, with the attempts since its start',
    failures(0, 125),
    [
      [0, 'lost', 0, 1],
      [60, 'still lost', 60, 61],
      [120, 'still lost', 120, 121],
    ],
  ],
  [
    'its end',
    [...failures(0, 9), [10, 'answered']],
    [
      [0, 'lost', 0, 1],
      [10, 'back', 10, 10],
    ],
  ],
  [
    'the next one from its own start',
    [
      [0, 'failed'],
      [1, 'answered'],
      [100, 'failed'],
      [103, 'answered'],
    ],
    [
      [0, 'lost', 0, 1],
      [1, 'back', 1, 1],
      [100, 'lost', 0, 1],
      [103, 'back', 3, 1],
    ],
  ],
  [
    'one line a minute of a store that comes and goes',
    [
      [0, 'failed'],
      [1, 'answered'],
      [5, 'failed'],
      [6, 'answered'],
      [59, 'failed'],
      [61, 'failed'],
      [62, 'answered'],
    ],
    [
      [0, 'lost', 0, 1],
      [1, 'back', 1, 1],
      [61, 'lost', 2, 2],
      [62, 'back', 3, 2],
    ],
  ],
  ['nothing while the store answers', [[0, 'answered']], []],
] as readonly [string, readonly Event[], unknown][])('logs %s', (_, events, expected) => {
  expect(linesOf(events)).toEqual(expected)
})
