/** What every durable store must do for the sign-ins of apps by day. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { simultaneously } from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

export function appSignInsContract(both: () => BothDurables): void {
  describe('sign-ins of apps', () => {
    it('adds the counts of 50 concurrent callers, of each app and day', async () => {
      const [one, two] = [randomUUID(), randomUUID()]
      const today = (appId: string) => ({ appId, day: '2026-11-29', signIns: 2, refusals: 1 })
      await simultaneously(both(), 50, (each, turn) =>
        each.appSignIns.add(turn % 2 === 0 ? [today(one), today(two)] : [today(two), today(one)]),
      )
      for (const id of [one, two])
        expect(await both()[1].appSignIns.since(id, '2026-11-01')).toEqual([
          { day: '2026-11-29', signIns: 100, refusals: 50 },
        ])
      const counts = { day: '2026-11-29', signIns: 100, refusals: 50 }
      const found = await both()[1].appSignIns.ofApps([one, two, randomUUID()], '2026-11-01')
      expect(new Map(found.map(({ appId, ...day }) => [appId, day]))).toEqual(
        new Map([one, two].map((id) => [id, counts])),
      )
      expect(await both()[1].appSignIns.ofApps([one], '2026-11-30')).toEqual([])
      expect(await both()[1].appSignIns.ofApps([], '2026-11-01')).toEqual([])
      await both()[0].appSignIns.add([])
    })

    it('returns the days from one on, oldest first, and forgets those before one', async () => {
      const [store, other] = both()
      const appId = randomUUID()
      const days = ['2026-10-31', '2026-11-02', '2026-11-01']
      await store.appSignIns.add(days.map((day) => ({ appId, day, signIns: 1, refusals: 0 })))
      const found = async (day: string) => (await other.appSignIns.since(appId, day)).map((each) => each.day)
      expect(await found('2026-11-01')).toEqual(['2026-11-01', '2026-11-02'])
      await store.appSignIns.forgetBefore('2026-11-02')
      expect(await found('2026-01-01')).toEqual(['2026-11-02'])
    })
  })
}
