import { afterEach, describe, expect, it, vi } from 'vitest'
import type { AuditEvent, AuditStore } from '../../src/broker/ports/audit.ts'
import { GatehouseError } from '../../src/errors.ts'
import { openAuditWriter } from '../../src/store/audit-writer.ts'

const event = (target: string): AuditEvent => ({
  id: target,
  at: new Date(),
  tenant: 'demo',
  action: 'session.ended',
  actor: 'user-1',
  target,
  details: {},
})

/** A store that can be away; what it holds, and what the queue said. */
function opened() {
  const stored: string[] = []
  const batches: number[] = []
  const dropped: string[] = []
  const stated: unknown[] = []
  const state = { away: false, refuses: '' }
  const store: AuditStore = {
    async addAll(events) {
      batches.push(events.length)
      if (state.away) throw new GatehouseError('store_unavailable', 'PostgreSQL does not answer')
      if (events.some(({ target }) => target === state.refuses)) throw new TypeError('no such column')
      stored.push(...events.map(({ target }) => target))
    },
    recent: async () => [],
    hasEarlierSignIn: async () => false,
    tenants: async () => [],
    forgetBefore: async () => 0,
  }
  const writer = openAuditWriter(store, {
    onQueued: (error) => stated.push(error),
    onDropped: ({ target }) => dropped.push(target),
  })
  return { writer, state, stored, batches, dropped, told: stated }
}

afterEach(() => void vi.useRealTimers())

describe('the audit writer', () => {
  it('writes an event before it resolves', async () => {
    const { writer, stored } = opened()
    await writer.add(event('one'))
    expect(stored).toEqual(['one'])
  })

  it('writes ten events of one caller after another, without waiting for a timer', async () => {
    vi.useFakeTimers()
    const { writer, batches } = opened()
    for (let count = 0; count < 10; count += 1) await writer.add(event(`${count}`))
    expect(batches).toEqual(Array.from({ length: 10 }, () => 1))
  })

  it('queues events while the store is unavailable, and writes them in order when it is available', async () => {
    const { writer, state, stored, told: stated, dropped } = opened()
    state.away = true
    await writer.add(event('one'))
    await writer.add(event('two'))
    expect([stored, stated.length]).toEqual([[], 1])
    state.away = false
    await writer.add(event('three'))
    await expect.poll(() => stored).toEqual(['one', 'two', 'three'])
    await writer.add(event('four'))
    expect([stored.at(-1), dropped]).toEqual(['four', []])
    await writer.close()
  })

  it('finds an earlier sign-in of the user in its queue, without writing the queue', async () => {
    const { writer, batches } = opened()
    const signIn = { ...event('ada'), tenant: 'acme', action: 'sign_in.succeeded', details: { session: 'first' } }
    const session = { id: 'second', tenant: 'acme', userId: 'ada' }
    writer.addLater(signIn)
    expect(await writer.hasEarlierSignIn(session)).toBe(true)
    for (const other of [{ id: 'first' }, { tenant: 'globex' }, { userId: 'eve' }])
      expect(await writer.hasEarlierSignIn({ ...session, ...other }), JSON.stringify(other)).toBe(false)
    expect(batches).toEqual([])
    await writer.close()
  })

  it('finds an earlier sign-in among the events that are being written', async () => {
    const written = Promise.withResolvers<void>()
    const store: AuditStore = {
      addAll: () => written.promise,
      recent: async () => [],
      hasEarlierSignIn: async () => false,
      tenants: async () => [],
      forgetBefore: async () => 0,
    }
    const writer = openAuditWriter(store, { onQueued: () => {}, onDropped: () => {} })
    const session = { id: 'second', tenant: 'acme', userId: 'ada' }
    const first = { ...event('ada'), tenant: 'acme', action: 'sign_in.succeeded', details: { session: 'first' } }
    const adding = writer.add(first)
    await Promise.resolve() // the queue is empty now, and its event not stored
    expect(await writer.hasEarlierSignIn(session)).toBe(true)
    written.resolve()
    await adding
    await writer.close()
    expect(await writer.hasEarlierSignIn(session)).toBe(false)
  })

  it('writes the queue before the process ends', async () => {
    const { writer, state, stored } = opened()
    state.away = true
    await writer.add(event('one'))
    state.away = false
    await writer.close()
    expect(stored).toEqual(['one'])
  })

  it('logs events that it cannot write before the process ends', async () => {
    const { writer, state, dropped } = opened()
    state.away = true
    await writer.add(event('one'))
    await writer.close()
    expect(dropped).toEqual(['one'])
  })

  it('queues ten thousand events, and logs the oldest beyond that', async () => {
    const { writer, state, stored, dropped } = opened()
    state.away = true
    for (let count = 0; count <= 10_000; count += 1) await writer.add(event(`${count}`))
    expect(dropped).toEqual(['0'])
    state.away = false
    await writer.close()
    expect([stored.length, stored[0], stored.at(-1)]).toEqual([10_000, '1', '10000'])
  })

  it('logs an event that the store rejects, writes the others, and hides no bug', async () => {
    const { writer, state, stored, dropped } = opened()
    state.away = true
    for (const target of ['one', 'two', 'three']) await writer.add(event(target))
    Object.assign(state, { away: false, refuses: 'two' })
    await writer.close()
    expect([stored, dropped]).toEqual([['one', 'three'], ['two']])
    await expect(writer.add(event('two'))).rejects.toThrow(TypeError)
  })

  it('writes sign-ins together, behind the response, and with the next change', async () => {
    const { writer, stored, batches } = opened()
    for (const target of ['one', 'two', 'three']) writer.addLater(event(target))
    expect(stored).toEqual([])
    await expect.poll(() => stored).toEqual(['one', 'two', 'three'])
    writer.addLater(event('four'))
    await writer.add(event('five'))
    expect([stored.slice(3), batches]).toEqual([
      ['four', 'five'],
      [3, 2],
    ])
  })

  it('writes sign-ins before events are read, and before the process ends', async () => {
    const { writer, stored } = opened()
    writer.addLater(event('one'))
    await writer.recent({ limit: 1 })
    expect(stored).toEqual(['one'])
    writer.addLater(event('two'))
    await writer.close()
    expect(stored).toEqual(['one', 'two'])
  })
})
