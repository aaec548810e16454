/** Contract of volatile stores: sessions. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { KeyRing } from '../../src/crypto/keyring.ts'
import { sampleKey, sampleSession, secondsFromNow, simultaneously } from '../support/store/samples.ts'
import type { BothVolatiles, OpenVolatile } from './open-store.ts'

const now = () => new Date()

export function sessionsContract(both: () => BothVolatiles, open: OpenVolatile): void {
  const store = () => both()[0]

  describe('sessions', () => {
    it('returns a stored session', async () => {
      const full = sampleSession()
      const bare = sampleSession({ profile: {}, acr: undefined, amr: undefined, device: '' })
      const odd = sampleSession({ profile: { groups: [], email: { address: 'a@b.test', verified: false } } })
      for (const session of [full, bare, odd]) {
        expect(await store().sessions.put(session)).toBe(true)
        expect(await both()[1].sessions.find(session.id)).toEqual(session)
      }
    })

    it('moves lastSeenAt and the end of a live session', async () => {
      const session = sampleSession({ idleSeconds: 1 })
      await store().sessions.put(session)
      await store().sessions.touch(session, secondsFromNow(5), secondsFromNow(60))
      const found = await store().sessions.find(session.id)
      expect(found).toEqual({ ...session, lastSeenAt: found?.lastSeenAt })
      expect(found!.lastSeenAt.getTime()).toBeGreaterThan(session.lastSeenAt.getTime())
    })

    it('never restores an ended session by touching it', async () => {
      const session = sampleSession()
      await store().sessions.put(session)
      await store().sessions.delete(session)
      await store().sessions.touch(session, new Date(), secondsFromNow(60))
      expect(await store().sessions.find(session.id)).toBeNull()
      expect(await store().sessions.list('demo', session.userId)).toEqual([])
      expect(await store().sessions.deleteAll('demo', session.userId)).toBe(0)
    })

    it('ends a session for one of 50 concurrent callers', async () => {
      const session = sampleSession()
      await store().sessions.put(session)
      const ended = await simultaneously(both(), 50, (each) => each.sessions.delete(session))
      expect(ended.filter(Boolean)).toHaveLength(1)
    })

    it('lists the newest first, and only this user of this tenant', async () => {
      const userId = randomUUID()
      const older = sampleSession({ userId, createdAt: secondsFromNow(-100) })
      const newer = sampleSession({ userId, createdAt: secondsFromNow(-50) })
      for (const session of [older, newer, sampleSession({ userId, tenant: 'acme' })])
        await store().sessions.put(session)
      expect(await store().sessions.list('demo', userId)).toEqual([newer, older])
    })

    it('ends all sessions of a user but one', async () => {
      const userId = randomUUID()
      const [kept, ...others] = Array.from({ length: 4 }, () => sampleSession({ userId }))
      const foreign = sampleSession({ userId, tenant: 'acme' })
      for (const session of [kept!, ...others, foreign]) await store().sessions.put(session)
      expect(await store().sessions.deleteAll('demo', userId, kept!.id)).toBe(3)
      expect(await store().sessions.list('demo', userId)).toEqual([kept])
      for (const { id } of others) expect(await store().sessions.find(id)).toBeNull()
      expect(await store().sessions.find(foreign.id)).toEqual(foreign)
    })

    it('SE-10 leaves no session that was put while all were ended', async () => {
      const userId = randomUUID()
      const sessions = Array.from({ length: 50 }, () => sampleSession({ userId }))
      const puts = simultaneously(both(), sessions.length, (each, turn) => each.sessions.put(sessions[turn]!))
      const ends = simultaneously(both(), 20, (each) => each.sessions.deleteAll('demo', userId))
      const put = await puts
      await ends
      const listed = new Set((await store().sessions.list('demo', userId)).map(({ id }) => id))
      for (const [turn, { id }] of sessions.entries()) {
        const alive = (await store().sessions.find(id)) !== null
        expect(alive).toBe(listed.has(id)) // nothing lives that the list does not show
        if (!put[turn]) expect(alive).toBe(false)
      }
      expect(await store().sessions.deleteAll('demo', userId)).toBe(listed.size)
      for (const { id } of sessions) expect(await store().sessions.find(id)).toBeNull()
    })

    it('A6 refuses a session of an epoch older than the raised one, of that user only', async () => {
      const [user, other] = [randomUUID(), randomUUID()]
      expect(await store().sessions.put(sampleSession({ userId: user }), undefined, 3)).toBe(true)
      await both()[1].sessions.raiseEpoch('demo', user, 4)
      await store().sessions.raiseEpoch('demo', user, 2) // never lowers it
      const [late, named, current] = [1, 2, 3].map(() => sampleSession({ userId: user }))
      expect(await store().sessions.put(late!, undefined, 3)).toBe(false)
      expect(await store().sessions.put(named!, { names: ['a name of A6'], memo: undefined }, 3)).toBe(false)
      expect(await store().sessions.put(current!, undefined, 4)).toBe(true)
      expect(await store().sessions.put(sampleSession({ userId: other }))).toBe(true)
      expect(await store().sessions.put(sampleSession({ userId: user, tenant: 'other' }))).toBe(true)
      for (const { id } of [late!, named!]) expect(await store().sessions.find(id)).toBeNull()
      expect(await store().sessions.findByName('demo', 'a name of A6')).toEqual([])
      expect(await store().sessions.list('demo', user)).toHaveLength(2)
    })

    it('A6 leaves none of 50 sessions that are put while the epoch is raised and all are ended', async () => {
      const userId = randomUUID()
      const sessions = Array.from({ length: 50 }, () => sampleSession({ userId }))
      await Promise.all([
        simultaneously(both(), 50, (each, turn) => each.sessions.put(sessions[turn]!, undefined, 0)),
        both()[1]
          .sessions.raiseEpoch('demo', userId, 1)
          .then(() => both()[1].sessions.deleteAll('demo', userId)),
      ])
      for (const { id } of sessions) expect(await store().sessions.find(id)).toBeNull()
      expect(await store().sessions.list('demo', userId)).toEqual([])
    })

    it('SE-06 finds a session sealed under an older key, seals it again when touched, and finds none without the key', async () => {
      const [older, newer] = [sampleKey(), sampleKey()]
      const before = await open({ keyRing: new KeyRing([older]), now })
      const during = await open({ keyRing: new KeyRing([newer, older]), now })
      const after = await open({ keyRing: new KeyRing([newer]), now })
      const [touched, idle] = [sampleSession(), sampleSession()]
      await before.sessions.put(touched)
      await before.sessions.put(idle)
      expect(await during.sessions.find(touched.id)).toEqual(touched)
      await during.sessions.touch(touched, touched.lastSeenAt, secondsFromNow(60))
      expect(await after.sessions.find(touched.id)).toEqual(touched)
      expect(await after.sessions.find(idle.id)).toBeNull()
      expect(await after.sessions.list('demo', idle.userId)).toEqual([])
      await Promise.all([before, during, after].map((each) => each.close()))
    })
  })
}
