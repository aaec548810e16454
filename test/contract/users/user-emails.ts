/** Contract of durable stores: proven and verified emails of users. */
import { describe, expect, it } from 'vitest'
import type { User } from '../../../src/broker/ports/users.ts'
import {
  sampleEmail,
  sampleIdentity,
  sampleTenant,
  sampleUser,
  secondsFromNow,
  simultaneously,
} from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

export function userEmailsContract(both: () => BothDurables): void {
  const store = () => both()[0]

  describe('a verified email that is not proven', () => {
    const stored = async (changes: Partial<User> = {}) => {
      const user = sampleUser({ emailProven: false, ...changes })
      await store().users.create(user, sampleIdentity())
      return user
    }
    const idsBy = async (user: User, max = 5) =>
      (await store().users.findByVerifiedEmail(user.tenant, user.profile.email!.address, max)).map(({ id }) => id)

    it('finds active users of the tenant, oldest first, up to the limit', async () => {
      const first = await stored({ createdAt: secondsFromNow(-30) })
      const { profile } = first
      const second = await stored({ profile, createdAt: secondsFromNow(-20) })
      const third = await stored({ profile, createdAt: secondsFromNow(-10) })
      await stored({ profile, tenant: sampleTenant() })
      const blocked = await stored({ profile })
      await store().users.setStatus('demo', blocked.id, 'blocked')
      expect(await both()[1].users.findByVerifiedEmail('demo', profile.email!.address, 1)).toEqual([first])
      expect(await idsBy(first)).toEqual([first.id, second.id, third.id])
      expect(await idsBy(first, 2)).toEqual([first.id, second.id])
    })

    it('finds no user who has proven it, or whose upstream does not assert it as verified', async () => {
      const proven = await stored({ emailProven: true })
      expect(await idsBy(proven)).toEqual([])
      const address = sampleEmail()
      expect(await idsBy(await stored({ profile: { email: { address, verified: false } } }))).toEqual([])
    })

    it('changes with every login', async () => {
      const identity = sampleIdentity()
      const user = sampleUser({ emailProven: false })
      await store().users.create(user, identity)
      await store().users.update({ ...user, emailProven: true }, identity)
      expect(await idsBy(user)).toEqual([])
      await store().users.update(user, identity)
      expect(await idsBy(user)).toEqual([user.id])
      const moved = { ...user, profile: { email: { address: sampleEmail(), verified: true } } }
      await store().users.link(moved, sampleIdentity())
      expect([await idsBy(user), await idsBy(moved)]).toEqual([[], [user.id]])
    })
  })

  describe('ID-05 an email that several users prove', () => {
    const provenBy = (tenant: string, address: string) =>
      Array.from({ length: 30 }, () => ({
        user: sampleUser({ tenant, profile: { email: { address, verified: true } } }),
        identity: sampleIdentity(),
      }))
    /** In the store without the proof. */
    async function unproven(address: string) {
      const people = provenBy(sampleTenant(), address)
      for (const { user, identity } of people) await store().users.create({ ...user, emailProven: false }, identity)
      return people
    }

    it('is proven for one of 30 concurrent logins; the others stay as they were', async () => {
      const address = sampleEmail()
      const people = await unproven(address)
      const tenant = people[0]!.user.tenant
      const updated = await simultaneously(both(), 30, (each, turn) =>
        each.users.update(people[turn]!.user, people[turn]!.identity),
      )
      expect(updated.filter(Boolean)).toHaveLength(1)
      const [winner, ...others] = await store().users.findByProvenEmail(tenant, address)
      expect(others).toEqual([])
      expect(winner).toEqual(people[updated.indexOf(true)]!.user)
      const loser = people[updated.indexOf(false)]!.user
      expect(await store().users.find(tenant, loser.id)).toEqual({ ...loser, emailProven: false })
    })

    it('is proven for one of 30 concurrent creates, links and updates', async () => {
      const address = sampleEmail()
      const people = await unproven(address)
      const tenant = people[0]!.user.tenant
      const candidates = provenBy(tenant, address)
      const done = await simultaneously(both(), 30, (each, turn) => {
        const { user, identity } = people[turn]!
        if (turn % 3 === 0) return each.users.create({ ...candidates[turn]!.user, tenant }, candidates[turn]!.identity)
        return turn % 3 === 1 ? each.users.link(user, sampleIdentity()) : each.users.update(user, identity)
      })
      expect(done.filter(Boolean)).toHaveLength(1)
      expect(await store().users.findByProvenEmail(tenant, address)).toHaveLength(1)
    })

    it('links no identity to a second user who would prove it, and stores nothing of it', async () => {
      const [holder, other] = [sampleUser(), sampleUser({ emailProven: false })]
      await store().users.create(holder, sampleIdentity())
      await store().users.create(other, sampleIdentity())
      const identity = sampleIdentity()
      const thief = { ...other, profile: holder.profile, emailProven: true }
      expect(await store().users.link(thief, identity)).toBe(false)
      expect(await store().users.update(thief, identity)).toBe(false)
      expect(await store().users.findByIdentity('demo', identity.issuer, identity.subject)).toBeNull()
      expect(await store().users.find('demo', other.id)).toEqual(other)
    })

    it('stays with its user through concurrent logins', async () => {
      const [holder, identity] = [sampleUser(), sampleIdentity()]
      await store().users.create(holder, identity)
      const updated = await simultaneously(both(), 20, (each) => each.users.update(holder, identity))
      expect(updated.every(Boolean)).toBe(true)
      expect(await store().users.findByProvenEmail('demo', holder.profile.email!.address)).toEqual([holder])
    })

    it('is free again once its user proves another one', async () => {
      const [holder, theirs, next, nexts] = [sampleUser(), sampleIdentity(), sampleUser(), sampleIdentity()]
      await store().users.create(holder, theirs)
      await store().users.create(next, nexts)
      const moved = { ...holder, profile: { email: { address: sampleEmail(), verified: true } } }
      expect(await store().users.update(moved, theirs)).toBe(true)
      expect(await store().users.update({ ...next, profile: holder.profile }, nexts)).toBe(true)
      expect(await store().users.update(holder, theirs)).toBe(false)
      await store().users.link(moved, sampleIdentity())
      // read before it moved
      expect(await store().users.unlink(holder, theirs, ['okta'])).toBe(true)
      expect(await store().users.find('demo', holder.id)).toMatchObject({ emailProven: false })
    })
  })
}
