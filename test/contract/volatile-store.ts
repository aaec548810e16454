/** What every volatile store must do, whatever it is made of. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { VolatileStore } from '../../src/broker/ports/stores.ts'
import { KeyRing } from '../../src/crypto/keyring.ts'
import {
  keyRing,
  sampleEmail,
  sampleKey,
  sampleSession,
  sampleTransaction,
  secondsFromNow,
  together,
} from '../support/store/samples.ts'
import { artifactsContract } from './artifacts.ts'
import { sessionAppsContract } from './session-apps.ts'

/** Opens one more instance on the same storage, as another process would. */
export type OpenVolatile = (options: { readonly keyRing: KeyRing; readonly now: () => Date }) => Promise<VolatileStore>

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

    it('answers null for what it never saw', async () => {
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

    describe('sessions an upstream may end', () => {
      const origin = (...names: string[]) => ({ names, memo: { idToken: `canary-${randomUUID()}` } })

      it('keeps beside a session what it came from, until it ends', async () => {
        const [session, kept] = [sampleSession(), origin(randomUUID(), randomUUID())]
        expect(await store.sessions.put(session, kept)).toBe(true)
        expect(await both[1].sessions.origin(session.id)).toEqual(kept)
        expect(await store.sessions.find(session.id)).toEqual(session)
        await store.sessions.delete(session)
        expect(await store.sessions.origin(session.id)).toBeNull()
        expect(await store.sessions.deleteByName('demo', kept.names[0]!)).toEqual([])
      })

      it('keeps nothing beside a session that came with nothing', async () => {
        const [bare, unnamed] = [sampleSession(), sampleSession()]
        await store.sessions.put(bare)
        await store.sessions.put(unnamed, { names: [], memo: undefined })
        expect(await store.sessions.origin(bare.id)).toBeNull()
        expect(await store.sessions.origin(unnamed.id)).toEqual({ names: [], memo: undefined })
      })

      it('ends all sessions of a name, and no other', async () => {
        const [person, userId] = [randomUUID(), randomUUID()]
        const mine = [sampleSession({ userId }), sampleSession({ userId })]
        const other = sampleSession({ userId })
        for (const session of mine) await store.sessions.put(session, origin(person, randomUUID()))
        await store.sessions.put(other, origin(randomUUID()))
        const ended = await both[1].sessions.deleteByName('demo', person)
        expect(ended.map(({ id }) => id).sort()).toEqual(mine.map(({ id }) => id).sort())
        for (const { id } of mine) {
          expect(await store.sessions.find(id)).toBeNull()
          expect(await store.sessions.origin(id)).toBeNull()
        }
        expect(await store.sessions.list('demo', userId)).toEqual([other])
        expect(await store.sessions.deleteByName('demo', person)).toEqual([])
      })

      it('tells which sessions of a name there are, and ends none by it', async () => {
        const name = randomUUID()
        const mine = [sampleSession(), sampleSession()]
        const gone = sampleSession()
        for (const session of [...mine, gone]) await store.sessions.put(session, origin(name))
        await store.sessions.put(sampleSession(), origin(randomUUID()))
        await store.sessions.delete(gone)
        const named = await both[1].sessions.findByName('demo', name)
        expect(named.map(({ id }) => id).toSorted()).toEqual(mine.map(({ id }) => id).toSorted())
        expect(named.find(({ id }) => id === mine[0]!.id)).toEqual(mine[0])
        expect(await store.sessions.findByName('other', name)).toEqual([])
        expect(await store.sessions.findByName('demo', 'nobody')).toEqual([])
        expect(await store.sessions.deleteByName('demo', name)).toHaveLength(2)
        expect(await store.sessions.findByName('demo', name)).toEqual([])
      })

      it("SE-09 never ends another tenant's sessions of the same name", async () => {
        const [name, session] = [randomUUID(), sampleSession()]
        await store.sessions.put(session, origin(name))
        expect(await store.sessions.deleteByName('other', name)).toEqual([])
        expect(await store.sessions.find(session.id)).toEqual(session)
      })

      it('forgets the names of sessions that the person ended, one by one and all at once', async () => {
        const [name, userId] = [randomUUID(), randomUUID()]
        const [kept, one, other] = [sampleSession({ userId }), sampleSession({ userId }), sampleSession({ userId })]
        for (const session of [kept, one, other]) await store.sessions.put(session, origin(name))
        await store.sessions.delete(one)
        expect(await store.sessions.deleteAll('demo', userId, kept.id)).toBe(1)
        for (const { id } of [one, other]) expect(await store.sessions.origin(id)).toBeNull()
        expect((await store.sessions.deleteByName('demo', name)).map(({ id }) => id)).toEqual([kept.id])
      })

      it('ends each session of a name for one of 50 who end it at once', async () => {
        const name = randomUUID()
        for (let count = 0; count < 3; count += 1) await store.sessions.put(sampleSession(), origin(name))
        const ended = await together(both, 50, (each) => each.sessions.deleteByName('demo', name))
        expect(ended.flat()).toHaveLength(3)
        expect(new Set(ended.flat().map(({ id }) => id)).size).toBe(3)
      })

      it('leaves no session of a name that was put while it was ended', async () => {
        const name = randomUUID()
        const sessions = Array.from({ length: 50 }, () => sampleSession())
        const [kept] = await Promise.all([
          together(both, 50, (each, turn) => each.sessions.put(sessions[turn]!, origin(name))),
          together(both, 10, (each) => each.sessions.deleteByName('demo', name)),
        ])
        const late = await store.sessions.deleteByName('demo', name)
        for (const [turn, { id }] of sessions.entries()) {
          expect(await store.sessions.find(id)).toBeNull()
          if (!kept[turn]) expect(late.some((session) => session.id === id)).toBe(false)
        }
      })

      it('A6 refuses a session of a login that came before one of its names was ended, not of one after', async () => {
        const [name, other] = [randomUUID(), randomUUID()]
        const cameAt = new Date(Date.now() - 2000)
        expect(await both[1].sessions.deleteByName('demo', name)).toEqual([])
        const [late, fresh, foreign] = [sampleSession(), sampleSession(), sampleSession({ tenant: 'other' })]
        expect(await store.sessions.put(late, { ...origin(other, name), since: cameAt })).toBe(false)
        expect(await store.sessions.find(late.id)).toBeNull()
        expect(await store.sessions.list('demo', late.userId)).toEqual([])
        expect(await store.sessions.origin(late.id)).toBeNull()
        expect(await store.sessions.findByName('demo', other)).toEqual([])
        expect(await store.sessions.put(fresh, { ...origin(name), since: secondsFromNow(2) })).toBe(true)
        expect(await store.sessions.put(foreign, { ...origin(name), since: cameAt })).toBe(true)
        expect(await store.sessions.put(sampleSession(), { names: [], memo: undefined, since: cameAt })).toBe(true)
      })

      it('refuses what it keeps under another key ring', async () => {
        const stranger = await open({ keyRing: new KeyRing([sampleKey()]), now })
        const [session, kept] = [sampleSession(), origin(randomUUID())]
        await store.sessions.put(session, kept)
        expect(await stranger.sessions.origin(session.id)).toBeNull()
        await stranger.close()
      })
    })

    describe('sessions', () => {
      it('gives back a session as it was', async () => {
        const full = sampleSession()
        const bare = sampleSession({ profile: {}, acr: undefined, amr: undefined, device: '' })
        const odd = sampleSession({ profile: { groups: [], email: { address: 'a@b.test', verified: false } } })
        for (const session of [full, bare, odd]) {
          expect(await store.sessions.put(session)).toBe(true)
          expect(await both[1].sessions.find(session.id)).toEqual(session)
        }
      })

      it('moves seenAt and the end of a live session', async () => {
        const session = sampleSession({ idleSeconds: 1 })
        await store.sessions.put(session)
        await store.sessions.touch(session, secondsFromNow(5), secondsFromNow(60))
        const found = await store.sessions.find(session.id)
        expect(found).toEqual({ ...session, seenAt: found?.seenAt })
        expect(found!.seenAt.getTime()).toBeGreaterThan(session.seenAt.getTime())
      })

      it('never brings back an ended session by touching it', async () => {
        const session = sampleSession()
        await store.sessions.put(session)
        await store.sessions.delete(session)
        await store.sessions.touch(session, new Date(), secondsFromNow(60))
        expect(await store.sessions.find(session.id)).toBeNull()
        expect(await store.sessions.list('demo', session.userId)).toEqual([])
        expect(await store.sessions.deleteAll('demo', session.userId)).toBe(0)
      })

      it('ends a session for one of 50 who end it at once', async () => {
        const session = sampleSession()
        await store.sessions.put(session)
        const ended = await together(both, 50, (each) => each.sessions.delete(session))
        expect(ended.filter(Boolean)).toHaveLength(1)
      })

      it('SE-10 forgets a session at its end, also in its user’s list', async () => {
        const userId = randomUUID()
        const short = sampleSession({ userId, idleSeconds: 1 })
        const long = sampleSession({ userId })
        await store.sessions.put(short)
        await store.sessions.put(long)
        await vi.waitFor(async () => expect(await store.sessions.find(short.id)).toBeNull(), 5000)
        expect((await store.sessions.list('demo', userId)).map(({ id }) => id)).toEqual([long.id])
        expect(await store.sessions.deleteAll('demo', userId)).toBe(1)
      })

      it('lists the newest first, and only this user of this tenant', async () => {
        const userId = randomUUID()
        const older = sampleSession({ userId, createdAt: secondsFromNow(-100) })
        const newer = sampleSession({ userId, createdAt: secondsFromNow(-50) })
        for (const session of [older, newer, sampleSession({ userId, tenant: 'acme' })])
          await store.sessions.put(session)
        expect(await store.sessions.list('demo', userId)).toEqual([newer, older])
      })

      it('ends all sessions of a user but one', async () => {
        const userId = randomUUID()
        const [kept, ...others] = Array.from({ length: 4 }, () => sampleSession({ userId }))
        const foreign = sampleSession({ userId, tenant: 'acme' })
        for (const session of [kept!, ...others, foreign]) await store.sessions.put(session)
        expect(await store.sessions.deleteAll('demo', userId, kept!.id)).toBe(3)
        expect(await store.sessions.list('demo', userId)).toEqual([kept])
        for (const { id } of others) expect(await store.sessions.find(id)).toBeNull()
        expect(await store.sessions.find(foreign.id)).toEqual(foreign)
      })

      it('SE-10 leaves no session behind that was put while all were ended', async () => {
        const userId = randomUUID()
        const sessions = Array.from({ length: 50 }, () => sampleSession({ userId }))
        const puts = together(both, sessions.length, (each, turn) => each.sessions.put(sessions[turn]!))
        const ends = together(both, 20, (each) => each.sessions.deleteAll('demo', userId))
        const put = await puts
        await ends
        const listed = new Set((await store.sessions.list('demo', userId)).map(({ id }) => id))
        for (const [turn, { id }] of sessions.entries()) {
          const alive = (await store.sessions.find(id)) !== null
          expect(alive).toBe(listed.has(id)) // nothing lives that the list does not show
          if (!put[turn]) expect(alive).toBe(false)
        }
        expect(await store.sessions.deleteAll('demo', userId)).toBe(listed.size)
        for (const { id } of sessions) expect(await store.sessions.find(id)).toBeNull()
      })

      it('A6 refuses a session of an epoch older than the last raised one, and only of that user', async () => {
        const [user, other] = [randomUUID(), randomUUID()]
        expect(await store.sessions.put(sampleSession({ userId: user }), undefined, 3)).toBe(true)
        await both[1].sessions.raiseEpoch('demo', user, 4)
        await store.sessions.raiseEpoch('demo', user, 2) // never lowers it
        const [late, named, current] = [1, 2, 3].map(() => sampleSession({ userId: user }))
        expect(await store.sessions.put(late!, undefined, 3)).toBe(false)
        expect(await store.sessions.put(named!, { names: ['a name of A6'], memo: undefined }, 3)).toBe(false)
        expect(await store.sessions.put(current!, undefined, 4)).toBe(true)
        expect(await store.sessions.put(sampleSession({ userId: other }))).toBe(true)
        expect(await store.sessions.put(sampleSession({ userId: user, tenant: 'other' }))).toBe(true)
        for (const { id } of [late!, named!]) expect(await store.sessions.find(id)).toBeNull()
        expect(await store.sessions.findByName('demo', 'a name of A6')).toEqual([])
        expect(await store.sessions.list('demo', user)).toHaveLength(2)
      })

      it('A6 leaves none of 50 sessions that are put while the epoch is raised and all are ended', async () => {
        const userId = randomUUID()
        const sessions = Array.from({ length: 50 }, () => sampleSession({ userId }))
        await Promise.all([
          together(both, 50, (each, turn) => each.sessions.put(sessions[turn]!, undefined, 0)),
          both[1].sessions.raiseEpoch('demo', userId, 1).then(() => both[1].sessions.deleteAll('demo', userId)),
        ])
        for (const { id } of sessions) expect(await store.sessions.find(id)).toBeNull()
        expect(await store.sessions.list('demo', userId)).toEqual([])
      })

      it('SE-06 finds a session sealed under an older key, seals it anew when touched, and not without a key', async () => {
        const [older, newer] = [sampleKey(), sampleKey()]
        const before = await open({ keyRing: new KeyRing([older]), now })
        const during = await open({ keyRing: new KeyRing([newer, older]), now })
        const after = await open({ keyRing: new KeyRing([newer]), now })
        const [touched, idle] = [sampleSession(), sampleSession()]
        await before.sessions.put(touched)
        await before.sessions.put(idle)
        expect(await during.sessions.find(touched.id)).toEqual(touched)
        await during.sessions.touch(touched, touched.seenAt, secondsFromNow(60))
        expect(await after.sessions.find(touched.id)).toEqual(touched)
        expect(await after.sessions.find(idle.id)).toBeNull()
        expect(await after.sessions.list('demo', idle.userId)).toEqual([])
        await Promise.all([before, during, after].map((each) => each.close()))
      })
    })

    describe('login transactions', () => {
      it('gives a transaction fresh to one of 50 who take it at once, and its resume to the others', async () => {
        const transaction = sampleTransaction()
        await store.transactions.put(transaction, 60)
        const taken = await together(both, 50, (each) => each.transactions.take(transaction.state))
        const fresh = taken.filter((each) => each?.outcome === 'fresh')
        expect(fresh).toEqual([{ outcome: 'fresh', transaction }])
        const used = { outcome: 'used', resume: transaction.resume, browser: transaction.browser }
        expect(taken.filter((each) => each?.outcome === 'used')).toEqual(Array.from({ length: 49 }, () => used))
      })

      it('keeps that a new sign-in was asked for', async () => {
        const { resume } = sampleTransaction()
        const transaction = sampleTransaction({
          resume: { ...resume, reauthentication: 'asked' },
          steps: [],
          memo: {},
        })
        await store.transactions.put(transaction, 60)
        expect(await store.transactions.take(transaction.state)).toEqual({ outcome: 'fresh', transaction })
      })

      it('forgets a transaction after the time it was to be kept', async () => {
        const transaction = sampleTransaction()
        await store.transactions.put(transaction, 1)
        await store.transactions.take(transaction.state)
        await vi.waitFor(async () => expect(await store.transactions.take(transaction.state)).toBeNull(), 5000)
      })

      it('knows nothing of a transaction whose key is gone', async () => {
        const transaction = sampleTransaction()
        await store.transactions.put(transaction, 60)
        const stranger = await open({ keyRing: new KeyRing([sampleKey()]), now })
        expect(await stranger.transactions.take(transaction.state)).toBeNull()
        await stranger.close()
      })
    })

    describe('one-time codes', () => {
      it('A10 are leased to one of 50 who ask at once, and again once they are released or the lease is over', async () => {
        const owner = sampleEmail()
        expect(await store.codes.lease('reset', owner, 'hash', 60)).toBeNull()
        await store.codes.release('reset', owner, 'hash')
        await store.codes.put('reset', owner, 'hash', 'content', 600)
        for (const seconds of [60, 1]) {
          const leased = await together(both, 50, (each) => each.codes.lease('reset', owner, 'hash', seconds))
          expect(leased.filter((each) => each !== null)).toEqual(['content'])
          if (seconds === 60) await both[1].codes.release('reset', owner, 'hash')
        }
        await vi.waitFor(async () => expect(await store.codes.lease('reset', owner, 'hash', 60)).toBe('content'), 5000)
        expect(await store.codes.lease('reset', owner, 'wrong', 60)).toBeNull()
        expect(await store.codes.take('reset', owner, 'hash')).toBe('content')
        await store.codes.release('reset', owner, 'hash')
        expect(await store.codes.lease('reset', owner, 'hash', 60)).toBeNull()
      })

      it('A10 that replace a leased one can be leased', async () => {
        const owner = sampleEmail()
        await store.codes.put('reset', owner, 'older', 1, 60)
        expect(await store.codes.lease('reset', owner, 'older', 60)).toBe(1)
        await store.codes.put('reset', owner, 'newer', 2, 60)
        expect(await both[1].codes.lease('reset', owner, 'newer', 60)).toBe(2)
        await store.codes.release('reset', owner, 'older')
        expect(await store.codes.lease('reset', owner, 'older', 60)).toBeNull()
      })

      it('gives the content to one of 50 who take it at once', async () => {
        const owner = sampleEmail()
        const content = { email: owner, list: [1, null, { a: 'b' }] }
        await store.codes.put('reset', owner, 'hash', content, 60)
        const taken = await together(both, 50, (each) => each.codes.take('reset', owner, 'hash'))
        expect(taken.filter((each) => each !== null)).toEqual([content])
      })

      it('consumes nothing for a wrong hash, another purpose, another owner, or a look', async () => {
        const owner = sampleEmail()
        await store.codes.put('reset', owner, 'hash', 'content', 60)
        for (const wrong of ['', 'has', 'hash2', 'HASH', 'hash\n']) {
          expect(await store.codes.peek('reset', owner, wrong)).toBeNull()
          expect(await store.codes.take('reset', owner, wrong)).toBeNull()
        }
        expect(await store.codes.take('sign-up', owner, 'hash')).toBeNull()
        expect(await store.codes.take('reset', sampleEmail(), 'hash')).toBeNull()
        expect(await store.codes.peek('reset', owner, 'hash')).toBe('content')
        expect(await store.codes.take('reset', owner, 'hash')).toBe('content')
        expect(await store.codes.peek('reset', owner, 'hash')).toBeNull()
      })

      it('lets the newest code replace the older one', async () => {
        const owner = sampleEmail()
        await store.codes.put('sign-up', owner, 'older', 1, 60)
        await store.codes.put('sign-up', owner, 'newer', 2, 60)
        expect(await store.codes.take('sign-up', owner, 'older')).toBeNull()
        expect(await store.codes.take('sign-up', owner, 'newer')).toBe(2)
      })

      it('forgets a code in time', async () => {
        const owner = sampleEmail()
        await store.codes.put('link', owner, 'hash', 'content', 1)
        await vi.waitFor(async () => expect(await store.codes.peek('link', owner, 'hash')).toBeNull(), 5000)
        expect(await store.codes.take('link', owner, 'hash')).toBeNull()
      })
    })

    describe('counters', () => {
      it('counts every one of 50 hits at once, within the window of the first', async () => {
        const key = randomUUID()
        const hits = await together(both, 50, (each) => each.counters.hit(key, 60))
        expect(hits.map(({ count }) => count).sort((a, b) => a - b)).toEqual(
          Array.from({ length: 50 }, (_, i) => i + 1),
        )
        for (const { resetSeconds } of hits) expect([59, 60]).toContain(resetSeconds)
        expect((await store.counters.hit(key, 3600)).resetSeconds).toBeLessThanOrEqual(60)
      })

      it('A7 takes back as many hits as there are, and keeps the end of the window', async () => {
        const key = randomUUID()
        await store.counters.refund(key)
        for (let turn = 0; turn < 3; turn += 1) await store.counters.hit(key, 60)
        await together(both, 50, (each) => each.counters.refund(key))
        expect(await store.counters.count(key)).toBe(0)
        expect(await store.counters.hit(key, 3600)).toMatchObject({ count: 1 })
        expect((await store.counters.hit(key, 3600)).resetSeconds).toBeLessThanOrEqual(60)
      })

      it('tells how many hits a window holds, and adds none by it', async () => {
        const key = randomUUID()
        expect(await store.counters.count(key)).toBe(0)
        await together(both, 3, (each) => each.counters.hit(key, 60))
        expect([await store.counters.count(key), await both[1].counters.count(key)]).toEqual([3, 3])
        await store.counters.forget(key)
        expect(await store.counters.count(key)).toBe(0)
      })

      it('begins a new window when the first is over, and when told to forget', async () => {
        const key = randomUUID()
        await store.counters.hit(key, 60)
        await store.counters.forget(key)
        expect(await store.counters.hit(key, 1)).toEqual({ count: 1, resetSeconds: 1 })
        await vi.waitFor(async () => expect((await store.counters.hit(key, 1)).count).toBe(1), {
          timeout: 5000,
          interval: 1100,
        })
      })
    })

    it('keeps browser records until they are removed or their time is over', async () => {
      const id = randomUUID()
      await store.browsers.put(id, '{"first":1}', 60)
      await store.browsers.put(id, '{"second":"ö"}', 60)
      expect(await both[1].browsers.get(id)).toBe('{"second":"ö"}')
      await store.browsers.remove(id)
      expect(await store.browsers.get(id)).toBeNull()
      await store.browsers.put(id, '{}', 1)
      await vi.waitFor(async () => expect(await store.browsers.get(id)).toBeNull(), 5000)
    })

    artifactsContract(() => both, open)
    sessionAppsContract(() => both, open)

    it('may be closed twice', async () => {
      const another = await open({ keyRing, now })
      await another.ping()
      await another.close()
      await another.close()
    })
  })
}
