/** The rows of the developer portal. */
import { expect, it, vi } from 'vitest'
import { listedApps } from '../../../src/web/developer/listed-apps.ts'
import { sampleApp } from '../../support/store/samples.ts'

it('reads 50 apps with one query of each kind', async () => {
  const own = Array.from({ length: 50 }, (_, index) => sampleApp({ id: `app${index}` }))
  const used = new Date('2026-11-20T10:00:00Z')
  const lastUses = vi.fn(async () => new Map(['app0', 'app1'].map((id) => [id, used])))
  const day = { refusals: 1, signIns: 2 }
  const ofApps = vi.fn(async () => [
    { appId: 'app1', day: '2026-11-19', ...day },
    { appId: 'app1', day: '2026-11-21', ...day },
    { appId: 'app1', day: '2026-11-22', refusals: 1, signIns: 0 },
  ])
  const now = () => new Date('2026-11-29T12:00:00Z')
  const rows = await listedApps({ apps: { lastUses }, signInCounts: { ofApps }, now } as never, own)
  expect([lastUses.mock.calls, ofApps.mock.calls]).toEqual([
    [[own.map(({ id }) => id)]],
    [[own.map(({ id }) => id), '2026-10-31']],
  ])
  expect(rows.slice(0, 3).map(({ lastUsedAt, signIns }) => [lastUsedAt, signIns])).toEqual([
    [used, 0],
    [new Date('2026-11-21'), 4],
    [undefined, 0],
  ])
})
