import { describe, expect, it, vi } from 'vitest'
import { expected } from './expected.ts'
import { plans } from './plans.ts'
import { judge, type StoreResult } from './table.ts'

const [first] = expected
const plan = first?.plans[0] ?? ''
const module = first?.module ?? ''
const result = (more: Partial<StoreResult>): StoreResult => ({
  ...{ store: 'sqlite', plan, module, result: 'FAILED' },
  ...more,
})

/** What the run is judged, and what was printed. */
function judged(results: readonly StoreResult[], whole = false) {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line))
  const good = judge(results, whole)
  log.mockRestore()
  return { good, lines: lines.join('\n') }
}

describe('a run of the conformance suite', () => {
  it('is good when every module that failed is expected to, and says why', () => {
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

  it('is bad when the module fails in a plan where it is not expected to', () => {
    expect(judged([result({ plan: 'basic' })]).good).toBe(false)
  })

  it.each(['PASSED', 'SKIPPED', 'WARNING'])('is bad when a module that is expected to fail is %s', (well) => {
    expect(judged([result({ result: well })])).toMatchObject({
      good: false,
      lines: expect.stringContaining('take it out'),
    })
  })

  it('is bad when a whole plan has no module of that name any more', () => {
    expect(judged([result({ module: 'another', result: 'PASSED' })], true).good).toBe(false)
  })

  it('expects failures of plans that there are', () => {
    const names = plans.map(({ name }) => name)
    for (const each of expected) expect(names).toEqual(expect.arrayContaining([...each.plans]))
  })
})
