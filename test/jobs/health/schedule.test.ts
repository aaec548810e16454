/** When connections are probed. */
import { describe, expect, it } from 'vitest'
import { isStale, probeIntervalMs } from '../../../src/broker/health.ts'
import { firstGapMs, firstProbes, nextProbeAt } from '../../../src/jobs/health/schedule.ts'

const now = Date.parse('2026-01-15T12:00:00Z')

describe('the interval of probes', () => {
  it.each([
    [0, 48_000],
    [1, 48_000],
    [500, 48_000],
    [501, 48_096],
    [1000, 96_000],
    [10_000, 960_000],
  ])('of %i connections is %i ms', (connections, expected) => {
    expect(probeIntervalMs(connections)).toBe(expected)
  })

  it('makes a result stale when three probes are missing', () => {
    const health = { status: 'up', checks: [], checkedAt: new Date(now) } as const
    expect(isStale(health, new Date(now + 150_000), 50_000)).toBe(false)
    expect(isStale(health, new Date(now + 150_001), 50_000)).toBe(true)
    expect(isStale(health, new Date(now - 150_001), 50_000)).toBe(true)
  })
})

describe('the schedule', () => {
  it.each([1, 2, 7, 500])('spreads %i connections evenly over the interval, each within it', (connections) => {
    const schedule = { intervalMs: 50_000, connections }
    const times = Array.from({ length: connections }, (_, index) => nextProbeAt(schedule, index, now)).toSorted(
      (one, other) => one - other,
    )
    for (const time of times) {
      expect(time).toBeGreaterThan(now)
      expect(time).toBeLessThanOrEqual(now + 50_000)
    }
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    for (const gap of gaps) expect(gap).toBeCloseTo(50_000 / connections, 2)
  })

  it('probes a connection an interval after its last probe', () => {
    const schedule = { intervalMs: 50_000, connections: 7 }
    const first = nextProbeAt(schedule, 3, now)
    const second = nextProbeAt(schedule, 3, Math.ceil(first))
    expect(second - first).toBeCloseTo(50_000, 2)
  })

  it('is continued by another process: connections with a recent result keep their time', () => {
    const schedule = { intervalMs: 50_000, connections: 3 }
    const recent = now - 20_000
    expect(firstProbes(schedule, [recent, recent, recent], now)).toEqual(
      [0, 1, 2].map((index) => nextProbeAt(schedule, index, now)),
    )
  })

  it('probes connections without a recent result soon, one after the other', () => {
    const schedule = { intervalMs: 50_000, connections: 4 }
    const [first, second, third] = firstProbes(schedule, [undefined, now - 60_000, now - 1000, undefined], now)
    expect([first, second]).toEqual([now + firstGapMs, now + 2 * firstGapMs])
    expect(third).toBe(nextProbeAt(schedule, 2, now))
  })
})
