import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SignInStatisticsStore, StatisticsRows } from '../../../src/broker/ports/sign-ins.ts'
import type { Trace } from '../../../src/broker/trace.ts'
import { GatehouseError } from '../../../src/errors.ts'
import { openSignInStatistics } from '../../../src/store/sign-ins/statistics-counter.ts'
import { sampleTrace } from '../../support/store/samples.ts'

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-11-29T12:02:00Z') }))
afterEach(() => void vi.useRealTimers())

const span = new Date('2026-11-29T12:00:00Z')

function opened() {
  const added: StatisticsRows[] = []
  const queued: unknown[] = []
  const dropped: number[] = []
  const state: { fails: Error | undefined; hangs?: Promise<unknown> } = { fails: undefined }
  const ids: string[] = []
  const store: SignInStatisticsStore = {
    add: async (rows, id) => {
      ids.push(id)
      await state.hangs
      if (state.fails !== undefined) throw state.fails
      added.push(rows)
    },
    counts: async () => [],
    failures: async () => [],
    steps: async () => [],
    recentOutcomes: async () => [],
    lastOutcomes: async () => [],
    forgetBefore: async () => 0,
  }
  const counter = openSignInStatistics({
    store,
    now: () => new Date(),
    newId: () => `batch ${new Set(ids).size + 1}`,
    onQueued: (error) => queued.push(error),
    onDropped: (rows) => dropped.push(rows),
  })
  return { ...counter, added, ids, queued, dropped, state }
}

const unavailable = new GatehouseError('store_unavailable', 'PostgreSQL does not answer')
const signedIn = (changes: Partial<Trace> = {}) => sampleTrace({ tenant: 'acme', outcome: 'signed in', ...changes })
const refused = (changes: Partial<Trace> = {}) =>
  sampleTrace({
    tenant: 'acme',
    outcome: 'refused',
    code: 'upstream_invalid',
    cause: 'upstream_invalid: nonce',
    fixer: 'tenant admin',
    ...changes,
  })

const countsIn = (added: readonly StatisticsRows[]) => added.flatMap(({ counts }) => counts)

