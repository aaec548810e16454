/** Contract of volatile stores: sessions that an upstream can end by name. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { KeyRing } from '../../src/crypto/keyring.ts'
import { sampleKey, sampleSession, secondsFromNow, simultaneously } from '../support/store/samples.ts'
import type { BothVolatiles, OpenVolatile } from './open-store.ts'

const now = () => new Date()

export function namedSessionsContract(both: () => BothVolatiles, open: OpenVolatile): void {
  const store = () => both()[0]

  describe('sessions an upstream may end', () => {
    const origin = (...names: string[]) => ({ names, memo: { idToken: `canary-${randomUUID()}` } })

    it('stores the origin of a session until it ends', async () => {
      const [session, kept] = [sampleSession(), origin(randomUUID(), randomUUID())]
      expect(await store().sessions.put(session, kept)).toBe(true)
      expect(await both()[1].sessions.origin(session.id)).toEqual(kept)
      expect(await store().sessions.find(session.id)).toEqual(session)
      await store().sessions.delete(session)
      expect(await store().sessions.origin(session.id)).toBeNull()
      expect(await store().sessions.deleteByName('demo', kept.names[0]!)).toEqual([])
    })

    it('stores no origin for a session without one', async () => {
      const [bare, unnamed] = [sampleSession(), sampleSession()]
      await store().sessions.put(bare)
      await store().sessions.put(unnamed, { names: [], memo: undefined })
      expect(await store().sessions.origin(bare.id)).toBeNull()
      expect(await store().sessions.origin(unnamed.id)).toEqual({ names: [], memo: undefined })
    })

    it('ends all sessions of a name, and no others', async () => {
      const [person, userId] = [randomUUID(), randomUUID()]
      const mine = [sampleSession({ userId }), sampleSession({ userId })]
      const other = sampleSession({ userId })
      for (const session of mine) await store().sessions.put(session, origin(person, randomUUID()))
      await store().sessions.put(other, origin(randomUUID()))
      const ended = await both()[1].sessions.deleteByName('demo', person)
      expect(ended.map(({ id }) => id).sort()).toEqual(mine.map(({ id }) => id).sort())
      for (const { id } of mine) {
        expect(await store().sessions.find(id)).toBeNull()
        expect(await store().sessions.origin(id)).toBeNull()
      }
      expect(await store().sessions.list('demo', userId)).toEqual([other])
      expect(await store().sessions.deleteByName('demo', person)).toEqual([])
    })

    it('lists the sessions of a name without ending them', async () => {
      const name = randomUUID()
      const mine = [sampleSession(), sampleSession()]
      const gone = sampleSession()
      for (const session of [...mine, gone]) await store().sessions.put(session, origin(name))
      await store().sessions.put(sampleSession(), origin(randomUUID()))
      await store().sessions.delete(gone)
      const named = await both()[1].sessions.findByName('demo', name)
      expect(named.map(({ id }) => id).toSorted()).toEqual(mine.map(({ id }) => id).toSorted())
      expect(named.find(({ id }) => id === mine[0]!.id)).toEqual(mine[0])
      expect(await store().sessions.findByName('other', name)).toEqual([])
      expect(await store().sessions.findByName('demo', 'nobody')).toEqual([])
      expect(await store().sessions.deleteByName('demo', name)).toHaveLength(2)
      expect(await store().sessions.findByName('demo', name)).toEqual([])
    })

    it("SE-09 never ends another tenant's sessions of the same name", async () => {
      const [name, session] = [randomUUID(), sampleSession()]
      await store().sessions.put(session, origin(name))
      expect(await store().sessions.deleteByName('other', name)).toEqual([])
      expect(await store().sessions.find(session.id)).toEqual(session)
    })

    it('forgets the names of sessions that the user ended, one or all', async () => {
      const [name, userId] = [randomUUID(), randomUUID()]
      const [kept, one, other] = [sampleSession({ userId }), sampleSession({ userId }), sampleSession({ userId })]
      for (const session of [kept, one, other]) await store().sessions.put(session, origin(name))
      await store().sessions.delete(one)
      expect(await store().sessions.deleteAll('demo', userId, kept.id)).toBe(1)
      for (const { id } of [one, other]) expect(await store().sessions.origin(id)).toBeNull()
      expect((await store().sessions.deleteByName('demo', name)).map(({ id }) => id)).toEqual([kept.id])
    })

    it('ends each session of a name for one of 50 concurrent callers', async () => {
      const name = randomUUID()
      for (let count = 0; count < 3; count += 1) await store().sessions.put(sampleSession(), origin(name))
      const ended = await simultaneously(both(), 50, (each) => each.sessions.deleteByName('demo', name))
      expect(ended.flat()).toHaveLength(3)
      expect(new Set(ended.flat().map(({ id }) => id)).size).toBe(3)
    })

    it('leaves no session of a name that was put while the name was ended', async () => {
      const name = randomUUID()
      const sessions = Array.from({ length: 50 }, () => sampleSession())
      const [kept] = await Promise.all([
        simultaneously(both(), 50, (each, turn) => each.sessions.put(sessions[turn]!, origin(name))),
        simultaneously(both(), 10, (each) => each.sessions.deleteByName('demo', name)),
      ])
      const late = await store().sessions.deleteByName('demo', name)
      for (const [turn, { id }] of sessions.entries()) {
        expect(await store().sessions.find(id)).toBeNull()
        if (!kept[turn]) expect(late.some((session) => session.id === id)).toBe(false)
      }
    })

    it('A6 refuses a session of a login from before one of its names was ended, not of a later login', async () => {
      const [name, other] = [randomUUID(), randomUUID()]
      const cameAt = new Date(Date.now() - 2000)
      expect(await both()[1].sessions.deleteByName('demo', name)).toEqual([])
      const [late, fresh, foreign] = [sampleSession(), sampleSession(), sampleSession({ tenant: 'other' })]
      expect(await store().sessions.put(late, { ...origin(other, name), since: cameAt })).toBe(false)
      expect(await store().sessions.find(late.id)).toBeNull()
      expect(await store().sessions.list('demo', late.userId)).toEqual([])
      expect(await store().sessions.origin(late.id)).toBeNull()
      expect(await store().sessions.findByName('demo', other)).toEqual([])
      expect(await store().sessions.put(fresh, { ...origin(name), since: secondsFromNow(2) })).toBe(true)
      expect(await store().sessions.put(foreign, { ...origin(name), since: cameAt })).toBe(true)
      expect(await store().sessions.put(sampleSession(), { names: [], memo: undefined, since: cameAt })).toBe(true)
    })

    it('rejects origins sealed with another key ring', async () => {
      const stranger = await open({ keyRing: new KeyRing([sampleKey()]), now })
      const [session, kept] = [sampleSession(), origin(randomUUID())]
      await store().sessions.put(session, kept)
      expect(await stranger.sessions.origin(session.id)).toBeNull()
      await stranger.close()
    })
  })
}
