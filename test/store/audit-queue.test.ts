import { describe, expect, it } from 'vitest'
import type { AuditEvent, AuditStore } from '../../src/broker/ports/audit.ts'
import { GatehouseError } from '../../src/errors.ts'
import { openAuditQueue } from '../../src/store/audit-queue.ts'

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
  const dropped: string[] = []
  const stated: unknown[] = []
  const state = { away: false, refuses: '' }
  const store: AuditStore = {
    async add({ target }) {
      if (state.away) throw new GatehouseError('store_unavailable', 'PostgreSQL does not answer')
      if (target === state.refuses) throw new TypeError('no such column')
      stored.push(target)
    },
    recent: async () => [],
  }
  const queue = openAuditQueue(store, {
    onQueued: (error) => stated.push(error),
    onDropped: ({ target }) => dropped.push(target),
  })
  return { queue, state, stored, dropped, told: stated }
}

describe('the audit queue', () => {
  it('writes an event before it resolves', async () => {
    const { queue, stored } = opened()
    await queue.audit.add(event('one'))
    expect(stored).toEqual(['one'])
  })

  it('queues events while the store is unavailable, and writes them in order when it is available', async () => {
    const { queue, state, stored, told: stated, dropped } = opened()
    state.away = true
    await queue.audit.add(event('one'))
    await queue.audit.add(event('two'))
    expect([stored, stated.length]).toEqual([[], 1])
    state.away = false
    await queue.audit.add(event('three'))
    await expect.poll(() => stored).toEqual(['one', 'two', 'three'])
    await queue.audit.add(event('four'))
    expect([stored.at(-1), dropped]).toEqual(['four', []])
    await queue.close()
  })

  it('writes the queue before the process ends', async () => {
    const { queue, state, stored } = opened()
    state.away = true
    await queue.audit.add(event('one'))
    state.away = false
    await queue.close()
    expect(stored).toEqual(['one'])
  })

  it('logs events that it cannot write before the process ends', async () => {
    const { queue, state, dropped } = opened()
    state.away = true
    await queue.audit.add(event('one'))
    await queue.close()
    expect(dropped).toEqual(['one'])
  })

  it('queues a thousand events, and logs the oldest beyond that', async () => {
    const { queue, state, stored, dropped } = opened()
    state.away = true
    for (let count = 0; count <= 1000; count += 1) await queue.audit.add(event(`${count}`))
    expect(dropped).toEqual(['0'])
    state.away = false
    await queue.close()
    expect([stored.length, stored[0], stored.at(-1)]).toEqual([1000, '1', '1000'])
  })

  it('logs an event that the store rejects, writes the others, and hides no bug', async () => {
    const { queue, state, stored, dropped } = opened()
    state.away = true
    for (const target of ['one', 'two', 'three']) await queue.audit.add(event(target))
    Object.assign(state, { away: false, refuses: 'two' })
    await queue.close()
    expect([stored, dropped]).toEqual([['one', 'three'], ['two']])
    await expect(queue.audit.add(event('two'))).rejects.toThrow(TypeError)
  })
})