describe('the counter of sign-ins', () => {
  it('adds five seconds of sign-ins in one batch, with totals of all tenants', async () => {
    const { sink, added } = opened()
    sink(signedIn())
    sink(signedIn({ tenant: 'beta' }))
    sink(refused({ reference: 'R1' }))
    sink(refused({ reference: 'R2' }))
    sink(sampleTrace({ outcome: 'started' }))
    sink(sampleTrace({ outcome: 'sessions ended' }))
    await vi.advanceTimersByTimeAsync(4900)
    expect(added).toEqual([])
    await vi.advanceTimersByTimeAsync(200)
    expect(added).toHaveLength(1)
    expect(added[0]?.counts).toEqual([
      { tenant: 'acme', connection: 'okta', startsAt: span, signedIn: 1, refused: 2 },
      { tenant: 'beta', connection: 'okta', startsAt: span, signedIn: 1, refused: 0 },
      { tenant: '*', connection: '*', startsAt: span, signedIn: 2, refused: 2 },
    ])
    expect(added[0]?.failures).toMatchObject([
      { tenant: 'acme', connection: 'okta', cause: 'upstream_invalid: nonce', count: 2, lastReference: 'R2' },
      { tenant: '*', connection: '*', cause: 'upstream_invalid: nonce', count: 2, lastReference: 'R2' },
    ])
    expect(added[0]?.durations[0]).toEqual({
      tenant: 'acme',
      connection: 'okta',
      startsAt: span,
      spanSeconds: 300,
      step: 'begin',
      bucket: 1,
      count: 3,
    })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(added).toHaveLength(1)
  })

  it('counts the duration of a step by five minutes and by hour, of its tenant and of all', async () => {
    const { sink, added, close } = opened()
    sink(signedIn())
    vi.setSystemTime('2026-11-29T12:59:00Z')
    sink(signedIn())
    await close()
    const rows = added[0]?.durations.map(({ tenant, spanSeconds, startsAt, count }) => {
      return [tenant, spanSeconds, startsAt.toISOString().slice(11, 16), count]
    })
    expect(rows).toEqual([
      ['acme', 300, '12:00', 1],
      ['acme', 300, '12:55', 1],
      ['acme', 3600, '12:00', 2],
      ['*', 300, '12:00', 1],
      ['*', 300, '12:55', 1],
      ['*', 3600, '12:00', 2],
    ])
  })

  it('makes one group of a million failures with one cause', async () => {
    const { sink, added, close } = opened()
    for (let index = 0; index < 1_000_000; index++) sink(refused({ reference: `R${index}`, steps: [], reasons: [] }))
    await close()
    expect(added).toHaveLength(1)
    expect(added[0]?.failures.map(({ tenant, count }) => [tenant, count])).toEqual([
      ['acme', 1_000_000],
      ['*', 1_000_000],
    ])
  })

  it('counts a login once whose trace ends twice', async () => {
    const { sink, added, close } = opened()
    sink(signedIn({ reference: 'R' }))
    sink(signedIn({ reference: 'R' }))
    await close()
    expect(countsIn(added).map((row) => row.signedIn)).toEqual([1, 1])
  })

  it('counts refusals before a login as failures, not as sign-ins', async () => {
    const { sink, added, close } = opened()
    sink(refused({ connection: 'app shop' }))
    sink(refused({ connection: 'unknown' }))
    await close()
    expect(added[0]).toMatchObject({ counts: [], durations: [], outcomes: [] })
    expect(added[0]?.failures.map(({ connection }) => connection)).toEqual(['app shop', 'unknown', '*'])
  })

  it('records a sign-in without email as a warning of the connection', async () => {
    const { sink, added, close } = opened()
    const steps = [{ name: 'email', atMs: 0, tookMs: 0, checks: [{ name: 'email', ok: false }] }]
    sink(signedIn({ reference: 'R', steps }))
    sink(signedIn())
    await close()
    const [outcome] = added[0]?.outcomes ?? []
    expect(outcome?.lastWarning).toMatchObject({ cause: 'profile: email missing', lastReference: 'R' })
    expect(added[0]?.failures).toEqual([])
  })

  it('keeps counts while the store is unavailable, says so once, and adds them once', async () => {
    const { sink, added, queued, dropped, state, close } = opened()
    state.fails = unavailable
    sink(signedIn())
    await vi.advanceTimersByTimeAsync(20_000)
    sink(signedIn())
    await vi.advanceTimersByTimeAsync(20_000)
    expect([added.length, queued.length]).toEqual([0, 1])
    state.fails = undefined
    await vi.advanceTimersByTimeAsync(5100)
    await close()
    const sums = ['acme', '*'].map((tenant) =>
      countsIn(added)
        .filter((row) => row.tenant === tenant)
        .reduce((sum, row) => sum + row.signedIn, 0),
    )
    expect(sums).toEqual([2, 2])
    expect(dropped).toEqual([])
  })

  it('drops counts beyond its size during an outage, and reports how many rows', async () => {
    const { sink, dropped, state, close } = opened()
    state.fails = unavailable
    for (let index = 0; index < 50_010; index++) sink(signedIn({ tenant: `t${index}`, steps: [] }))
    await vi.advanceTimersByTimeAsync(5100)
    // a count and an outcome of ten tenants
    expect(dropped[0]).toBeGreaterThanOrEqual(20)
    await close()
  })

  it('drops rows that the store rejects, and goes on', async () => {
    const { sink, added, dropped, state, close } = opened()
    state.fails = new TypeError('invalid byte sequence')
    sink(signedIn({ steps: [] }))
    await vi.advanceTimersByTimeAsync(5100)
    expect(dropped).toEqual([3])
    state.fails = undefined
    sink(signedIn({ tenant: 'beta', steps: [] }))
    await close()
    expect(countsIn(added).map(({ tenant }) => tenant)).toEqual(['beta', '*'])
  })

  it('shows what it counted until now to the reader', async () => {
    const { sink, added, statistics } = opened()
    sink(signedIn())
    await statistics.counts({ since: span }, 300)
    expect(added).toHaveLength(1)
  })

  it('adds a batch without an answer again with its id and rows, apart from what is counted later', async () => {
    const { sink, added, ids, state, close } = opened()
    state.fails = unavailable
    sink(signedIn())
    await vi.advanceTimersByTimeAsync(5100)
    sink(signedIn())
    await vi.advanceTimersByTimeAsync(5100)
    state.fails = undefined
    await vi.advanceTimersByTimeAsync(5100)
    await close()
    expect(ids).toEqual(['batch 1', 'batch 1', 'batch 1', 'batch 2'])
    expect(countsIn(added).map((row) => row.signedIn)).toEqual([1, 1, 1, 1])
  })

  it('makes many readers wait for one write while the store hangs, and none once it failed', async () => {
    const { sink, ids, statistics, state } = opened()
    const hanging = Promise.withResolvers<unknown>()
    state.hangs = hanging.promise
    sink(signedIn())
    const readers = Array.from({ length: 12 }, () => statistics.counts({ since: span }, 300))
    hanging.reject(unavailable)
    await Promise.all(readers)
    expect(ids).toEqual(['batch 1'])
    await statistics.counts({ since: span }, 300)
    expect(ids).toEqual(['batch 1'])
  })

  it('closes while the store hangs, and reports what it drops', async () => {
    const { sink, dropped, state, close } = opened()
    state.hangs = new Promise(() => {})
    sink(signedIn({ steps: [] }))
    const closed = close()
    await vi.advanceTimersByTimeAsync(3000)
    await closed
    expect(dropped).toEqual([3])
  })
})
