/** Contract of durable stores: unlinking of identities. */
import { describe, expect, it } from 'vitest'
import { sampleIdentity, sampleTenant, sampleUser, simultaneously } from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

export function unlinkingContract(both: () => BothDurables): void {
  const store = () => both()[0]

  describe('unlinking', () => {
    it('unlinks an identity, stores the profile, and remembers the user until it is linked again', async () => {
      const [user, kept, taken] = [sampleUser(), sampleIdentity(), sampleIdentity({ connection: 'google' })]
      await store().users.create(user, kept)
      await store().users.link(user, taken)
      const changed = { ...user, profile: { ...user.profile, groups: [] } }
      expect(await store().users.unlinkedBy('demo', taken)).toEqual([])
      expect(await store().users.unlink(changed, taken, ['okta'])).toBe(true)
      expect(await both()[1].users.identitiesOf('demo', user.id)).toEqual([kept])
      expect(await store().users.findByIdentity('demo', taken.issuer, taken.subject)).toBeNull()
      expect(await store().users.find('demo', user.id)).toEqual(changed)
      expect(await both()[1].users.unlinkedBy('demo', taken)).toEqual([user.id])
      expect(await store().users.unlinkedBy(sampleTenant(), taken)).toEqual([])
      expect(await both()[1].users.hasUnlinked(user, taken.issuer)).toBe(true)
      expect(await store().users.hasUnlinked(user, 'https://other.example')).toBe(false)
      expect(await store().users.unlink(user, taken, ['okta', 'google'])).toBe(false)
      expect(await store().users.link(user, taken)).toBe(true)
      expect(await store().users.unlinkedBy('demo', taken)).toEqual([])
      expect(await store().users.hasUnlinked(user, taken.issuer)).toBe(false)
    })

    it('ID-09 never unlinks the last sign-in method, nor the last one with an active connection', async () => {
      const [user, google, gone] = [sampleUser(), sampleIdentity({ connection: 'google' }), sampleIdentity()]
      await store().users.create(user, google)
      expect(await store().users.unlink(user, google, ['google'])).toBe(false)
      await store().users.link(user, { ...gone, connection: 'gone' })
      expect(await store().users.unlink({ ...user, profile: {} }, google, ['google', 'okta'])).toBe(false)
      expect(await store().users.find('demo', user.id)).toEqual(user)
      expect(await store().users.identitiesOf('demo', user.id)).toHaveLength(2)
      expect(await store().users.unlink(user, gone, ['google'])).toBe(true)
    })

    it('SE-09 unlinks no identity of another user or tenant', async () => {
      const [one, other, identity] = [sampleUser(), sampleUser(), sampleIdentity()]
      await store().users.create(one, identity)
      await store().users.link(one, sampleIdentity())
      await store().users.create(other, sampleIdentity())
      await store().users.link(other, sampleIdentity())
      expect(await store().users.unlink(other, identity, ['okta'])).toBe(false)
      expect(await store().users.unlink({ ...one, tenant: sampleTenant() }, identity, ['okta'])).toBe(false)
      expect(await store().users.identitiesOf('demo', one.id)).toHaveLength(2)
    })

    it('ID-09 leaves exactly one of two identities that 50 concurrent callers unlink', async () => {
      const user = sampleUser()
      const identities = [sampleIdentity(), sampleIdentity({ connection: 'google' })]
      await store().users.create(user, identities[0]!)
      await store().users.link(user, identities[1]!)
      const unlinked = await simultaneously(both(), 50, (each, turn) =>
        // callers change identity at another pace than they change process
        each.users.unlink(user, identities[Math.floor(turn / 2) % 2]!, ['okta', 'google']),
      )
      expect(unlinked.filter(Boolean)).toHaveLength(1)
      expect(await store().users.identitiesOf('demo', user.id)).toHaveLength(1)
    })
  })
}
