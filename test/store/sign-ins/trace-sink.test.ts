import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { restartDelayMs } from '../../../src/broker/login/finish-login.ts'
import type { Traces } from '../../../src/broker/ports/durable.ts'
import type { Trace } from '../../../src/broker/trace.ts'
import { GatehouseError } from '../../../src/errors.ts'
import { openTraceWriter } from '../../../src/store/trace-sink.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const trace = (reference: string, outcome: Trace['outcome'] = 'refused'): Trace => ({
  reference,
  tenant: 'demo',
  connection: 'okta',
  startedAt: new Date(0),
  outcome,
  reasons: [],
  steps: [],
})

/** A store that can be away; what it holds, and what the writer said. */
function opened() {
  const stored = new Map<string, Trace['outcome']>()
  const dropped: number[] = []
  const stated: unknown[] = []
  const state = { away: false, refuses: '', writeMs: 0, largest: 0, calls: 0, answersUntil: Number.POSITIVE_INFINITY }
  async function put({ reference, outcome }: Trace): Promise<void> {
    if (state.away) throw new GatehouseError('store_unavailable', 'PostgreSQL does not answer')
    if (reference === state.refuses) throw new TypeError('no such column')
    stored.set(reference, outcome)
  }
  const store: Traces = {
    put,
    putAll: async (traces) => {
      state.calls += 1
      if (state.writeMs > 0) await new Promise((resolve) => setTimeout(resolve, state.writeMs))
      state.largest = Math.max(state.largest, traces.length)
      if (state.calls > state.answersUntil) throw new GatehouseError('store_unavailable', 'no answer within 950 ms')
      if (traces.some(({ reference }) => reference === state.refuses)) throw new TypeError('no such column')
      for (const one of traces) await put(one)
    },
    find: async () => null,
    search: async () => [],
    forgetBefore: async () => 0,
  }
  const writer = openTraceWriter(store, {
    onQueued: (error) => stated.push(error),
    onDropped: (count) => dropped.push(count),
  })
  return { writer, state, stored, dropped, told: stated }
}

describe('the trace writer', () => {
  it('queues traces while the store is unavailable, reports it once, and writes them when it is available', async () => {
    const { writer, state, stored, told: stated, dropped } = opened()
    state.away = true
    writer.sink(trace('one', 'started'))
    await vi.advanceTimersByTimeAsync(300)
    writer.sink(trace('one', 'signed in'))
    writer.sink(trace('two'))
    await vi.advanceTimersByTimeAsync(10_000)
    expect([stored.size, stated.length]).toEqual([0, 1])
    state.away = false
    await vi.advanceTimersByTimeAsync(1000)
    expect([...stored]).toEqual([
      ['one', 'signed in'],
      ['two', 'refused'],
    ])
    expect(dropped).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('drops the oldest beyond a thousand, and reports how many', async () => {
    const { writer, state, stored, dropped } = opened()
    state.away = true
    for (let count = 0; count < 600; count += 1) writer.sink(trace(`early ${count}`))
    await vi.advanceTimersByTimeAsync(300)
    for (let count = 0; count < 600; count += 1) writer.sink(trace(`late ${count}`))
    await vi.advanceTimersByTimeAsync(1000)
    expect(dropped.reduce((sum, count) => sum + count, 0)).toBe(200)
    state.away = false
    await vi.advanceTimersByTimeAsync(1000)
    expect([stored.size, stored.has('early 199'), stored.has('early 200')]).toEqual([1000, false, true])
  })

  it('writes a long queue in small statements, and after a failure only the rest again', async () => {
    const { writer, state, stored } = opened()
    for (let count = 0; count < 1000; count += 1) writer.sink(trace(`${count}`))
    state.answersUntil = 5
    await vi.advanceTimersByTimeAsync(300)
    expect([stored.size, writer.queued(), state.calls]).toEqual([250, 750, 6])
    state.answersUntil = Number.POSITIVE_INFINITY
    await vi.advanceTimersByTimeAsync(1000)
    expect([stored.size, writer.queued(), state.calls]).toEqual([1000, 0, 21])
    expect(state.largest).toBe(50)
  })

  it('keeps the rest if the store becomes unavailable while it writes one by one', async () => {
    const { writer, state, stored, dropped } = opened()
    state.refuses = 'one'
    for (const reference of ['one', 'two']) writer.sink(trace(reference))
    const { set } = stored
    stored.set = () => {
      throw new GatehouseError('store_unavailable', 'PostgreSQL does not answer')
    }
    await vi.advanceTimersByTimeAsync(300)
    stored.set = set
    await vi.advanceTimersByTimeAsync(1000)
    expect([[...stored.keys()], dropped]).toEqual([['two'], [1]])
  })

  it('drops only the trace that cannot be stored', async () => {
    const { writer, state, stored, dropped } = opened()
    state.refuses = 'broken'
    for (const reference of ['one', 'broken', 'two']) writer.sink(trace(reference))
    await vi.advanceTimersByTimeAsync(300)
    expect([[...stored.keys()], dropped]).toEqual([['one', 'two'], [1]])
  })

  it('stores a trace before its login may restart, even if the write takes its full time', async () => {
    const { writer, state, stored } = opened()
    state.writeMs = 950
    const firstRequestMs = 1000
    await vi.advanceTimersByTimeAsync(firstRequestMs)
    writer.sink(trace('one', 'signed in'))
    await vi.advanceTimersByTimeAsync(restartDelayMs - firstRequestMs)
    expect([...stored]).toEqual([['one', 'signed in']])
  })

  it('writes the queue on close, or reports the loss', async () => {
    for (const away of [false, true]) {
      const { writer, state, stored, dropped } = opened()
      state.away = away
      writer.sink(trace('last'))
      await writer.close()
      expect([stored.has('last'), dropped]).toEqual(away ? [false, [1]] : [true, []])
      expect(vi.getTimerCount()).toBe(0)
    }
  })
})
