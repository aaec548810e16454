/** The prober with a clock that the test moves: real time would take minutes. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { probeIntervalMs } from '../../../src/broker/health.ts'
import { createProber } from '../../../src/jobs/health/prober.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-15T12:00:12.345Z') })
})
afterEach(() => {
  vi.useRealTimers()
})

function prober(connections: number, probe: (place: string) => Promise<unknown> = async () => undefined) {
  const probes: { readonly place: string; readonly at: number }[] = []
  const last = new Map<string, Date>()
  const created = createProber({
    places: Array.from({ length: connections }, (_, index) => ({ tenant: 'acme', connection: `okta${index}` })),
    schedule: { intervalMs: probeIntervalMs(connections), connections },
    now: () => new Date(),
    checkedAt: ({ connection }) => last.get(connection),
    probe: ({ connection }) => {
      probes.push({ place: connection, at: Date.now() })
      last.set(connection, new Date())
      return probe(connection)
    },
  })
  return { ...created, probes }
}

type Probes = ReturnType<typeof prober>['probes']

function longestGapMs(probes: Probes, until: number): number {
  const byPlace = Map.groupBy(probes, ({ place }) => place)
  const gaps = [...byPlace.values()].flatMap((ofPlace) =>
    ofPlace.map(({ at }, index) => (ofPlace[index + 1]?.at ?? until) - at),
  )
  return Math.max(...gaps)
}

function mostInASecond(probes: Probes): number {
  return Math.max(...probes.map(({ at }) => probes.filter((other) => other.at >= at && other.at < at + 1000).length))
}

describe('the prober', () => {
  it('probes 500 connections every 48 seconds, without bursts', async () => {
    const { start, stop, probes } = prober(500)
    start()
    await vi.advanceTimersByTimeAsync(51_000)
    expect(new Set(probes.map(({ place }) => place)).size).toBe(500)
    await vi.advanceTimersByTimeAsync(180_000)
    stop()
    expect(longestGapMs(probes, Date.now())).toBeLessThanOrEqual(51_000)
    const later = probes.filter(({ at }) => at > (probes[0]?.at ?? 0) + 55_000)
    expect(mostInASecond(later)).toBeLessThanOrEqual(12)
    expect(mostInASecond(probes)).toBeLessThanOrEqual(21)
  })

  it('probes a single connection at once, and again within 48 seconds', async () => {
    const { start, stop, probes } = prober(1)
    start()
    await vi.advanceTimersByTimeAsync(200)
    expect(probes).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(200_000)
    stop()
    expect(probes.length).toBeLessThanOrEqual(6)
    expect(longestGapMs(probes, Date.now())).toBeLessThanOrEqual(48_100)
  })

  it('probes 3000 connections less often, at ten in a second', async () => {
    const { start, stop, probes } = prober(3000)
    start()
    await vi.advanceTimersByTimeAsync(60_000)
    stop()
    expect(probes.length).toBeGreaterThan(580)
    expect(probes.length).toBeLessThan(620)
  })

  it('FT-15 upstreams that never answer delay no probe of others', async () => {
    const hangs = (place: string) => Number(place.slice(4)) < 400
    const { start, stop, probes } = prober(500, (place) =>
      hangs(place) ? new Promise(() => undefined) : Promise.resolve(),
    )
    start()
    await vi.advanceTimersByTimeAsync(200_000)
    stop()
    const others = probes.filter(({ place }) => !hangs(place))
    expect(new Set(others.map(({ place }) => place)).size).toBe(100)
    expect(longestGapMs(others, Date.now())).toBeLessThanOrEqual(51_000)
  })

  it('catches up after a pause of the process at twice the rate, and after the clock is set back', async () => {
    const { start, stop, probes } = prober(500)
    start()
    await vi.advanceTimersByTimeAsync(120_000)
    const resumed = Date.now() + 40_000
    vi.setSystemTime(resumed)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(mostInASecond(probes.filter(({ at }) => at >= resumed))).toBeLessThanOrEqual(21)
    const back = Date.now() - 3_600_000
    vi.setSystemTime(back)
    const before = probes.length
    await vi.advanceTimersByTimeAsync(62_000)
    stop()
    expect(new Set(probes.slice(before).map(({ place }) => place)).size).toBe(500)
  })

  it('probes nothing without connections and after it is stopped', async () => {
    const none = prober(0)
    none.start()
    const some = prober(10)
    some.start()
    await vi.advanceTimersByTimeAsync(500)
    some.stop()
    const before = some.probes.length
    await vi.advanceTimersByTimeAsync(120_000)
    expect([none.probes.length, some.probes.length]).toEqual([0, before])
  })
})
