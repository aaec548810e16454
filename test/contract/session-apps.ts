/** What every volatile store must do for the apps sessions signed in to. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { SessionApp, VolatileStore } from '../../src/broker/ports/volatile.ts'
import type { Session } from '../../src/broker/session/session.ts'
import { KeyRing } from '../../src/crypto/keyring.ts'
import { keyRing, sampleKey, sampleSession, secondsFromNow, simultaneously } from '../support/store/samples.ts'
import type { BothVolatiles, OpenVolatile } from './open-store.ts'

const got = (changes: Partial<SessionApp> = {}) => ({ sid: randomUUID(), grantId: randomUUID(), ...changes })

export function sessionAppsContract(both: () => BothVolatiles, open: OpenVolatile): void {
  const store = () => both()[0]
  const started = async (changes: Partial<Session> = {}) => {
    const session = sampleSession(changes)
    await store().sessions.put(session)
    return session
  }

  describe('apps of sessions', () => {
    it('returns nothing for a session and a user without apps', async () => {
      expect(await store().sessionApps.of('unknown')).toEqual(new Map())
      expect(await store().sessionApps.of((await started()).id)).toEqual(new Map())
      expect(await store().sessionApps.grantsOf('demo', 'nobody')).toEqual([])
      await store().sessionApps.forget('unknown')
    })

    it('returns each app, and the latest entry of each', async () => {
      const session = await started()
      const [first, second, again] = [got(), got(), got()]
      await store().sessionApps.put(session, 'app 1', first)
      await store().sessionApps.put(session, 'app 2', second)
      const apps = both()[1].sessionApps
      expect(await apps.of(session.id)).toEqual(
        new Map([
          ['app 1', first],
          ['app 2', second],
        ]),
      )
      await store().sessionApps.put(session, 'app 1', again)
      expect((await apps.of(session.id)).get('app 1')).toEqual(again)
      expect((await apps.of((await started()).id)).size).toBe(0)
    })

    it('stores 50 apps that are put concurrently', async () => {
      const session = await started()
      const all = Array.from({ length: 50 }, () => got())
      await simultaneously(both(), 50, (each, turn) => each.sessionApps.put(session, `app ${turn}`, all[turn]!))
      const apps = await store().sessionApps.of(session.id)
      expect(apps).toEqual(new Map(all.map((each, turn) => [`app ${turn}`, each])))
      const grants = await store().sessionApps.grantsOf('demo', session.userId)
      expect([...grants].sort()).toEqual(all.map(({ grantId }) => grantId).sort())
    })

    it('returns the apps of an ended session until it is forgotten', async () => {
      const session = await started()
      await store().sessionApps.put(session, 'app', got())
      await store().sessions.delete(session)
      expect((await both()[1].sessionApps.of(session.id)).size).toBe(1)
      await store().sessionApps.forget(session.id)
      expect((await both()[1].sessionApps.of(session.id)).size).toBe(0)
    })

    it('stores only the grant for a session that has ended', async () => {
      const [session, { sid, grantId }] = [await started(), got()]
      await store().sessions.delete(session)
      await store().sessionApps.put(session, 'app', { sid, grantId })
      expect((await store().sessionApps.of(session.id)).size).toBe(0)
      expect(await store().sessionApps.grantsOf('demo', session.userId)).toEqual([grantId])
    })

    it('A5 lists the grants of a connection, also when another session took them over', async () => {
      const userId = randomUUID()
      const [from, to] = [
        sampleSession({ userId, connection: 'linkedin' }),
        sampleSession({ userId, connection: 'okta' }),
      ]
      for (const session of [from, to]) await store().sessions.put(session)
      const [first, second] = [randomUUID(), randomUUID()]
      await store().sessionApps.put(from, 'app 1', { sid: 'sid', grantId: first })
      await store().sessionApps.put(to, 'app 2', { sid: 'sid', grantId: second })
      const of = async (connection: string) =>
        [...(await both()[1].sessionApps.grantsOfConnection('demo', userId, connection))].toSorted()
      expect([await of('linkedin'), await of('okta'), await of('other')]).toEqual([[first], [second], []])
      await store().sessionApps.carryOver(from, to)
      expect([await of('linkedin'), await of('okta')]).toEqual([[first], [first, second].toSorted()])
    })

    it('stores no app of a session that is ended and forgotten concurrently', async () => {
      const sessions = await Promise.all(Array.from({ length: 50 }, () => started()))
      await Promise.all([
        simultaneously(both(), 50, (each, turn) => each.sessionApps.put(sessions[turn]!, 'app', got())),
        simultaneously(both(), 50, async (each, turn) => {
          await each.sessions.delete(sessions[turn]!)
          await each.sessionApps.forget(sessions[turn]!.id)
        }),
      ])
      for (const { id } of sessions) expect((await store().sessionApps.of(id)).size).toBe(0)
    })

    it('SE-09 lists the grants of one user, of one app or all, and of no other user or tenant', async () => {
      const userId = randomUUID()
      const [one, other] = [await started({ userId }), await started({ userId })]
      const foreign = await started({ userId, tenant: 'acme' })
      const [first, second, third, hidden] = [got(), got(), got(), got()]
      await store().sessionApps.put(one, 'app 1', first)
      await store().sessionApps.put(other, 'app 1', second)
      await store().sessionApps.put(other, 'app 2', third)
      await store().sessionApps.put(foreign, 'app 1', hidden)
      const grantsOf = async (...filter: [string?]) =>
        [...(await both()[1].sessionApps.grantsOf('demo', userId, ...filter))].sort()
      expect(await grantsOf('app 1')).toEqual([first.grantId, second.grantId].sort())
      expect(await grantsOf('app 2')).toEqual([third.grantId])
      expect(await grantsOf('app 3')).toEqual([])
      expect(await grantsOf()).toEqual([first, second, third].map(({ grantId }) => grantId).sort())
    })

    it('lists a grant once', async () => {
      const [session, app] = [await started(), got()]
      for (let turn = 0; turn < 3; turn += 1) await store().sessionApps.put(session, 'app', app)
      expect(await store().sessionApps.grantsOf('demo', session.userId, 'app')).toEqual([app.grantId])
    })

    it('lists a grant of an ended session while an artifact of it lives, as with offline access', async () => {
      const over = await started({ expiresAt: secondsFromNow(-3600) })
      const [living, dead] = [got(), got()]
      await store().artifacts.put({
        model: 'RefreshToken',
        id: randomUUID(),
        content: {},
        seconds: 60,
        grant: living.grantId,
      })
      await store().sessionApps.put(over, 'app', living)
      await store().sessionApps.put(over, 'app', dead)
      expect(await store().sessionApps.grantsOf('demo', over.userId)).toEqual([living.grantId])
    })

    const signedInTwice = async (changes: Partial<Session> = {}) => {
      const userId = randomUUID()
      return [await started({ userId }), await started({ userId, ...changes })] as const
    }

    it('carries the apps of a session over to its successor', async () => {
      const [[from, to], [first, second]] = [await signedInTwice(), [got(), got()]]
      await store().sessionApps.put(from, 'app 1', first)
      await store().sessionApps.put(from, 'app 2', second)
      await store().sessionApps.carryOver(from, to)
      await store().sessions.delete(from)
      await store().sessionApps.forget(from.id)
      const apps = both()[1].sessionApps
      expect(await apps.successorOf(from.id)).toBe(to.id)
      expect(await apps.successorOf(to.id)).toBeNull()
      expect([...(await apps.of(to.id))].toSorted()).toEqual([
        ['app 1', first],
        ['app 2', second],
      ])
      expect([...(await apps.grantsOf('demo', from.userId))].toSorted()).toEqual(
        [first.grantId, second.grantId].toSorted(),
      )
    })

    it.each([
      ['by itself', async ({ sessions }: VolatileStore, session: Session) => sessions.delete(session)],
      [
        'with all',
        async ({ sessions }: VolatileStore, { tenant, userId }: Session) => sessions.deleteAll(tenant, userId),
      ],
    ])('finds no live successor once it is ended, %s', async (_, endSession) => {
      const [from, to] = await signedInTwice()
      await store().sessionApps.put(from, 'app', got())
      await store().sessionApps.carryOver(from, to)
      await store().sessions.delete(from)
      await endSession(both()[1], to)
      const next = (await store().sessionApps.successorOf(from.id)) ?? ''
      expect(await store().sessions.find(next)).toBeNull()
    })

    it('finds the successor of the last fifty sessions by one read', async () => {
      const userId = randomUUID()
      const line = [await started({ userId })]
      await store().sessionApps.put(line[0]!, 'app', got())
      for (let turn = 1; turn <= 52; turn += 1) {
        const [from, to] = [line.at(-1)!, await started({ userId })]
        await both()[turn % 2]!.sessionApps.carryOver(from, to)
        await store().sessions.delete(from)
        await store().sessionApps.forget(from.id)
        line.push(to)
      }
      const newest = line.at(-1)!.id
      const led = await Promise.all(line.map(({ id }) => store().sessionApps.successorOf(id)))
      expect(led.slice(2, -1)).toEqual(Array(50).fill(newest))
      for (const forgotten of led.slice(0, 2))
        expect(forgotten === null || (await store().sessions.find(forgotten)) === null).toBe(true)
      expect((await store().sessionApps.of(newest)).size).toBe(1)
    })

    it('carries nothing over without apps, or to a session that has ended', async () => {
      const [bare, next] = await signedInTwice()
      await store().sessionApps.carryOver(bare, next)
      expect(await store().sessionApps.successorOf(bare.id)).toBeNull()
      const [from, gone] = await signedInTwice()
      await store().sessionApps.put(from, 'app', got())
      await store().sessions.delete(gone)
      await store().sessionApps.carryOver(from, gone)
      expect(await store().sessionApps.successorOf(from.id)).toBeNull()
      expect((await store().sessionApps.of(gone.id)).size).toBe(0)
    })

    it.each([
      ['another user', { userId: 'somebody' }],
      ['the same name in another tenant', { tenant: 'acme' }],
    ])('SE-09 never carries over to a session of %s', async (_, changes) => {
      const [from, to] = await signedInTwice(changes)
      await store().sessionApps.put(from, 'app', got())
      await store().sessionApps.carryOver(from, to)
      expect(await store().sessionApps.successorOf(from.id)).toBeNull()
      expect((await store().sessionApps.of(to.id)).size).toBe(0)
    })

    it('lists a grant that was carried over until the successor ends', async () => {
      const userId = randomUUID()
      const from = await started({ userId, expiresAt: secondsFromNow(600) })
      const [to, app] = [await started({ userId }), got()]
      await store().sessionApps.put(from, 'app', app)
      await store().sessionApps.carryOver(from, to)
      const inTheFuture = await open({ keyRing, now: () => secondsFromNow(86_400) })
      expect(await inTheFuture.sessionApps.grantsOf('demo', userId)).toEqual([app.grantId])
      await inTheFuture.close()
    })

    it('SE-06 opens records under an older key of the ring, and not without it', async () => {
      const now = () => new Date()
      const [older, newer] = [sampleKey(), sampleKey()]
      const before = await open({ keyRing: new KeyRing([older]), now })
      const during = await open({ keyRing: new KeyRing([newer, older]), now })
      const after = await open({ keyRing: new KeyRing([newer]), now })
      const [session, app] = [await started(), got()]
      await before.sessionApps.put(session, 'app', app)
      expect(await during.sessionApps.of(session.id)).toEqual(new Map([['app', app]]))
      expect(await during.sessionApps.grantsOf('demo', session.userId)).toEqual([app.grantId])
      expect((await after.sessionApps.of(session.id)).size).toBe(0)
      expect(await after.sessionApps.grantsOf('demo', session.userId)).toEqual([])
      await Promise.all([before, during, after].map((each) => each.close()))
    })
  })
}
