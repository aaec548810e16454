/** Contract of durable stores: how API tokens end, and how suspended ones are confirmed. */
import { describe, expect, it } from 'vitest'
import { apiTokenSamples, hour, later, now } from '../../support/store/api-token-samples.ts'
import { sampleIdentity, sampleUser, simultaneously } from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

export function apiTokenEndsContract(both: () => BothDurables): void {
  const { store, other, storedUser, tokenOf } = apiTokenSamples(both)

  describe('API tokens that end', () => {
    it('AP-01 are ended on every clock when revoked, or replaced without an overlap', async () => {
      const user = await storedUser()
      const tokens = Array.from({ length: 3 }, () => tokenOf(user))
      const nexts = tokens.map(() => tokenOf(user, { createdAt: later(1) }))
      for (const token of tokens) await store().create(user, token, 50)
      const [revoked, replaced, overlapping] = tokens
      await store().revoke(revoked!, later(1))
      const rotations = [
        { before: replaced!.id, next: nexts[1]!, endsAt: later(1) },
        { before: overlapping!.id, next: nexts[2]!, endsAt: later(hour) },
      ]
      for (const rotation of rotations) expect(await store().rotate(user, rotation, 50)).toBe('rotated')
      const idsBefore = async () => (await other().ofUser(user.tenant, user.id, later(-hour))).map(({ id }) => id)
      expect(new Set(await idsBefore())).toEqual(new Set([nexts[1]!.id, nexts[2]!.id, overlapping!.id]))
      expect((await other().find(replaced!.id))?.token.replacedBy).toBe(nexts[1]!.id)
      expect(await other().revoke(overlapping!, later(2))).toBe(true)
      expect(new Set(await idsBefore())).toEqual(new Set([nexts[1]!.id, nexts[2]!.id]))
    })

    it.each(['user', 'tenant'])('AP-01 end together for a %s, successors of concurrent rotations too', async (of) => {
      const tenant = `ends-${Date.now()}-${Math.random()}`
      const user = sampleUser({ tenant })
      await both()[0].users.create(user, sampleIdentity())
      const owner = of === 'user' ? { tenant, userId: user.id } : { tenant }
      for (let round = 0; round < 20; round += 1) {
        const before = tokenOf(user)
        const next = tokenOf(user, { createdAt: later(1) })
        const endsAt = later(round % 2 === 0 ? 1 : hour)
        await store().create(user, before, 100)
        const rotation = store().rotate(user, { before: before.id, next, endsAt }, 100)
        await Promise.all([rotation, other().revokeAll(owner, later(1))])
        expect(await store().ofUser(tenant, user.id, later(2)), await rotation).toEqual([])
      }
    })

    it('SE-09 are ended by their owner only, and once', async () => {
      const user = await storedUser()
      const token = tokenOf(user)
      await store().create(user, token, 5)
      const { tenant } = user
      expect(await store().revoke({ id: token.id, tenant, userId: 'another' }, now)).toBe(false)
      expect(await store().revoke({ id: token.id, tenant: 'another', userId: user.id }, now)).toBe(false)
      const ended = await simultaneously(both(), 50, (each) => each.apiTokens.revoke(token, later(1)))
      expect(ended.filter(Boolean)).toHaveLength(1)
      expect((await store().find(token.id))?.token.endsAt).toEqual(later(1))
    })

    it('end together for a user or a tenant', async () => {
      const [user, another] = [await storedUser(), sampleUser({ tenant: 'another-tenant' })]
      await both()[0].users.create(another, sampleIdentity())
      const [one, two, ended] = [tokenOf(user), tokenOf(user), tokenOf(user, { endsAt: now })]
      const foreign = tokenOf(another)
      for (const token of [one, two, ended]) await store().create(user, token, 5)
      await store().create(another, foreign, 5)
      const ids = await other().revokeAll({ tenant: user.tenant, userId: user.id }, later(1))
      expect(ids.toSorted()).toEqual([one.id, two.id].toSorted())
      expect(await store().ofUser(user.tenant, user.id, later(1))).toEqual([])
      expect(await store().revokeAll({ tenant: another.tenant }, later(1))).toEqual([foreign.id])
    })

    it('A5 of a time are suspended until their owner confirms them', async () => {
      const user = await storedUser()
      const [old, recent] = [tokenOf(user), tokenOf(user, { createdAt: later(10) })]
      for (const token of [old, recent]) await store().create(user, token, 5)
      const suspended = { ...recent, suspendedAt: later(20) }
      expect(await other().suspend({ tenant: user.tenant, userId: user.id }, later(10), later(20))).toEqual([suspended])
      expect(await other().suspend({ tenant: user.tenant, userId: user.id }, later(10), later(20))).toEqual([])
      expect((await store().find(recent.id))?.token).toEqual(suspended)
      expect(await store().confirm(await storedUser(), recent.id, later(30))).toBe(false)
      const confirmed = await simultaneously(both(), 50, (each) => each.apiTokens.confirm(user, recent.id, later(30)))
      expect(confirmed.filter(Boolean)).toHaveLength(1)
      expect((await store().find(recent.id))?.token).toEqual(recent)
    })

    it('A5 are not confirmed once ended, nor for a user who is blocked or whose sessions ended', async () => {
      const user = await storedUser()
      const [ended, live] = [tokenOf(user, { suspendedAt: now }), tokenOf(user, { suspendedAt: now })]
      for (const token of [ended, live]) await store().create(user, token, 5)
      await store().revoke(ended, later(1))
      expect(await store().confirm(user, ended.id, later(1))).toBe(false)
      expect(await store().confirm(user, live.id, live.expiresAt)).toBe(false)
      await both()[1].users.nextEpoch(user.tenant, user.id)
      expect(await store().confirm(user, live.id, later(1))).toBe(false)
      const current = { ...user, epoch: 1 }
      await both()[1].users.setStatus(user.tenant, user.id, 'blocked')
      expect(await store().confirm(current, live.id, later(1))).toBe(false)
      await both()[1].users.setStatus(user.tenant, user.id, 'active')
      expect(await store().confirm(current, live.id, later(1))).toBe(true)
    })
  })
}
