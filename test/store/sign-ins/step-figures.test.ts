import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { stepFigures } from '../../../src/broker/health/figures.ts'
import { bucketOf } from '../../../src/broker/sign-ins/histogram.ts'
import { openEmbedded } from '../../../src/store/sqlite/embedded.ts'
import { keyRing } from '../../support/store/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-steps-'))
const stores = await openEmbedded({ file: join(folder, 'gatehouse.db'), keyRing, now: () => new Date() })
afterAll(async () => {
  await Promise.all([stores.durable.close(), stores.volatile.close()])
  rmSync(folder, { recursive: true })
})

it('leaves steps of the same clock hour that are over an hour old out of the last hour', async () => {
  const key = { tenant: 'acme', connection: 'okta' }
  const now = new Date('2026-11-29T12:50:00Z')
  const steps = [
    ['2026-11-29T11:05:00Z', 9000],
    ['2026-11-29T11:55:00Z', 60],
    ['2026-11-29T12:45:00Z', 60],
  ] as const
  const durations = steps.flatMap(([time, ms]) => {
    const row = { ...key, step: 'token request', bucket: bucketOf(ms), count: 1 }
    const hour = new Date(`${time.slice(0, 13)}:00:00Z`)
    return [
      { ...row, startsAt: new Date(time), spanSeconds: 300 as const },
      { ...row, startsAt: hour, spanSeconds: 3600 as const },
    ]
  })
  await stores.durable.signInStatistics.add({ counts: [], failures: [], outcomes: [], durations }, 'batch')
  const [figures] = await stepFigures(stores.durable.signInStatistics, key, now)
  expect(figures).toMatchObject({ step: 'token request', hour: { p95: 70 }, day: { p95: 10_000 } })
})
