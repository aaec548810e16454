import { describe, expect, it } from 'vitest'
import { findingsToKeep } from '../../../src/jobs/health/due-checks.ts'
import { roundOf } from '../../../src/jobs/health/schedule.ts'
import { sampleHealth } from '../../support/store/deployment-samples.ts'

const rare = ['keys', 'callback URL', 'client credentials']
const last = sampleHealth({
  status: 'up',
  checks: ['discovery', 'clock', ...rare].map((name) => ({ name, ok: true, detail: 'fine', tookMs: 2500 })),
})
const dueIn = (round: number) => {
  const kept = findingsToKeep(last, round, true).map(({ name }) => name)
  return rare.filter((name) => !kept.includes(name))
}

describe('the findings that a probe keeps', () => {
  it('leave at most one rare check to each round, and each to every fifth round', () => {
    expect([0, 1, 2, 3, 4, 5].map(dueIn)).toEqual([
      ['keys'],
      ['client credentials'],
      [],
      ['callback URL'],
      [],
      ['keys'],
    ])
  })

  it('never hold discovery or the clock, nor old durations', () => {
    expect(findingsToKeep(last, 2, true)).toEqual(rare.map((name) => ({ name, ok: true, detail: 'fine' })))
  })

  it.each([
    ['first probe', undefined, true],
    ['result that is not good', { ...last, status: 'degraded' as const }, true],
    ['result that is too old', last, false],
  ])('are none after a %s', (_, result, isFresh) => {
    expect(findingsToKeep(result, 2, isFresh)).toEqual([])
  })

  it('are those of rounds that count up by one, and differ between neighbors', () => {
    const schedule = { intervalMs: 48_000, connections: 500 }
    const at = (index: number, probe: number) => probe * 48_000 + (index / 500) * 48_000 + 5
    const rounds = [100, 101, 102].map((probe) => roundOf(schedule, 7, at(7, probe)))
    expect(rounds).toEqual([107, 108, 109])
    expect(roundOf(schedule, 8, at(8, 100))).toBe(108)
  })
})
