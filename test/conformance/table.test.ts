import { describe, expect, it, vi } from 'vitest'
import { expected } from './expected.ts'
import { plans } from './plans.ts'
import { reportFailures, type StoreResult } from './table.ts'

const [first] = expected
const plan = first?.plans[0] ?? ''
const module = first?.module ?? ''
const result = (more: Partial<StoreResult>): StoreResult => ({
  store: 'sqlite',
  plan,
  module,
  result: 'FAILED',
  ...more,
})

/** What the run is judged, and what was printed. */
function judged(results: readonly StoreResult[], whole = false) {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line))
  const good = reportFailures(results, whole)
  log.mockRestore()
  return { good, lines: lines.join('\n') }
}

describe('a run of the conformance suite', () => {
  it('passes if every failed module is expected, and names the reason', () => {
    const { good, lines } = judged([result({}), result({ module: 'another', result: 'WARNING' })])
    expect(good).toBe(true)
    expect(lines).toContain(first?.reason)
  })

  it.each(['FAILED', 'TIMEOUT', 'ERROR', 'INTERRUPTED', 'UNKNOWN'])('is bad when another module is %s', (bad) => {
    expect(judged([result({ module: 'another', result: bad })])).toMatchObject({
      good: false,
      lines: expect.stringContaining('NOT EXPECTED'),
    })
  })

  it('fails if a module fails in a plan where this is unexpected', () => {
    expect(judged([result({ plan: 'basic' })]).good).toBe(false)
  })

  it.each(['PASSED', 'SKIPPED', 'WARNING'])('is bad when a module that is expected to fail is %s', (well) => {
    expect(judged([result({ result: well })])).toMatchObject({
      good: false,
      lines: expect.stringContaining('take it out'),
    })
  })

  it('fails if an expected module is missing from its plan', () => {
    expect(judged([result({ module: 'another', result: 'PASSED' })], true).good).toBe(false)
  })

  it('expects failures of existing plans only', () => {
    const names = plans.map(({ name }) => name)
    for (const each of expected) expect(names).toEqual(expect.arrayContaining([...each.plans]))
  })
})
