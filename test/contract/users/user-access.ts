/** Contract of durable stores: revocation, suspension and epochs of users. */
import { describe, expect, it } from 'vitest'
import { sampleIdentity, sampleUser, simultaneously } from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

export function userAccessContract(both: () => BothDurables): void {
  const store = () => both()[0]

  describe('access of users', () => {
    it('A6 assigns a different epoch to each of 50 concurrent callers that end all sessions of a user', async () => {
      const user = sampleUser()
      const identity = sampleIdentity()
      await store().users.create(user, identity)
      const epochs = await simultaneously(both(), 50, (each) => each.users.nextEpoch(user.tenant, user.id))
      expect(epochs.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 50 }, (_, at) => at + 1))
      expect(await store().users.find(user.tenant, user.id)).toMatchObject({ epoch: 50 })
      const { issuer, subject } = identity
      expect(await store().users.findByIdentity(user.tenant, issuer, subject)).toMatchObject({ epoch: 50 })
      expect(await store().users.nextEpoch(user.tenant, 'nobody')).toBe(0)
    })

    it('A4 keeps a user revoked until each revoked identity authenticates after its revocation', async () => {
      const user = sampleUser()
      const [one, two] = [sampleIdentity(), sampleIdentity()]
      await store().users.create(user, one)
      await store().users.link(user, two)
      const statusNow = async () => (await store().users.findByIdentity(user.tenant, one.issuer, one.subject))?.status
      await both()[1].users.revoke(user, [one, two], new Date(2000))
      await store().users.revoke(user, [one], new Date(3000)) // again, later
      expect(await statusNow()).toBe('revoked')
      expect(await store().users.reinstate(user, one, new Date(3000))).toBe(false) // not after it
      expect(await store().users.reinstate(user, sampleIdentity(), new Date(4000))).toBe(false)
      // the other one is left
      expect(await store().users.reinstate(user, one, new Date(3001))).toBe(false)
      expect(await statusNow()).toBe('revoked')
      expect(await both()[1].users.reinstate(user, two, new Date(3001))).toBe(true)
      expect(await statusNow()).toBe('active')

      await store().users.setStatus(user.tenant, user.id, 'blocked')
      await store().users.revoke(user, [one], new Date(5000))
      expect([await statusNow(), await store().users.reinstate(user, one, new Date(6000))]).toEqual(['blocked', false])
      await store().users.setStatus(user.tenant, user.id, 'active')
      await store().users.revoke(user, [one], new Date(7000))
      expect(await store().users.setStatus(user.tenant, user.id, 'active')).toBe(true)
      await store().users.revoke(user, [two], new Date(8000))
      // the first mark went with `active`
      expect(await store().users.reinstate(user, two, new Date(8001))).toBe(true)
    })

    it('A5 refuses a suspended identity until it is confirmed, and does not count it as a sign-in method', async () => {
      const user = sampleUser()
      const added = { ...sampleIdentity(), addedAt: new Date(5000) }
      const first = sampleIdentity()
      await store().users.create(user, first)
      await store().users.link(user, added)
      await both()[1].users.suspend(user, [added], new Date(6000))
      const found = () => store().users.findByIdentity(user.tenant, added.issuer, added.subject)
      expect((await found())?.isSuspended).toBe(true)
      const identities = await store().users.identitiesOf(user.tenant, user.id)
      expect(identities).toContainEqual({ ...added, suspendedAt: new Date(6000) })
      expect(identities).toContainEqual(first)
      expect(await store().users.unlink(user, first, [added.connection])).toBe(false)
      expect(await store().users.confirm(user, first)).toBe(false)
      expect(await store().users.confirm({ ...user, epoch: 7 }, added)).toBe(false)
      expect(await store().users.unlink({ ...user, epoch: 7 }, added, [first.connection])).toBe(false)
      const confirmed = await simultaneously(both(), 50, (each) => each.users.confirm(user, added))
      expect(confirmed.filter(Boolean)).toHaveLength(1)
      expect((await found())?.isSuspended).toBeUndefined()
    })

    it('A6 links no identity to a user who is blocked, or whose epoch has changed', async () => {
      const user = sampleUser()
      await store().users.create(user, sampleIdentity())
      await both()[1].users.nextEpoch(user.tenant, user.id)
      expect(await store().users.link(user, sampleIdentity())).toBe(false)
      expect(await store().users.link({ ...user, epoch: 1 }, sampleIdentity())).toBe(true)
      await both()[1].users.setStatus(user.tenant, user.id, 'blocked')
      expect(await store().users.link({ ...user, epoch: 1 }, sampleIdentity())).toBe(false)
    })

    it('A4 keeps a user revoked who is revoked again during reinstatement', async () => {
      const [user, identity] = [sampleUser(), sampleIdentity()]
      await store().users.create(user, identity)
      for (let round = 1; round <= 10; round += 1) {
        await store().users.revoke(user, [identity], new Date(round * 1000))
        await Promise.all([
          store().users.reinstate(user, identity, new Date(round * 1000 + 1)),
          both()[1].users.revoke(user, [identity], new Date(round * 1000 + 2)),
        ])
        expect((await store().users.find(user.tenant, user.id))?.status).toBe('revoked')
      }
    })
  })
}
