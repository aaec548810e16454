/**
 * The lease over a port of this test, which fails and loses the lease at will: real time would take
 * minutes.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { leaseOwner } from '../../src/jobs/lease-owner.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function owner() {
  const state = { held: true, isDown: false }
  const events: string[] = []
  const created = leaseOwner({
    leases: {
      async hold(_, owner, seconds) {
        if (state.isDown) throw new Error('the store does not answer')
        events.push(`${owner} asks for ${seconds} s`)
        return state.held
      },
      async release() {
        events.push('released')
      },
    },
    name: 'work',
    owner: 'first',
    onGained: () => events.push('gained'),
    onLost: () => events.push('lost'),
  })
  const changes = () => events.filter((event) => !event.includes('asks'))
  return { ...created, state, events, changes }
}

const asked = 'first asks for 15 s'

describe('a process that tries to hold a lease', () => {
  it('starts its work once, and renews the lease every five seconds', async () => {
    const { start, events } = owner()
    start()
    await vi.advanceTimersByTimeAsync(11_000)
    expect(events).toEqual([asked, 'gained', asked, asked])
  })

  it('stops its work when another process has the lease, and starts it again later', async () => {
    const { start, state, changes } = owner()
    start()
    await vi.advanceTimersByTimeAsync(1000)
    state.held = false
    await vi.advanceTimersByTimeAsync(10_000)
    state.held = true
    await vi.advanceTimersByTimeAsync(5000)
    expect(changes()).toEqual(['gained', 'lost', 'gained'])
  })

  it('FT-01 keeps its work while the store is down, and starts none then', async () => {
    const { start, state, changes } = owner()
    state.isDown = true
    start()
    await vi.advanceTimersByTimeAsync(20_000)
    expect(changes()).toEqual([])
    state.isDown = false
    await vi.advanceTimersByTimeAsync(5000)
    state.isDown = true
    await vi.advanceTimersByTimeAsync(60_000)
    expect(changes()).toEqual(['gained'])
  })

  it('releases the lease when it stops, and asks no more', async () => {
    const { start, stop, events } = owner()
    start()
    await vi.advanceTimersByTimeAsync(1000)
    await stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(events).toEqual([asked, 'gained', 'released'])
  })

  it('does nothing when it stops without a start, as in a command', async () => {
    const { stop, events } = owner()
    await stop()
    expect(events).toEqual([])
  })
})
