import { expect, it } from 'vitest'
import type { Trace } from '../../../src/broker/trace.ts'
import { measureSignIns } from '../../../src/main/metrics/measured-sign-ins.ts'

const trace = (changes: Partial<Trace>): Trace => ({
  reference: '7KQ2-M9XD',
  tenant: 'acme',
  connection: 'okta',
  startedAt: new Date('2026-01-15T12:00:00Z'),
  outcome: 'signed in',
  reasons: [],
  steps: [],
  ...changes,
})

const measure = () => measureSignIns((tenant, connection) => (tenant === 'acme' ? connection : undefined))

it('counts what began, who signed in, and each error code', () => {
  const measured = measure()
  for (const outcome of ['started', 'started', 'signed in'] as const) measured.sink(trace({ outcome }))
  for (const code of ['user_denied', 'user_denied', 'upstream_unreachable'] as const)
    measured.sink(trace({ outcome: 'refused', code }))
  measured.sink(trace({ outcome: 'sessions ended' }))
  const [okta, other] = measured.byConnection()
  expect(okta).toMatchObject({ tenant: 'acme', connection: 'okta' })
  expect(okta?.results).toEqual({
    started: 2,
    signedIn: 1,
    refused: new Map([
      ['user_denied', 2],
      ['upstream_unreachable', 1],
    ]),
  })
  expect(other).toMatchObject({ tenant: 'other', connection: 'other', results: { started: 0, signedIn: 0 } })
})

it('counts connections that no tenant has as one, whatever the request names', () => {
  const measured = measure()
  for (let turn = 0; turn < 1000; turn += 1)
    measured.sink(trace({ tenant: `made-up-${turn}`, outcome: 'refused', code: 'connection_unknown' }))
  expect(measured.byConnection().map(({ tenant }) => tenant)).toEqual(['unknown', 'other'])
  expect(measured.bySteps()).toEqual([])
})

it('counts the durations of the steps of finished sign-ins only', () => {
  const measured = measure()
  const steps = [
    { name: 'discovery', atMs: 0, tookMs: 40, checks: [] },
    { name: 'token request', atMs: 50, tookMs: 200, checks: [] },
  ]
  measured.sink(trace({ outcome: 'started', steps: steps.slice(0, 1) }))
  measured.sink(trace({ steps }))
  const counted = measured.bySteps().map(({ kind, step, durations }) => [kind, step, durations.seconds])
  expect(counted).toEqual([
    ['okta', 'discovery', 0.04],
    ['okta', 'token request', 0.2],
  ])
  expect([...(measured.bySteps()[1]?.durations.buckets ?? [])].indexOf(1)).toBe(8) // up to 0.25 s
})

it('counts steps of made-up names together', () => {
  const measured = measure()
  for (let turn = 0; turn < 1000; turn += 1)
    measured.sink(trace({ steps: [{ name: `step ${turn}`, atMs: 0, tookMs: 1, checks: [] }] }))
  expect(measured.bySteps().length).toBeLessThanOrEqual(101)
  expect(measured.bySteps().at(-1)?.step).toBe('other')
})
