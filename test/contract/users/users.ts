/** Contract of durable stores: users and their identities. */
import { describe, expect, it } from 'vitest'
import {
  sampleEmail,
  sampleIdentity,
  samplePasskey,
  sampleTenant,
  sampleUser,
  secondsFromNow,
  simultaneously,
} from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

export function usersContract(both: () => BothDurables): void {
  const store = () => both()[0]

  describe('users', () => {
    it('finds a created user by ID, identity and proven email', async () => {
      const user = sampleUser()
      const identity = sampleIdentity()
      expect(await store().users.create(user, identity)).toBe(true)
      expect(await both()[1].users.find('demo', user.id)).toEqual(user)
      const owner = await store().users.findByIdentity('demo', identity.issuer, identity.subject)
      expect(owner).toEqual({ ...user, hasAuthenticator: false, isDeletionRequested: false })
      expect(await store().users.findByProvenEmail('demo', user.profile.email!.address)).toEqual([user])
      expect(await store().users.identitiesOf('demo', user.id)).toEqual([identity])
    })

    it('says of the owner of an identity whether they have an authenticator, and asked for a deletion', async () => {
      const [user, identity] = [sampleUser(), sampleIdentity()]
      const [key, other] = [
        { tenant: 'demo', userId: user.id },
        { tenant: sampleTenant(), userId: user.id },
      ]
      const { users, authenticators, userDeletions } = store()
      const facts = async () => {
        const owner = await users.findByIdentity('demo', identity.issuer, identity.subject)
        return [owner?.hasAuthenticator, owner?.isDeletionRequested]
      }
      const requested = { requestedAt: new Date(0), dueAt: new Date(1) }
      await users.create(user, identity)
      await authenticators.add(samplePasskey(other))
      await userDeletions.put({ ...other, ...requested })
      expect(await facts()).toEqual([false, false])
      const passkey = samplePasskey(key)
      await authenticators.add(passkey)
      expect(await facts()).toEqual([true, false])
      await userDeletions.put({ ...key, ...requested })
      await authenticators.remove(key, passkey.id, new Date())
      expect(await facts()).toEqual([false, true])
    })

    it('finds the identities of many users at once', async () => {
      const tenant = sampleTenant()
      const [one, other, none] = [sampleUser({ tenant }), sampleUser({ tenant }), sampleUser({ tenant })]
      const [first, second] = [sampleIdentity(), sampleIdentity()]
      await store().users.create(one, first)
      await store().users.create(other, second)
      await store().users.createService(none)
      const found = await both()[1].users.identitiesOfAll(tenant, [one.id, other.id, none.id])
      expect(found).toEqual(
        new Map([
          [one.id, [first]],
          [other.id, [second]],
        ]),
      )
      expect(await store().users.identitiesOfAll(sampleTenant(), [one.id])).toEqual(new Map())
      expect(await store().users.identitiesOfAll(tenant, [])).toEqual(new Map())
    })

    it('updates the profile only of a user who is stored as read', async () => {
      const user = sampleUser()
      const identity = sampleIdentity()
      await store().users.create(user, identity)
      const read = (await store().users.find(user.tenant, user.id))!
      // a sign-in meanwhile, with another group
      const signedIn = { ...user, profile: { ...user.profile, groups: ['staff'] } }
      await both()[1].users.update(signedIn, identity)
      const named = (from: typeof user) => ({ ...from, profile: { ...from.profile, name: 'Ada King' } })
      expect(await store().users.updateProfile(named(read), read)).toBe(false)
      expect(await both()[1].users.find(user.tenant, user.id)).toEqual(signedIn)
      const again = (await store().users.find(user.tenant, user.id))!
      expect(await store().users.updateProfile(named(again), { ...again, emailProven: false })).toBe(false)
      expect(await store().users.updateProfile(named(again), again)).toBe(true)
      expect(await both()[1].users.find(user.tenant, user.id)).toEqual(named(signedIn))
    })

    it('keeps tenants apart', async () => {
      const user = sampleUser()
      const identity = sampleIdentity()
      const other = sampleUser({ id: user.id, tenant: sampleTenant(), profile: user.profile })
      expect(await store().users.create(user, identity)).toBe(true)
      expect(await store().users.create(other, identity)).toBe(true)
      expect(await store().users.find(sampleTenant(), user.id)).toBeNull()
      expect(await store().users.findByProvenEmail(other.tenant, user.profile.email!.address)).toEqual([other])
    })

    it('finds no user by an email that is not proven', async () => {
      const user = sampleUser({ emailProven: false })
      await store().users.create(user, sampleIdentity())
      expect(await store().users.findByProvenEmail('demo', user.profile.email!.address)).toEqual([])
    })

    it('creates one user for an identity of 50 concurrent callers', async () => {
      const identity = sampleIdentity()
      const created = await simultaneously(both(), 50, (each) =>
        each.users.create(sampleUser({ tenant: 'crowd' }), identity),
      )
      expect(created.filter(Boolean)).toHaveLength(1)
      const user = await store().users.findByIdentity('crowd', identity.issuer, identity.subject)
      expect(await store().users.identitiesOf('crowd', user!.id)).toEqual([identity])
    })

    it('creates one user for a proven email of 50 concurrent callers', async () => {
      const tenant = sampleTenant()
      const profile = { email: { address: sampleEmail(), verified: true } }
      const created = await simultaneously(both(), 50, (each) =>
        each.users.create(sampleUser({ tenant, profile }), sampleIdentity()),
      )
      expect(created.filter(Boolean)).toHaveLength(1)
      expect(await store().users.findByProvenEmail(tenant, profile.email.address)).toHaveLength(1)
    })

    it('creates both rows or none', async () => {
      const user = sampleUser()
      await store().users.create(user, sampleIdentity())
      const identity = sampleIdentity()
      await expect(store().users.create({ ...user, profile: {}, emailProven: false }, identity)).rejects.toThrow(
        'exists already',
      )
      expect(await store().users.findByIdentity('demo', identity.issuer, identity.subject)).toBeNull()
      expect(await store().users.identitiesOf('demo', user.id)).toHaveLength(1)
      expect(await store().users.find('demo', user.id)).toEqual(user)
    })

    it('links an identity once, and stores the profile', async () => {
      const [one, other] = [sampleUser(), sampleUser()]
      await store().users.create(one, sampleIdentity())
      await store().users.create(other, sampleIdentity())
      const identity = sampleIdentity({ connection: 'google' })
      const changed = { ...one, profile: { ...one.profile, name: 'Changed' } }
      expect(await store().users.link(changed, identity)).toBe(true)
      expect(await store().users.link({ ...other, profile: {} }, identity)).toBe(false)
      expect(await store().users.find('demo', one.id)).toEqual(changed)
      expect(await store().users.find('demo', other.id)).toEqual(other)
      expect(await store().users.identitiesOf('demo', one.id)).toHaveLength(2)
    })

    it('never changes the status of a user by linking or updating', async () => {
      const identity = sampleIdentity()
      const user = sampleUser({ status: 'blocked' })
      await store().users.create(user, identity)
      await store().users.update({ ...user, status: 'active' }, identity)
      await store().users.link({ ...user, status: 'active' }, sampleIdentity())
      expect((await store().users.find('demo', user.id))?.status).toBe('blocked')
    })

    it('updates profile, proof and identity', async () => {
      const identity = sampleIdentity()
      const user = sampleUser()
      await store().users.create(user, identity)
      const changed = { ...user, profile: { name: 'New' }, emailProven: false }
      const said = { ...identity, profile: { name: 'New' }, connection: 'okta-2', lastLoginAt: secondsFromNow(60) }
      await store().users.update(changed, said)
      expect(await store().users.find('demo', user.id)).toEqual(changed)
      expect(await store().users.identitiesOf('demo', user.id)).toEqual([said])
      expect(await store().users.findByProvenEmail('demo', user.profile.email!.address)).toEqual([])
    })

    it('updates only the user that was read, whenever groups were supplied', async () => {
      const identity = sampleIdentity()
      const supplied = (at: number) => ({ supplied: { okta: { groups: ['Staff'], at } } })
      const read = sampleUser()
      const user = { ...read, profile: { ...read.profile, ...supplied(1) } }
      await store().users.create(user, identity)
      const edited = { ...user, profile: { ...user.profile, name: 'Ada King' } }
      expect(await both()[1].users.updateProfile(edited, user)).toBe(true)
      const signedIn = { ...user, profile: { ...user.profile, nickname: 'ada' } }
      expect(await store().users.update(signedIn, identity, user)).toBe(false)
      expect(await store().users.update(signedIn, identity, { ...edited, emailProven: !edited.emailProven })).toBe(
        false,
      )
      expect(await store().users.find(user.tenant, user.id)).toEqual(edited)
      const later = { ...edited, profile: { ...edited.profile, ...supplied(2) } }
      expect(await store().users.update(later, identity, edited)).toBe(true)
      expect(
        await both()[1].users.update({ ...edited, profile: { ...edited.profile, ...supplied(3) } }, identity, edited),
      ).toBe(true)
      expect((await store().users.find(user.tenant, user.id))?.profile).toEqual({ ...edited.profile, ...supplied(3) })
    })

    it('finds a user by ID in any tenant', async () => {
      const user = sampleUser({ tenant: sampleTenant() })
      await store().users.create(user, sampleIdentity())
      expect(await both()[1].users.findById(user.id)).toEqual(user)
    })

    it('blocks and unblocks a user, reported to one of 50 concurrent callers', async () => {
      const [user, other] = [sampleUser(), sampleUser()]
      for (const each of [user, other]) await store().users.create(each, sampleIdentity())
      const blocked = await simultaneously(both(), 50, (each) => each.users.setStatus('demo', user.id, 'blocked'))
      expect(blocked.filter(Boolean)).toHaveLength(1)
      expect(await store().users.find('demo', user.id)).toEqual({ ...user, status: 'blocked' })
      expect(await store().users.setStatus(sampleTenant(), user.id, 'active')).toBe(false)
      expect(await store().users.setStatus('demo', user.id, 'active')).toBe(true)
      expect(await store().users.find('demo', user.id)).toEqual(user)
      expect(await store().users.find('demo', other.id)).toEqual(other)
    })

    it('ID-05 stores quotes, NUL-free unicode and SQL in a profile as text', async () => {
      const user = sampleUser({ profile: { name: `Robert'); drop table users; -- "\\ 🜁` } })
      await store().users.create(user, sampleIdentity({ subject: `' or 1=1 -- ${user.id}` }))
      expect(await store().users.find('demo', user.id)).toEqual(user)
      expect(await store().users.findByIdentity('demo', sampleIdentity().issuer, `' or '1'='1`)).toBeNull()
    })
  })
}
