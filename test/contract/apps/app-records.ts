/**
 * What every durable store must do for apps: their records, consents, the keys we sign with, and
 * the logouts they are told of.
 */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Consent } from '../../../src/broker/ports/durable.ts'
import { sampleApp, sampleTenant, secondsFromNow, simultaneously } from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

export function appRecordsContract(both: () => BothDurables): void {
  describe('apps', () => {
    it('returns a stored app by its ID and by the hashes of its secrets', async () => {
      const [store, other] = both()
      const full = sampleApp()
      const bare = sampleApp({
        logoUri: undefined,
        backchannelLogoutUri: undefined,
        owner: undefined,
        tenants: 'all',
        firstParty: true,
        secrets: [],
        keys: [],
        redirectUris: [],
      })
      for (const app of [full, bare]) {
        expect(await store.apps.create(app)).toBe(true)
        expect(await other.apps.find(app.id)).toStrictEqual(app)
      }
      for (const { hash } of full.secrets) expect(await other.apps.findBySecret(hash)).toStrictEqual(full)
    })

    it('creates an app for one of 50 concurrent callers with the same ID', async () => {
      const id = randomUUID()
      const apps = Array.from({ length: 50 }, () => ({ ...sampleApp(), id }))
      const created = await simultaneously(both(), 50, (each, turn) => each.apps.create(apps[turn]!))
      expect(created.filter(Boolean)).toHaveLength(1)
      const winner = apps[created.indexOf(true)]!
      expect(await both()[0].apps.find(id)).toEqual(winner)
      for (const app of apps) {
        const found = await both()[1].apps.findBySecret(app.secrets[0]!.hash)
        expect(found).toEqual(app === winner ? winner : null)
      }
    })

    it('updates an app for one of 50 concurrent callers with the same revision', async () => {
      const [store] = both()
      const app = sampleApp()
      await store.apps.create(app)
      const changed = await simultaneously(both(), 50, (each, turn) =>
        each.apps.update({ ...app, name: `name ${turn}` }),
      )
      expect(changed.filter(Boolean)).toHaveLength(1)
      const name = `name ${changed.indexOf(true)}`
      expect(await store.apps.find(app.id)).toEqual({ ...app, name, revision: app.revision + 1 })
      expect(await store.apps.update({ ...app, revision: app.revision + 2 })).toBe(false)
      expect(await store.apps.update(sampleApp())).toBe(false)
    })

    it('finds no app by a removed secret', async () => {
      const [store] = both()
      const app = sampleApp()
      const [old, kept] = app.secrets
      await store.apps.create(app)
      expect(await store.apps.update({ ...app, secrets: [kept!] })).toBe(true)
      expect(await store.apps.findBySecret(old!.hash)).toBeNull()
      expect((await store.apps.findBySecret(kept!.hash))?.id).toBe(app.id)
    })

    it('SE-09 lists the apps of one owner only, newest first', async () => {
      const [store] = both()
      const owner = { tenant: sampleTenant(), userId: randomUUID() }
      const older = sampleApp({ owner, createdAt: secondsFromNow(-60) })
      const newer = sampleApp({ owner })
      const foreign = sampleApp({ owner: { ...owner, tenant: sampleTenant() } })
      for (const app of [older, newer, foreign, sampleApp({ owner: undefined })]) await store.apps.create(app)
      expect(await both()[1].apps.ownedBy(owner.tenant, owner.userId)).toEqual([newer, older])
      const ids = (await both()[1].apps.all()).map(({ id }) => id)
      expect(ids.filter((id) => [older, newer, foreign].some((app) => app.id === id))).toHaveLength(3)
      expect(ids.indexOf(newer.id)).toBeLessThan(ids.indexOf(older.id))
    })

    it('removes an app with its secrets and uses, for one of 50 concurrent callers', async () => {
      const [store] = both()
      const app = sampleApp()
      await store.apps.create(app)
      await store.apps.recordUse(app.id, 's1', new Date())
      const removed = await simultaneously(both(), 50, (each) => each.apps.remove(app.id))
      expect(removed.filter(Boolean)).toHaveLength(1)
      expect(await store.apps.find(app.id)).toBeNull()
      expect(await store.apps.findBySecret(app.secrets[0]!.hash)).toBeNull()
      expect(await store.apps.usesOf(app.id)).toEqual(new Map())
    })

    it('records the last use of a credential to the minute, and never an earlier one', async () => {
      const [store] = both()
      const [id, at] = [randomUUID(), new Date()]
      const inTheFuture = (seconds: number) => new Date(at.getTime() + seconds * 1000)
      const used = async (seconds: number) => {
        await store.apps.recordUse(id, 's1', inTheFuture(seconds))
        return (await both()[1].apps.usesOf(id)).get('s1')
      }
      expect(await used(0)).toEqual(at)
      expect(await used(59)).toEqual(at)
      expect(await used(60)).toEqual(inTheFuture(60))
      expect(await used(-3600)).toEqual(inTheFuture(60))
      await store.apps.recordUse(id, 'k1', at)
      await store.apps.recordUse(randomUUID(), 's1', at)
      expect([...(await store.apps.usesOf(id)).keys()].sort()).toEqual(['k1', 's1'])
    })

    it('returns the last use of each of several apps', async () => {
      const [store, other] = both()
      const [one, two, unused, at] = [randomUUID(), randomUUID(), randomUUID(), new Date()]
      const later = new Date(at.getTime() + 60_000)
      await store.apps.recordUse(one, 's1', later)
      await store.apps.recordUse(one, 'k1', at)
      await store.apps.recordUse(two, 's1', at)
      const expected = new Map([
        [one, later],
        [two, at],
      ])
      expect(await other.apps.lastUses([one, two, unused])).toEqual(expected)
      expect(await other.apps.lastUses([])).toEqual(new Map())
    })

    it('records one use for 50 concurrent uses of a credential', async () => {
      const [id, at] = [randomUUID(), new Date()]
      await simultaneously(both(), 50, (each) => each.apps.recordUse(id, 's1', at))
      expect(await both()[0].apps.usesOf(id)).toEqual(new Map([['s1', at]]))
    })
  })

  describe('consents', () => {
    const consent = (changes: Partial<Consent> = {}) => ({
      tenant: 'demo',
      userId: randomUUID(),
      appId: randomUUID(),
      scopes: ['openid', 'email'],
      grantedAt: secondsFromNow(0),
      ...changes,
    })

    it('adds scopes to those given before, and keeps the time of the first consent', async () => {
      const [store, other] = both()
      const first = consent()
      await store.consents.give(first)
      const inTheFuture = { ...first, scopes: ['email', 'groups'], grantedAt: secondsFromNow(60) }
      await store.consents.give(inTheFuture)
      const scopes = ['openid', 'email', 'groups']
      expect(await other.consents.find(first.tenant, first.userId, first.appId)).toEqual({
        ...inTheFuture,
        scopes,
        firstGrantedAt: first.grantedAt,
      })
    })

    it('stores the scopes of 50 concurrent consents', async () => {
      const given = consent()
      await simultaneously(both(), 50, (each, turn) => each.consents.give({ ...given, scopes: [`scope ${turn}`] }))
      const kept = await both()[0].consents.find(given.tenant, given.userId, given.appId)
      expect(new Set(kept?.scopes)).toEqual(new Set(Array.from({ length: 50 }, (_, turn) => `scope ${turn}`)))
    })

    it('SE-09 lists the consents of one user, newest first, and revokes one of them', async () => {
      const [store] = both()
      const [older, newer] = [consent({ grantedAt: secondsFromNow(-60) }), consent()]
      const mine = { ...newer, userId: older.userId }
      const foreign = { ...older, tenant: sampleTenant() }
      for (const each of [older, mine, foreign, newer]) await store.consents.give(each)
      const appsOf = async (tenant: string) =>
        (await store.consents.ofUser(tenant, older.userId)).map(({ appId }) => appId)
      expect(await appsOf('demo')).toEqual([mine.appId, older.appId])
      const revoked = await simultaneously(both(), 50, (each) =>
        each.consents.revoke('demo', older.userId, older.appId),
      )
      expect(revoked.filter(Boolean)).toHaveLength(1)
      expect(await appsOf('demo')).toEqual([mine.appId])
      expect(await appsOf(foreign.tenant)).toEqual([foreign.appId])
    })

    it('SE-09 lists the users of one app in pages, newest consent first, each once', async () => {
      const [store, other] = both()
      const appId = randomUUID()
      const times = [-60, -60, -30, 0, 0].map(secondsFromNow)
      const given = times.map((grantedAt) => consent({ appId, grantedAt }))
      for (const each of [...given, consent()]) await store.consents.give(each)
      const first = await other.consents.ofApp(appId, { limit: 2 })
      // a consent given again does not move its user
      await store.consents.give({ ...given[0]!, grantedAt: secondsFromNow(60) })
      const second = await other.consents.ofApp(appId, { limit: 2, after: first[1] })
      const third = await other.consents.ofApp(appId, { limit: 2, after: second[1] })
      const listed = [...first, ...second, ...third]
      expect(listed.map(({ userId }) => userId).toSorted()).toEqual(given.map(({ userId }) => userId).toSorted())
      expect(listed.map(({ firstGrantedAt }) => firstGrantedAt)).toEqual(times.toReversed())
      expect(await other.consents.ofApp(appId, { limit: 2, after: third[0] })).toEqual([])
    })

    it('drops the scopes given before a revocation', async () => {
      const [store] = both()
      const given = consent()
      await store.consents.give(given)
      await store.consents.revoke(given.tenant, given.userId, given.appId)
      await store.consents.give({ ...given, scopes: ['openid'] })
      expect((await store.consents.find(given.tenant, given.userId, given.appId))?.scopes).toEqual(['openid'])
    })

    it('removes all consents of a removed app', async () => {
      const [store] = both()
      const [gone, other] = [consent(), consent()]
      for (const each of [gone, { ...gone, userId: other.userId }, other]) await store.consents.give(each)
      await store.consents.forgetApp(gone.appId)
      expect(await store.consents.ofUser('demo', gone.userId)).toEqual([])
      expect((await store.consents.ofUser('demo', other.userId)).map(({ appId }) => appId)).toEqual([other.appId])
    })
  })
}
