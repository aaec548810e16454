/** What every volatile store must do, whatever it is made of. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { VolatileStore } from '../../src/broker/ports/volatile.ts'
import { keyRing, sampleEmail, sampleSession, sampleTransaction, simultaneously } from '../support/store/samples.ts'
import { waitOptions } from '../support/wait-options.ts'
import { artifactsContract } from './artifacts.ts'
import { deploymentContract } from './deployment.ts'
import { namedSessionsContract } from './named-sessions.ts'
import { oneTimeContract } from './one-time.ts'
import type { OpenVolatile } from './open-store.ts'
import { sessionAppsContract } from './session-apps.ts'
import { sessionsContract } from './sessions.ts'

const now = () => new Date()

export function volatileStoreContract(name: string, open: OpenVolatile): void {
  describe(`${name} as a volatile store`, () => {
    let store: VolatileStore
    let both: readonly [VolatileStore, VolatileStore]

    beforeAll(async () => {
      store = await open({ keyRing, now })
      both = [store, await open({ keyRing, now })]
    })
    afterAll(async () => {
      await Promise.all(both.map((each) => each.close()))
    })

    it('answers a ping', async () => {
      await store.ping()
    })

    it('returns null for unknown IDs', async () => {
      expect(await store.sessions.find('unknown')).toBeNull()
      expect(await store.sessions.list('demo', 'nobody')).toEqual([])
      expect(await store.sessions.deleteAll('demo', 'nobody')).toBe(0)
      expect(await store.sessions.delete(sampleSession())).toBe(false)
      expect(await store.transactions.take('unknown')).toBeNull()
      expect(await store.codes.peek('reset', 'nobody', 'hash')).toBeNull()
      expect(await store.codes.take('reset', 'nobody', 'hash')).toBeNull()
      expect(await store.browsers.get('unknown')).toBeNull()
      await store.browsers.remove('unknown')
    })

    describe('counters', () => {
      it('counts each of 50 concurrent hits, within the window of the first', async () => {
        const key = randomUUID()
        const hits = await simultaneously(both, 50, (each) => each.counters.hit(key, 60))
        expect(hits.map(({ count }) => count).sort((a, b) => a - b)).toEqual(
          Array.from({ length: 50 }, (_, i) => i + 1),
        )
        for (const { resetSeconds } of hits) expect([59, 60]).toContain(resetSeconds)
        expect((await store.counters.hit(key, 3600)).resetSeconds).toBeLessThanOrEqual(60)
      })

      it('A7 refunds as many hits as there are, and keeps the end of the window', async () => {
        const key = randomUUID()
        await store.counters.refund(key)
        for (let turn = 0; turn < 3; turn += 1) await store.counters.hit(key, 60)
        await simultaneously(both, 50, (each) => each.counters.refund(key))
        expect(await store.counters.count(key)).toBe(0)
        expect(await store.counters.hit(key, 3600)).toMatchObject({ count: 1 })
        expect((await store.counters.hit(key, 3600)).resetSeconds).toBeLessThanOrEqual(60)
      })

      it('returns the hits of a window without adding one', async () => {
        const key = randomUUID()
        expect(await store.counters.count(key)).toBe(0)
        await simultaneously(both, 3, (each) => each.counters.hit(key, 60))
        expect([await store.counters.count(key), await both[1].counters.count(key)]).toEqual([3, 3])
        await store.counters.forget(key)
        expect(await store.counters.count(key)).toBe(0)
      })
    })

    // concurrently: each waits a second or more
    describe.concurrent('expiry', () => {
      const content = { accountId: 'zoë' }

      it('stores a new artifact again once it is removed or has expired', async () => {
        const id = randomUUID()
        expect(await store.artifacts.putNew({ model: 'ReplayDetection', id, content, seconds: 60 })).toBe(true)
        expect(await store.artifacts.putNew({ model: 'ReplayDetection', id, content, seconds: 60 })).toBe(false)
        await store.artifacts.remove('ReplayDetection', id)
        expect(await store.artifacts.putNew({ model: 'ReplayDetection', id, content, seconds: 1 })).toBe(true)
        await vi.waitFor(
          async () =>
            expect(await store.artifacts.putNew({ model: 'ReplayDetection', id, content, seconds: 60 })).toBe(true),
          waitOptions,
        )
      })

      it('expires, consumed or not, and cannot be consumed afterwards', async () => {
        const [used, unused] = [randomUUID(), randomUUID()]
        await store.artifacts.put({ model: 'AuthorizationCode', id: used, content, seconds: 1, grant: randomUUID() })
        await store.artifacts.put({ model: 'AuthorizationCode', id: unused, content, seconds: 1 })
        await store.artifacts.consume('AuthorizationCode', used, now())
        for (const id of [used, unused]) {
          await vi.waitFor(
            async () => expect(await store.artifacts.find('AuthorizationCode', id)).toBeNull(),
            waitOptions,
          )
          expect(await store.artifacts.consume('AuthorizationCode', id, now())).toBe(false)
        }
      })

      it('removes an expired transaction', async () => {
        const transaction = sampleTransaction()
        await store.transactions.put(transaction, 1)
        // taking it would end it: a code of the same time tells when
        const owner = sampleEmail()
        await store.codes.put({ purpose: 'link', owner, hash: 'hash', content: 'content', seconds: 1 })
        await vi.waitFor(async () => expect(await store.codes.peek('link', owner, 'hash')).toBeNull(), waitOptions)
        expect(await store.transactions.take(transaction.state)).toBeNull()
      })

      it('removes an expired code', async () => {
        const owner = sampleEmail()
        await store.codes.put({ purpose: 'link', owner, hash: 'hash', content: 'content', seconds: 1 })
        await vi.waitFor(async () => expect(await store.codes.peek('link', owner, 'hash')).toBeNull(), waitOptions)
        expect(await store.codes.take('link', owner, 'hash')).toBeNull()
      })

      it('SE-10 removes an expired session, also from the list of its user', async () => {
        const userId = randomUUID()
        const short = sampleSession({ userId, idleSeconds: 1 })
        const long = sampleSession({ userId })
        await store.sessions.put(short)
        await store.sessions.put(long)
        await vi.waitFor(async () => expect(await store.sessions.find(short.id)).toBeNull(), waitOptions)
        expect((await store.sessions.list('demo', userId)).map(({ id }) => id)).toEqual([long.id])
        expect(await store.sessions.deleteAll('demo', userId)).toBe(1)
      })

      it('starts a new window when the first ends, or is forgotten', async () => {
        const key = randomUUID()
        await store.counters.hit(key, 60)
        await store.counters.forget(key)
        expect(await store.counters.hit(key, 1)).toEqual({ count: 1, resetSeconds: 1 })
        await vi.waitFor(async () => expect((await store.counters.hit(key, 1)).count).toBe(1), {
          ...waitOptions,
          interval: 1100,
        })
      })

      it('stores browser records until they are removed or expire', async () => {
        const id = randomUUID()
        await store.browsers.put(id, '{"first":1}', 60)
        await store.browsers.put(id, '{"second":"ö"}', 60)
        expect(await both[1].browsers.get(id)).toBe('{"second":"ö"}')
        await store.browsers.remove(id)
        expect(await store.browsers.get(id)).toBeNull()
        await store.browsers.put(id, '{}', 1)
        await vi.waitFor(async () => expect(await store.browsers.get(id)).toBeNull(), waitOptions)
      })
    })

    namedSessionsContract(() => both, open)
    sessionsContract(() => both, open)
    oneTimeContract(() => both, open)
    artifactsContract(() => both, open)
    sessionAppsContract(() => both, open)
    deploymentContract(() => both)

    it('may be closed twice', async () => {
      const another = await open({ keyRing, now })
      await another.ping()
      await another.close()
      await another.close()
    })
  })
}
