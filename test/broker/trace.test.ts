import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { AttemptTrace, normalizeReference, referenceOf, type Trace, type TraceStep } from '../../src/broker/trace.ts'
import { GatehouseError } from '../../src/errors.ts'
import { clock } from '../support/gatehouse/broker.ts'

function openTrace(earlier: readonly TraceStep[] = []) {
  const { now, pass: advance } = clock()
  const written: Trace[] = []
  const head = { reference: '7KQ2-M9XD', tenant: 'acme', connection: 'okta', startedAt: now() }
  const trace = new AttemptTrace(head, now, (each) => written.push(each), earlier)
  return { trace, written, pass: advance, head }
}

describe('a reference', () => {
  it('has eight unambiguous letters and digits', () => {
    for (let round = 0; round < 200; round++)
      expect(referenceOf(randomBytes(8))).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/)
  })

  it.each([
    '7KQ2-M901',
    '7kq2-m901',
    ' 7KQ2 M901\n',
    '7kq2m901',
    '7KQ2\u2013M901',
    '7kq2-m9ol',
    '7KQ2 - M9O1',
    '7-K-Q-2-M901',
  ])('is found as people type it: %j', (typed) => {
    expect(normalizeReference(typed)).toBe('7KQ2-M901')
  })

  it('is unique among a thousand', () => {
    expect(new Set(Array.from({ length: 1000 }, () => referenceOf(randomBytes(8)))).size).toBe(1000)
  })
})

describe('trace steps', () => {
  it('are in order, with start and duration', async () => {
    const { trace, pass: advance } = openTrace()
    advance(0.1)
    const work = async () => {
      advance(0.2)
      return 'result'
    }
    expect(await trace.step('one', work)).toBe('result')
    advance(0.3)
    await trace.step('two', async () => advance(1))
    expect(trace.steps).toEqual([
      { name: 'one', atMs: 100, tookMs: 200, checks: [] },
      { name: 'two', atMs: 600, tookMs: 1000, checks: [] },
    ])
  })

  it('hold their own checks only', async () => {
    const { trace } = openTrace()
    await trace.step('outer', async () => {
      trace.check({ name: 'first', ok: true })
      await trace.step('inner', async () => trace.check({ name: 'second', ok: true }))
      trace.check({ name: 'third', ok: true })
    })
    trace.check({ name: 'fourth', ok: true })
    expect(trace.steps.map(({ name, checks }) => [name, checks.map((check) => check.name)])).toEqual([
      ['outer', ['first', 'third']],
      ['inner', ['second']],
      ['fourth', ['fourth']],
    ])
  })

  it('that run at once leave no step open', async () => {
    const { trace } = openTrace()
    const slow = Promise.withResolvers<void>()
    const first = trace.step('first', async () => {})
    const second = trace.step('second', () => slow.promise)
    await first
    trace.check({ name: 'during the second', ok: true })
    slow.resolve()
    await second
    trace.check({ name: 'after both', ok: true })
    expect(trace.steps.map(({ name, checks }) => [name, checks.map((check) => check.name)])).toEqual([
      ['first', []],
      ['second', ['during the second']],
      ['after both', ['after both']],
    ])
  })

  it('that fail have a reason and a duration', async () => {
    const { trace, pass: advance } = openTrace()
    const work = trace.step('token exchange', async () => {
      advance(2)
      throw new GatehouseError('upstream_refused', 'the token endpoint said invalid_grant')
    })
    await expect(work).rejects.toThrow('invalid_grant')
    expect(trace.steps).toEqual([
      { name: 'token exchange', atMs: 0, tookMs: 2000, checks: [], note: 'the token endpoint said invalid_grant' },
    ])
  })

  it('LK-01 hide error texts of libraries, which may quote a token', async () => {
    const { trace } = openTrace()
    const parse = trace.step('parse', async () => JSON.parse('canary-token'))
    await expect(parse).rejects.toThrow('canary')
    await expect(trace.step('throw', () => Promise.reject('canary-text'))).rejects.toBe('canary-text')
    expect(trace.steps.map(({ note }) => note)).toEqual(['stopped by a fault: SyntaxError', 'stopped by a fault'])
  })

  it('LK-04 are bounded and free of control characters', async () => {
    const { trace } = openTrace()
    trace.check({ name: 'iss', ok: true, expected: 'x'.repeat(10_000), got: '\u001b[2Jcleared\r\nNO  forged line' })
    const long = new GatehouseError('upstream_invalid', `no\n${'y'.repeat(10_000)}`)
    await expect(trace.step('long', () => Promise.reject(long))).rejects.toBe(long)
    expect(trace.steps[0]?.checks).toEqual([
      { name: 'iss', ok: true, expected: 'x'.repeat(256), got: '[2JclearedNO  forged line' },
    ])
    expect(trace.steps[1]?.note).toBe(`no${'y'.repeat(254)}`)
  })

  it('of the callback follow those of the start', async () => {
    const earlier = [{ name: 'begin', atMs: 0, tookMs: 5, checks: [{ name: 'state', ok: true }] }]
    const { trace } = openTrace(earlier)
    trace.check({ name: 'first use', ok: true })
    expect(trace.steps.map(({ name }) => name)).toEqual(['begin', 'first use'])
    expect(earlier).toHaveLength(1)
  })
})

describe('an asserted check', () => {
  it('is recorded and continues if it passes', () => {
    const { trace } = openTrace()
    trace.assertCheck('login_other_browser', { name: 'same browser', ok: true })
    expect(trace.steps).toMatchObject([{ name: 'same browser', checks: [{ ok: true }] }])
  })

  it('is recorded and throws its code if it fails', () => {
    const { trace } = openTrace()
    const check = { name: 'same browser', ok: false, expected: 'this one', got: 'another' }
    expect(() => trace.assertCheck('login_other_browser', check)).toThrow(
      'same browser: expected this one, got another',
    )
    expect(trace.steps).toMatchObject([{ checks: [check] }])
  })
})

describe('a finished trace', () => {
  it('replaces the started one: same reference, same start, all steps', () => {
    const { trace, written, head } = openTrace()
    trace.started()
    trace.check({ name: 'first use', ok: true })
    trace.addReasons(['a new user'])
    trace.signedIn('user-1')
    expect(written).toMatchObject([
      { ...head, outcome: 'started', reasons: [], steps: [] },
      { ...head, outcome: 'signed in', userId: 'user-1', reasons: ['a new user'], steps: [{ name: 'first use' }] },
    ])
  })

  it('names the code and the fixer', () => {
    const { trace, written } = openTrace()
    trace.refused(new GatehouseError('upstream_refused', 'no'))
    expect(written).toMatchObject([{ outcome: 'refused', code: 'upstream_refused', fixer: 'tenant admin' }])
    expect(written[0]).not.toHaveProperty('userId')
  })

  it('holds a failed check once', () => {
    const check = { name: 'iss', ok: false, expected: 'a', got: 'b' }
    const error = new GatehouseError('upstream_invalid', 'no', { check })
    const [stated, silent] = [openTrace(), openTrace()]
    stated.trace.check(check)
    stated.trace.refused(error)
    silent.trace.refused(error)
    for (const { written } of [stated, silent])
      expect(written[0]?.steps).toMatchObject([{ name: 'iss', checks: [check] }])
  })

  it('is not changed by later steps', () => {
    const { trace, written } = openTrace()
    trace.started()
    trace.check({ name: 'late', ok: true })
    expect(written[0]?.steps).toEqual([])
  })
})
