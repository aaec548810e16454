/** Contract of durable stores: queued back-channel logouts. */
import { describe, expect, it } from 'vitest'
import { KeyRing } from '../../src/crypto/keyring.ts'
import { sampleKey, secondsFromNow, simultaneously } from '../support/store/samples.ts'
import type { BothDurables, OpenDurable } from './open-store.ts'

export function logoutQueueContract(both: () => BothDurables, open: OpenDurable): void {
  describe('queued logouts', () => {
    const notification = { appId: 'app', subject: 'user', sid: 'sid' }
    let past = 1_000_000
    const nextPast = () => {
      past += 1_000_000
      return new Date(past)
    }

    it('leases each logout to one of many concurrent callers', async () => {
      const [store] = both()
      const now = nextPast()
      const all = Array.from({ length: 10 }, (_, turn) => ({ ...notification, sid: `sid ${turn}` }))
      await store.logouts.add(all, now)
      await store.logouts.add([], now)
      const claims = (await simultaneously(both(), 50, (each) => each.logouts.claim(now, secondsFromNow(60), 3))).flat()
      const queued = [...claims, ...(await store.logouts.claim(now, secondsFromNow(60), 10))]
      expect(queued.map((each) => each.content.sid).sort()).toEqual(all.map(({ sid }) => sid).sort())
      for (const { id } of queued) await store.logouts.sent(id)
    })

    it('never claims more than the limit', async () => {
      const [store] = both()
      const now = nextPast()
      await store.logouts.add(
        Array.from({ length: 9 }, () => notification),
        now,
      )
      const claims = await simultaneously(both(), 3, (each) => each.logouts.claim(now, secondsFromNow(60), 2))
      for (const claim of claims) expect(claim.length).toBeLessThanOrEqual(2)
      for (const { id } of [...claims.flat(), ...(await store.logouts.claim(now, now, 10))])
        await store.logouts.sent(id)
    })

    it('returns a logout again when its lease expires or a retry is due, and counts the attempts', async () => {
      const [store] = both()
      const now = nextPast()
      const inTheFuture = new Date(now.getTime() + 1000)
      await store.logouts.add([notification], now)
      expect(await store.logouts.claim(new Date(now.getTime() - 1), inTheFuture, 1)).toEqual([])
      const [first] = await store.logouts.claim(now, inTheFuture, 1)
      expect(first).toEqual({ id: first?.id, content: notification, attempts: 0 })
      expect(await store.logouts.claim(now, inTheFuture, 1)).toEqual([])
      expect((await store.logouts.claim(inTheFuture, secondsFromNow(60), 1))[0]?.attempts).toBe(1)
      await store.logouts.retry(first!.id, now)
      expect((await store.logouts.claim(now, inTheFuture, 1))[0]?.attempts).toBe(2)
      await store.logouts.release([first!.id], now)
      await store.logouts.release([], now)
      expect((await store.logouts.claim(now, inTheFuture, 1))[0]?.attempts).toBe(2)
      await store.logouts.sent(first!.id)
      expect(await store.logouts.claim(inTheFuture, inTheFuture, 1)).toEqual([])
    })

    it('tells how many logouts wait, how many are due, and since when the oldest is', async () => {
      const [store, other] = both()
      const now = nextPast()
      const later = new Date(now.getTime() + 1000)
      const before = await other.logouts.size(now)
      await store.logouts.add([notification, notification], now)
      await store.logouts.add([notification], later)
      const { messages, due, oldestDueAt } = await other.logouts.size(now)
      expect([messages - before.messages, due - before.due]).toEqual([3, 2])
      expect(oldestDueAt?.getTime()).toBeLessThanOrEqual(now.getTime())
      const claimed = await store.logouts.claim(later, secondsFromNow(60), 10)
      expect((await other.logouts.size(later)).messages - before.messages).toBe(3)
      for (const { id } of claimed) await store.logouts.sent(id)
      expect((await other.logouts.size(later)).messages).toBe(before.messages)
    })

    it('SE-06 opens a logout sealed under an older key, and keeps one whose key is missing', async () => {
      const now = nextPast()
      const older = sampleKey()
      const writer = await open({ keyRing: new KeyRing([older]) })
      const reader = await open({ keyRing: new KeyRing([sampleKey(), older]) })
      const stranger = await open({ keyRing: new KeyRing([sampleKey()]) })
      await writer.logouts.add([notification], now)
      expect(await stranger.logouts.claim(now, now, 5)).toEqual([])
      const [found] = await reader.logouts.claim(now, now, 5)
      expect(found?.content).toEqual(notification)
      await reader.logouts.sent(found!.id)
      await Promise.all([writer, reader, stranger].map((each) => each.close()))
    })
  })
}
