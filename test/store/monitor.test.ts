/** X8: the log of an outage. */
import { expect, it, vi } from 'vitest'
import { monitorStore } from '../../src/store/monitor.ts'

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
  expect(lines.slice(1)).toEqual(['Redis is unavailable: nothing listens', 'Redis is unavailable: nothing listens'])
  state.away = false
  await vi.advanceTimersByTimeAsync(2000)
  expect(lines.slice(3)).toEqual(['Redis is available again'])
  for (let turn = 0; turn < 5; turn += 1) {
    monitor.reportFailure(new Error('for a moment'))
    await vi.advanceTimersByTimeAsync(2000)
  }
  expect(lines.slice(4)).toEqual([])
  monitor.stop()
  vi.useRealTimers()
})
