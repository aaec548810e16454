/** Contract of durable stores: API tokens. */
import { describe, expect, it } from 'vitest'
import { apiTokenSamples, hour, later, now } from '../../support/store/api-token-samples.ts'
import { sampleApiToken, sampleIdentity, sampleUser, simultaneously } from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

export function apiTokensContract(both: () => BothDurables): void {
  const { store, other, storedUser, tokenOf } = apiTokenSamples(both)

  describe('API tokens', () => {
    it('are found with their user, and listed newest first until they end', async () => {
      const user = await storedUser()
      const all = tokenOf(user, { scopes: undefined, ranges: [], createdAt: later(1), expiresAt: later(hour) })
      const narrow = tokenOf(user)
      expect(await store().create(user, narrow, 5)).toBe('created')
      expect(await store().create(user, all, 5)).toBe('created')
      expect(await other().find(narrow.id)).toEqual({ token: narrow, user })
      expect(await other().find(all.id)).toEqual({ token: all, user })
      expect(await other().ofUser(user.tenant, user.id, later(2))).toEqual([all, narrow])
      expect(await store().ofUser(user.tenant, user.id, later(hour))).toEqual([narrow])
      expect(await store().ofUser('another', user.id, now)).toEqual([])
      expect(await store().find('unknown')).toBeNull()
      expect(await other().findAll([])).toEqual([])
      const many = Array.from({ length: 130 }, (_, at) => `unknown ${at}`)
      const found = await other().findAll([...many, all.id, narrow.id, all.id])
      expect(new Set(found.map(({ token }) => token.id))).toEqual(new Set([all.id, narrow.id]))
    })

    it('belong to service accounts too, which have no identity', async () => {
      const tenant = `services-${Date.now()}-${Math.random()}`
      const service = sampleUser({ tenant, kind: 'service', profile: { name: 'Deploys' }, emailProven: false })
      await both()[0].users.createService(service)
      expect(await both()[1].users.search({ tenant, kind: 'service', limit: 5 })).toEqual([service])
      expect(await both()[1].users.identitiesOf(tenant, service.id)).toEqual([])
      const token = tokenOf(service)
      await store().create(service, token, 5)
      expect(await other().find(token.id)).toEqual({ token, user: service })
    })

    it('AP-01 are found with the status of their user', async () => {
      const user = await storedUser()
      const token = tokenOf(user)
      await store().create(user, token, 5)
      await both()[1].users.setStatus(user.tenant, user.id, 'blocked')
      expect((await store().find(token.id))?.user.status).toBe('blocked')
    })

    it('are at most `max` for each user, however many of 50 callers create one', async () => {
      const user = await storedUser()
      const outcomes = await simultaneously(both(), 50, (each) => each.apiTokens.create(user, tokenOf(user), 7))
      expect(outcomes.filter((one) => one === 'created')).toHaveLength(7)
      expect(outcomes.filter((one) => one === 'full')).toHaveLength(43)
      const tokens = await store().ofUser(user.tenant, user.id, now)
      expect(tokens).toHaveLength(7)
      await store().revoke(tokens[0]!, now)
      const late = { createdAt: later(1) }
      expect(await store().create(user, tokenOf(user, late), 7)).toBe('created')
      expect(await store().create(user, tokenOf(user, late), 7)).toBe('full')
    })

    it('are not created for a user who is blocked, or whose sessions have been ended', async () => {
      const user = await storedUser()
      await both()[1].users.nextEpoch(user.tenant, user.id)
      expect(await store().create(user, tokenOf(user), 5)).toBe('refused')
      const current = { ...user, epoch: 1 }
      const token = tokenOf(user)
      expect(await store().create(current, token, 5)).toBe('created')
      await both()[1].users.setStatus(user.tenant, user.id, 'blocked')
      expect(await store().create(current, tokenOf(user), 5)).toBe('refused')
      const rotation = { before: token.id, next: tokenOf(user), endsAt: now }
      expect(await store().rotate(current, rotation, 5)).toBe('refused')
      expect(await store().find(rotation.next.id)).toBeNull()
      expect((await store().find(token.id))?.token).toEqual(token)
    })

    it('are rotated by one of 50 concurrent callers, with an overlap', async () => {
      const user = await storedUser()
      const before = tokenOf(user)
      await store().create(user, before, 5)
      const nexts = Array.from({ length: 50 }, () => tokenOf(user, { createdAt: later(1) }))
      const outcomes = await simultaneously(both(), 50, (each, turn) =>
        each.apiTokens.rotate(user, { before: before.id, next: nexts[turn]!, endsAt: later(hour) }, 5),
      )
      expect(outcomes.filter((one) => one === 'rotated')).toHaveLength(1)
      const next = nexts[outcomes.indexOf('rotated')]!
      expect(await store().ofUser(user.tenant, user.id, later(2))).toEqual([
        next,
        { ...before, endsAt: later(hour), replacedBy: next.id },
      ])
      expect(await store().ofUser(user.tenant, user.id, later(hour))).toEqual([next])
    })

    it('are not rotated once ended, expired or suspended, nor by another user', async () => {
      const user = await storedUser()
      const rotate = async (changes: object, by = user) => {
        const before = tokenOf(user, changes)
        await store().create(user, before, 50)
        const next = sampleApiToken(by, { createdAt: later(1), expiresAt: later(hour) })
        return store().rotate(by, { before: before.id, next, endsAt: later(hour) }, 50)
      }
      expect(await rotate({ endsAt: now })).toBe('refused')
      expect(await rotate({ endsAt: later(hour) })).toBe('refused') // ended by a faster clock
      expect(await rotate({ expiresAt: later(1) })).toBe('refused')
      expect(await rotate({ suspendedAt: now })).toBe('refused')
      expect(await rotate({}, await storedUser())).toBe('refused')
      expect(await rotate({})).toBe('rotated')
    })

    it('that were replaced overlap with at most `max` others', async () => {
      const user = await storedUser()
      let before = tokenOf(user)
      await store().create(user, before, 1)
      const outcomes: string[] = []
      for (const endsAt of [later(hour), later(hour), later(3)]) {
        const next = tokenOf(user, { createdAt: later(3) })
        outcomes.push(await store().rotate(user, { before: before.id, next, endsAt }, 1))
        if (outcomes.at(-1) === 'rotated') before = next
      }
      expect(outcomes).toEqual(['rotated', 'full', 'rotated'])
    })

    it('know the networks of the token that they replace', async () => {
      const user = await storedUser()
      const [before, next] = [tokenOf(user), tokenOf(user, { createdAt: later(1) })]
      const use = { at: later(2), address: '192.0.2.1', agent: undefined }
      await store().create(user, before, 5)
      for (const network of ['one', 'two']) await store().recordUse(before.id, use, network)
      await store().rotate(user, { before: before.id, next, endsAt: later(hour) }, 5)
      expect(await other().recordUse(next.id, use, 'two')).toBe(false)
      expect(await other().recordUse(next.id, use, 'three')).toBe(true)
    })

    it('hold their last use, at most one a minute, and report each new network but the first', async () => {
      const user = await storedUser()
      const token = tokenOf(user)
      await store().create(user, token, 5)
      const use = (ms: number, address: string) => ({ at: later(ms), address, agent: 'curl/8' })
      expect(await store().recordUse(token.id, use(0, '192.0.2.1'), 'one')).toBe(false)
      expect(await store().recordUse(token.id, use(59_999, '192.0.2.2'), 'one')).toBe(false)
      expect((await store().find(token.id))?.token.lastUse).toEqual(use(0, '192.0.2.1'))
      const isNew = await simultaneously(both(), 50, (each) =>
        each.apiTokens.recordUse(token.id, use(60_000, '198.51.100.1'), 'two'),
      )
      expect(isNew.filter(Boolean)).toHaveLength(1)
      expect((await store().find(token.id))?.token.lastUse).toEqual(use(60_000, '198.51.100.1'))
      const unknown = { at: later(120_000), address: undefined, agent: undefined }
      expect(await store().recordUse(token.id, unknown, undefined)).toBe(false)
      expect((await store().find(token.id))?.token.lastUse).toEqual(unknown)
      const next = tokenOf(user)
      await store().create(user, next, 5)
      expect(await store().recordUse(next.id, unknown, undefined)).toBe(false)
      expect(await store().recordUse(next.id, use(200_000, '192.0.2.1'), 'one')).toBe(false)
    })

    it('that expire or are old are found until one of 50 callers claims the reminder', async () => {
      const user = sampleUser({ tenant: `reminders-${Date.now()}-${Math.random()}` })
      await both()[0].users.create(user, sampleIdentity())
      const day = 24 * hour
      const soon = tokenOf(user, { createdAt: later(-30 * day), expiresAt: later(6 * day) })
      const others = [
        tokenOf(user, { createdAt: later(-30 * day), expiresAt: later(8 * day) }),
        tokenOf(user, { createdAt: now, expiresAt: later(6 * day) }), // never lived longer
        tokenOf(user, { createdAt: later(-30 * day), expiresAt: later(6 * day), endsAt: later(day) }),
        tokenOf(user, { createdAt: later(-30 * day), expiresAt: later(6 * day), suspendedAt: now }),
        tokenOf(user, { createdAt: later(-400 * day), expiresAt: later(40 * day) }),
      ]
      expect(await store().tenants()).not.toContain(user.tenant)
      for (const token of [soon, ...others]) await store().create(user, token, 50)
      expect((await other().tenants()).filter((each) => each === user.tenant)).toEqual([user.tenant])
      const query = { tenant: user.tenant, now, limit: 10 }
      const expiring = { ...query, reason: 'expires 7', expiresBefore: later(7 * day) } as const
      expect(await other().needingReminder(expiring)).toEqual([{ token: soon, user }])
      const old = { ...query, reason: 'old', createdBefore: later(-365 * day) } as const
      expect((await store().needingReminder(old)).map(({ token }) => token.id)).toEqual([others[4]?.id])
      const claimed = await simultaneously(both(), 50, (each) =>
        each.apiTokens.claimReminder(soon.id, 'expires 7', now),
      )
      expect(claimed.filter(Boolean)).toHaveLength(1)
      expect(await store().needingReminder(expiring)).toEqual([])
      expect(await store().claimReminder(soon.id, 'expires 1', now)).toBe(true)
      await other().releaseReminder(soon.id, 'expires 7')
      expect(await store().claimReminder(soon.id, 'expires 1', now)).toBe(false)
      expect(await store().needingReminder(expiring)).toHaveLength(1)
      await both()[1].users.setStatus(user.tenant, user.id, 'blocked')
      expect(await store().needingReminder(expiring)).toEqual([])
    })

    it('are deleted with their networks after they ended', async () => {
      const user = await storedUser()
      const [live, expired, ended] = [
        tokenOf(user),
        tokenOf(user, { createdAt: new Date(1000), expiresAt: new Date(2000) }),
        tokenOf(user, { createdAt: new Date(1000), endsAt: new Date(2000) }),
      ]
      for (const token of [live, expired, ended]) await store().create(user, token, 5)
      await store().recordUse(ended.id, { at: new Date(1500), address: undefined, agent: undefined }, 'one')
      expect(await other().forgetEndedBefore(new Date(2000))).toBe(0)
      expect(await other().forgetEndedBefore(new Date(2001))).toBe(2)
      expect(await store().find(expired.id)).toBeNull()
      expect(await store().find(ended.id)).toBeNull()
      expect(await store().find(live.id)).not.toBeNull()
    })
  })
}
