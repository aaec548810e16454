/** What every durable store must do, whatever it is made of. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Mail } from '../../src/broker/ports/mail.ts'
import type { DurableStore } from '../../src/broker/ports/stores.ts'
import type { StoredTrustedMetadata } from '../../src/broker/ports/trusted-metadata.ts'
import type { User } from '../../src/broker/ports/users.ts'
import { KeyRing } from '../../src/crypto/keyring.ts'
import {
  keyRing,
  sampleEmail,
  sampleIdentity,
  sampleKey,
  sampleTenant,
  sampleTrace,
  sampleUser,
  secondsFromNow,
  together,
} from '../support/store/samples.ts'
import { appRecordsContract } from './app-records.ts'

/** Opens one more instance on the same storage, as another process would. */
export type OpenDurable = (options: { readonly keyRing: KeyRing }) => Promise<DurableStore>

export function durableStoreContract(name: string, open: OpenDurable): void {
  describe(`${name} as a durable store`, () => {
    let store: DurableStore
    let both: readonly [DurableStore, DurableStore]

    beforeAll(async () => {
      store = await open({ keyRing })
      both = [store, await open({ keyRing })]
    })
    afterAll(async () => {
      await Promise.all(both.map((each) => each.close()))
    })

    it('A6 gives each of 50 who end all sessions of a user another epoch, which the user has from then on', async () => {
      const user = sampleUser()
      const identity = sampleIdentity()
      await store.users.create(user, identity)
      const epochs = await together(both, 50, (each) => each.users.nextEpoch(user.tenant, user.id))
      expect(epochs.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 50 }, (_, at) => at + 1))
      expect(await store.users.find(user.tenant, user.id)).toMatchObject({ epoch: 50 })
      const { issuer, subject } = identity
      expect(await store.users.findByIdentity(user.tenant, issuer, subject)).toMatchObject({ epoch: 50 })
      expect(await store.users.nextEpoch(user.tenant, 'nobody')).toBe(0)
    })

    it('A4 keeps a user revoked until each marked identity is authenticated after its mark', async () => {
      const user = sampleUser()
      const [one, two] = [sampleIdentity(), sampleIdentity()]
      await store.users.create(user, one)
      await store.users.link(user, two)
      const statusNow = async () => (await store.users.findByIdentity(user.tenant, one.issuer, one.subject))?.status
      await both[1].users.revoke(user, [one, two], new Date(2000))
      await store.users.revoke(user, [one], new Date(3000)) // again, later
      expect(await statusNow()).toBe('revoked')
      expect(await store.users.reinstate(user, one, new Date(3000))).toBe(false) // not after it
      expect(await store.users.reinstate(user, sampleIdentity(), new Date(4000))).toBe(false)
      expect(await store.users.reinstate(user, one, new Date(3001))).toBe(false) // the other one is left
      expect(await statusNow()).toBe('revoked')
      expect(await both[1].users.reinstate(user, two, new Date(3001))).toBe(true)
      expect(await statusNow()).toBe('active')

      await store.users.setStatus(user.tenant, user.id, 'blocked')
      await store.users.revoke(user, [one], new Date(5000))
      expect([await statusNow(), await store.users.reinstate(user, one, new Date(6000))]).toEqual(['blocked', false])
      await store.users.setStatus(user.tenant, user.id, 'active')
      await store.users.revoke(user, [one], new Date(7000))
      expect(await store.users.setStatus(user.tenant, user.id, 'active')).toBe(true)
      await store.users.revoke(user, [two], new Date(8000))
      expect(await store.users.reinstate(user, two, new Date(8001))).toBe(true) // the first mark went with `active`
    })

    it('A5 signs nobody in by a suspended identity until it is confirmed, and counts it for no way in', async () => {
      const user = sampleUser()
      const added = { ...sampleIdentity(), addedAt: new Date(5000) }
      const first = sampleIdentity()
      await store.users.create(user, first)
      await store.users.link(user, added)
      await both[1].users.suspend(user, [added], new Date(6000))
      const found = () => store.users.findByIdentity(user.tenant, added.issuer, added.subject)
      expect((await found())?.isSuspended).toBe(true)
      const identities = await store.users.identitiesOf(user.tenant, user.id)
      expect(identities).toContainEqual({ ...added, suspendedAt: new Date(6000) })
      expect(identities).toContainEqual(first)
      expect(await store.users.unlink(user, first, [added.connection])).toBe(false)
      expect(await store.users.confirm(user, first)).toBe(false)
      expect(await store.users.confirm({ ...user, epoch: 7 }, added)).toBe(false)
      expect(await store.users.unlink({ ...user, epoch: 7 }, added, [first.connection])).toBe(false)
      const confirmed = await together(both, 50, (each) => each.users.confirm(user, added))
      expect(confirmed.filter(Boolean)).toHaveLength(1)
      expect((await found())?.isSuspended).toBeUndefined()
    })

    it('A6 links nothing to a user who is blocked, or whose sessions were all ended since they were read', async () => {
      const user = sampleUser()
      await store.users.create(user, sampleIdentity())
      await both[1].users.nextEpoch(user.tenant, user.id)
      expect(await store.users.link(user, sampleIdentity())).toBe(false)
      expect(await store.users.link({ ...user, epoch: 1 }, sampleIdentity())).toBe(true)
      await both[1].users.setStatus(user.tenant, user.id, 'blocked')
      expect(await store.users.link({ ...user, epoch: 1 }, sampleIdentity())).toBe(false)
    })

    it('tells when a password was last set', async () => {
      const [tenant, email] = [sampleTenant(), sampleEmail()]
      expect(await store.passwords.changedAt(tenant, email)).toBeNull()
      for (const at of [secondsFromNow(1), secondsFromNow(2)]) {
        await store.passwords.put(tenant, { subject: 'subject', email, hash: 'hash' }, at)
        expect(await both[1].passwords.changedAt(tenant, email)).toEqual(at)
      }
    })

    it('A4 keeps a user revoked who is revoked again while they are reinstated', async () => {
      const [user, identity] = [sampleUser(), sampleIdentity()]
      await store.users.create(user, identity)
      for (let round = 1; round <= 10; round += 1) {
        await store.users.revoke(user, [identity], new Date(round * 1000))
        await Promise.all([
          store.users.reinstate(user, identity, new Date(round * 1000 + 1)),
          both[1].users.revoke(user, [identity], new Date(round * 1000 + 2)),
        ])
        expect((await store.users.find(user.tenant, user.id))?.status).toBe('revoked')
      }
    })

    it('answers a ping', async () => {
      await store.ping()
    })

    it('answers null or nothing for what it never saw', async () => {
      const tenant = sampleTenant()
      expect(await store.users.find(tenant, 'nobody')).toBeNull()
      expect(await store.users.findByIdentity(tenant, 'issuer', 'subject')).toBeNull()
      expect(await store.users.findByProvenEmail(tenant, 'a@example.test')).toEqual([])
      expect(await store.users.findByVerifiedEmail(tenant, 'a@example.test', 5)).toEqual([])
      expect(await store.users.identitiesOf(tenant, 'nobody')).toEqual([])
      expect(await store.passwords.find(tenant, 'a@example.test')).toBeNull()
      expect(await store.traces.find('unknown')).toBeNull()
      expect(await store.traces.recent({ tenant, limit: 5 })).toEqual([])
      expect(await store.audit.recent({ tenant, limit: 5 })).toEqual([])
      expect(await store.users.findById('nobody')).toBeNull()
      expect(await store.users.setStatus(tenant, 'nobody', 'blocked')).toBe(false)
      expect(await store.apps.find('unknown')).toBeNull()
      expect(await store.apps.findBySecret('unknown')).toBeNull()
      expect(await store.apps.ownedBy(tenant, 'nobody')).toEqual([])
      expect(await store.apps.usesOf('unknown')).toEqual(new Map())
      expect(await store.apps.remove('unknown')).toBe(false)
      expect(await store.consents.find(tenant, 'nobody', 'unknown')).toBeNull()
      expect(await store.consents.ofUser(tenant, 'nobody')).toEqual([])
      expect(await store.consents.withdraw(tenant, 'nobody', 'unknown')).toBe(false)
    })

    describe('users', () => {
      it('gives back what was created, by id, identity and proven email', async () => {
        const user = sampleUser()
        const identity = sampleIdentity()
        expect(await store.users.create(user, identity)).toBe(true)
        expect(await both[1].users.find('demo', user.id)).toEqual(user)
        expect(await store.users.findByIdentity('demo', identity.issuer, identity.subject)).toEqual(user)
        expect(await store.users.findByProvenEmail('demo', user.profile.email!.address)).toEqual([user])
        expect(await store.users.identitiesOf('demo', user.id)).toEqual([identity])
      })

      it('keeps tenants apart', async () => {
        const user = sampleUser()
        const identity = sampleIdentity()
        const other = sampleUser({ id: user.id, tenant: sampleTenant(), profile: user.profile })
        expect(await store.users.create(user, identity)).toBe(true)
        expect(await store.users.create(other, identity)).toBe(true)
        expect(await store.users.find(sampleTenant(), user.id)).toBeNull()
        expect(await store.users.findByProvenEmail(other.tenant, user.profile.email!.address)).toEqual([other])
      })

      it('finds no user by an email that is not proven', async () => {
        const user = sampleUser({ emailProven: false })
        await store.users.create(user, sampleIdentity())
        expect(await store.users.findByProvenEmail('demo', user.profile.email!.address)).toEqual([])
      })

      describe('an email that is verified and not proven', () => {
        const stored = async (changes: Partial<User> = {}) => {
          const user = sampleUser({ emailProven: false, ...changes })
          await store.users.create(user, sampleIdentity())
          return user
        }
        const idsBy = async (user: User, max = 5) =>
          (await store.users.findByVerifiedEmail(user.tenant, user.profile.email!.address, max)).map(({ id }) => id)

        it('finds its active users of this tenant, the oldest first, and no more than asked for', async () => {
          const first = await stored({ createdAt: secondsFromNow(-30) })
          const { profile } = first
          const second = await stored({ profile, createdAt: secondsFromNow(-20) })
          const third = await stored({ profile, createdAt: secondsFromNow(-10) })
          await stored({ profile, tenant: sampleTenant() })
          const blocked = await stored({ profile })
          await store.users.setStatus('demo', blocked.id, 'blocked')
          expect(await both[1].users.findByVerifiedEmail('demo', profile.email!.address, 1)).toEqual([first])
          expect(await idsBy(first)).toEqual([first.id, second.id, third.id])
          expect(await idsBy(first, 2)).toEqual([first.id, second.id])
        })

        it('finds nobody who has proven it, or whose upstream does not call it verified', async () => {
          const proven = await stored({ emailProven: true })
          expect(await idsBy(proven)).toEqual([])
          const address = sampleEmail()
          expect(await idsBy(await stored({ profile: { email: { address, verified: false } } }))).toEqual([])
        })

        it('follows what every login stores', async () => {
          const identity = sampleIdentity()
          const user = sampleUser({ emailProven: false })
          await store.users.create(user, identity)
          await store.users.update({ ...user, emailProven: true }, identity)
          expect(await idsBy(user)).toEqual([])
          await store.users.update(user, identity)
          expect(await idsBy(user)).toEqual([user.id])
          const moved = { ...user, profile: { email: { address: sampleEmail(), verified: true } } }
          await store.users.link(moved, sampleIdentity())
          expect([await idsBy(user), await idsBy(moved)]).toEqual([[], [user.id]])
        })
      })

      it('creates one user for an identity that 50 callers bring at once', async () => {
        const identity = sampleIdentity()
        const created = await together(both, 50, (each) => each.users.create(sampleUser({ tenant: 'crowd' }), identity))
        expect(created.filter(Boolean)).toHaveLength(1)
        const user = await store.users.findByIdentity('crowd', identity.issuer, identity.subject)
        expect(await store.users.identitiesOf('crowd', user!.id)).toEqual([identity])
      })

      it('creates one user for a proven email that 50 callers bring at once', async () => {
        const tenant = sampleTenant()
        const profile = { email: { address: sampleEmail(), verified: true } }
        const created = await together(both, 50, (each) =>
          each.users.create(sampleUser({ tenant, profile }), sampleIdentity()),
        )
        expect(created.filter(Boolean)).toHaveLength(1)
        expect(await store.users.findByProvenEmail(tenant, profile.email.address)).toHaveLength(1)
      })

      it('creates both rows or none', async () => {
        const user = sampleUser()
        await store.users.create(user, sampleIdentity())
        const identity = sampleIdentity()
        await expect(store.users.create({ ...user, profile: {}, emailProven: false }, identity)).rejects.toThrow(
          'exists already',
        )
        expect(await store.users.findByIdentity('demo', identity.issuer, identity.subject)).toBeNull()
        expect(await store.users.identitiesOf('demo', user.id)).toHaveLength(1)
        expect(await store.users.find('demo', user.id)).toEqual(user)
      })

      it('links an identity once, and stores the profile with it', async () => {
        const [one, other] = [sampleUser(), sampleUser()]
        await store.users.create(one, sampleIdentity())
        await store.users.create(other, sampleIdentity())
        const identity = sampleIdentity({ connection: 'google' })
        const changed = { ...one, profile: { ...one.profile, name: 'Changed' } }
        expect(await store.users.link(changed, identity)).toBe(true)
        expect(await store.users.link({ ...other, profile: {} }, identity)).toBe(false)
        expect(await store.users.find('demo', one.id)).toEqual(changed)
        expect(await store.users.find('demo', other.id)).toEqual(other)
        expect(await store.users.identitiesOf('demo', one.id)).toHaveLength(2)
      })

      it('never changes the status of a user by linking or updating', async () => {
        const identity = sampleIdentity()
        const user = sampleUser({ status: 'blocked' })
        await store.users.create(user, identity)
        await store.users.update({ ...user, status: 'active' }, identity)
        await store.users.link({ ...user, status: 'active' }, sampleIdentity())
        expect((await store.users.find('demo', user.id))?.status).toBe('blocked')
      })

      it('updates profile, proof and what the identity said last', async () => {
        const identity = sampleIdentity()
        const user = sampleUser()
        await store.users.create(user, identity)
        const changed = { ...user, profile: { name: 'New' }, emailProven: false }
        const said = { ...identity, profile: { name: 'New' }, connection: 'okta-2', lastLoginAt: secondsFromNow(60) }
        await store.users.update(changed, said)
        expect(await store.users.find('demo', user.id)).toEqual(changed)
        expect(await store.users.identitiesOf('demo', user.id)).toEqual([said])
        expect(await store.users.findByProvenEmail('demo', user.profile.email!.address)).toEqual([])
      })

      describe('ID-05 an email that several users come to prove', () => {
        const provenBy = (tenant: string, address: string) =>
          Array.from({ length: 30 }, () => ({
            user: sampleUser({ tenant, profile: { email: { address, verified: true } } }),
            identity: sampleIdentity(),
          }))
        /** In the store without the proof. */
        async function unproven(address: string) {
          const people = provenBy(sampleTenant(), address)
          for (const { user, identity } of people) await store.users.create({ ...user, emailProven: false }, identity)
          return people
        }

        it('is proven for one of 30 whom logins update at once; the others stay as they were', async () => {
          const address = sampleEmail()
          const people = await unproven(address)
          const tenant = people[0]!.user.tenant
          const updated = await together(both, 30, (each, turn) =>
            each.users.update(people[turn]!.user, people[turn]!.identity),
          )
          expect(updated.filter(Boolean)).toHaveLength(1)
          const [winner, ...others] = await store.users.findByProvenEmail(tenant, address)
          expect(others).toEqual([])
          expect(winner).toEqual(people[updated.indexOf(true)]!.user)
          const loser = people[updated.indexOf(false)]!.user
          expect(await store.users.find(tenant, loser.id)).toEqual({ ...loser, emailProven: false })
        })

        it('is proven for one of 30 who create, link and update at once', async () => {
          const address = sampleEmail()
          const people = await unproven(address)
          const tenant = people[0]!.user.tenant
          const candidates = provenBy(tenant, address)
          const done = await together(both, 30, (each, turn) => {
            const { user, identity } = people[turn]!
            if (turn % 3 === 0)
              return each.users.create({ ...candidates[turn]!.user, tenant }, candidates[turn]!.identity)
            return turn % 3 === 1 ? each.users.link(user, sampleIdentity()) : each.users.update(user, identity)
          })
          expect(done.filter(Boolean)).toHaveLength(1)
          expect(await store.users.findByProvenEmail(tenant, address)).toHaveLength(1)
        })

        it('links no identity to who would prove it too, and keeps nothing of that', async () => {
          const [holder, other] = [sampleUser(), sampleUser({ emailProven: false })]
          await store.users.create(holder, sampleIdentity())
          await store.users.create(other, sampleIdentity())
          const identity = sampleIdentity()
          const thief = { ...other, profile: holder.profile, emailProven: true }
          expect(await store.users.link(thief, identity)).toBe(false)
          expect(await store.users.update(thief, identity)).toBe(false)
          expect(await store.users.findByIdentity('demo', identity.issuer, identity.subject)).toBeNull()
          expect(await store.users.find('demo', other.id)).toEqual(other)
        })

        it('stays with who has it, through any number of logins at once', async () => {
          const [holder, identity] = [sampleUser(), sampleIdentity()]
          await store.users.create(holder, identity)
          const updated = await together(both, 20, (each) => each.users.update(holder, identity))
          expect(updated.every(Boolean)).toBe(true)
          expect(await store.users.findByProvenEmail('demo', holder.profile.email!.address)).toEqual([holder])
        })

        it('is free again once who had it proves another one', async () => {
          const [holder, theirs, next, nexts] = [sampleUser(), sampleIdentity(), sampleUser(), sampleIdentity()]
          await store.users.create(holder, theirs)
          await store.users.create(next, nexts)
          const moved = { ...holder, profile: { email: { address: sampleEmail(), verified: true } } }
          expect(await store.users.update(moved, theirs)).toBe(true)
          expect(await store.users.update({ ...next, profile: holder.profile }, nexts)).toBe(true)
          expect(await store.users.update(holder, theirs)).toBe(false)
          await store.users.link(moved, sampleIdentity())
          expect(await store.users.unlink(holder, theirs, ['okta'])).toBe(true) // read before it moved
          expect(await store.users.find('demo', holder.id)).toMatchObject({ emailProven: false })
        })
      })

      it('unlinks an identity, stores the profile with it, and remembers who took it away until it is linked again', async () => {
        const [user, kept, taken] = [sampleUser(), sampleIdentity(), sampleIdentity({ connection: 'google' })]
        await store.users.create(user, kept)
        await store.users.link(user, taken)
        const changed = { ...user, profile: { ...user.profile, groups: [] } }
        expect(await store.users.unlinkedBy('demo', taken)).toEqual([])
        expect(await store.users.unlink(changed, taken, ['okta'])).toBe(true)
        expect(await both[1].users.identitiesOf('demo', user.id)).toEqual([kept])
        expect(await store.users.findByIdentity('demo', taken.issuer, taken.subject)).toBeNull()
        expect(await store.users.find('demo', user.id)).toEqual(changed)
        expect(await both[1].users.unlinkedBy('demo', taken)).toEqual([user.id])
        expect(await store.users.unlinkedBy(sampleTenant(), taken)).toEqual([])
        expect(await both[1].users.hasUnlinked(user, taken.issuer)).toBe(true)
        expect(await store.users.hasUnlinked(user, 'https://other.example')).toBe(false)
        expect(await store.users.unlink(user, taken, ['okta', 'google'])).toBe(false)
        expect(await store.users.link(user, taken)).toBe(true)
        expect(await store.users.unlinkedBy('demo', taken)).toEqual([])
        expect(await store.users.hasUnlinked(user, taken.issuer)).toBe(false)
      })

      it('ID-09 never unlinks the last way in, nor the last one whose connection still lets people in', async () => {
        const [user, google, gone] = [sampleUser(), sampleIdentity({ connection: 'google' }), sampleIdentity()]
        await store.users.create(user, google)
        expect(await store.users.unlink(user, google, ['google'])).toBe(false)
        await store.users.link(user, { ...gone, connection: 'gone' })
        expect(await store.users.unlink({ ...user, profile: {} }, google, ['google', 'okta'])).toBe(false)
        expect(await store.users.find('demo', user.id)).toEqual(user)
        expect(await store.users.identitiesOf('demo', user.id)).toHaveLength(2)
        expect(await store.users.unlink(user, gone, ['google'])).toBe(true)
      })

      it('SE-09 unlinks no identity of another user or tenant', async () => {
        const [one, other, identity] = [sampleUser(), sampleUser(), sampleIdentity()]
        await store.users.create(one, identity)
        await store.users.link(one, sampleIdentity())
        await store.users.create(other, sampleIdentity())
        await store.users.link(other, sampleIdentity())
        expect(await store.users.unlink(other, identity, ['okta'])).toBe(false)
        expect(await store.users.unlink({ ...one, tenant: sampleTenant() }, identity, ['okta'])).toBe(false)
        expect(await store.users.identitiesOf('demo', one.id)).toHaveLength(2)
      })

      it('ID-09 leaves exactly one of two identities that 50 callers unlink at once', async () => {
        const user = sampleUser()
        const identities = [sampleIdentity(), sampleIdentity({ connection: 'google' })]
        await store.users.create(user, identities[0]!)
        await store.users.link(user, identities[1]!)
        const unlinked = await together(both, 50, (each, turn) =>
          // callers change identity at another pace than they change process
          each.users.unlink(user, identities[Math.floor(turn / 2) % 2]!, ['okta', 'google']),
        )
        expect(unlinked.filter(Boolean)).toHaveLength(1)
        expect(await store.users.identitiesOf('demo', user.id)).toHaveLength(1)
      })

      it('finds a user by id alone, whatever the tenant', async () => {
        const user = sampleUser({ tenant: sampleTenant() })
        await store.users.create(user, sampleIdentity())
        expect(await both[1].users.findById(user.id)).toEqual(user)
      })

      it('blocks and unblocks a user, and tells who changed it: one of 50 at once', async () => {
        const [user, other] = [sampleUser(), sampleUser()]
        for (const each of [user, other]) await store.users.create(each, sampleIdentity())
        const blocked = await together(both, 50, (each) => each.users.setStatus('demo', user.id, 'blocked'))
        expect(blocked.filter(Boolean)).toHaveLength(1)
        expect(await store.users.find('demo', user.id)).toEqual({ ...user, status: 'blocked' })
        expect(await store.users.setStatus(sampleTenant(), user.id, 'active')).toBe(false)
        expect(await store.users.setStatus('demo', user.id, 'active')).toBe(true)
        expect(await store.users.find('demo', user.id)).toEqual(user)
        expect(await store.users.find('demo', other.id)).toEqual(other)
      })

      it('ID-05 keeps quotes, NUL-free unicode and SQL in a profile as text', async () => {
        const user = sampleUser({ profile: { name: `Robert'); drop table users; -- "\\ 🜁` } })
        await store.users.create(user, sampleIdentity({ subject: `' or 1=1 -- ${user.id}` }))
        expect(await store.users.find('demo', user.id)).toEqual(user)
        expect(await store.users.findByIdentity('demo', sampleIdentity().issuer, `' or '1'='1`)).toBeNull()
      })
    })

    describe('checks of domains', () => {
      it('gives back the newest of each domain and tenant, whichever process wrote it', async () => {
        const tenant = sampleTenant()
        const mine = async () => (await both[1].domainChecks.all()).filter((check) => check.tenant === tenant)
        const at = (seconds: number) => secondsFromNow(seconds)
        const found = { tenant, domain: 'a.test', outcome: 'proven', checkedAt: at(0), provenAt: at(0) } as const
        const other = { ...found, domain: 'b.test', outcome: 'missing', provenAt: undefined } as const
        await store.domainChecks.put(other)
        await store.domainChecks.put(found)
        expect(await mine()).toEqual([found, other])
        const inTheFuture = { ...found, outcome: 'unanswered', checkedAt: at(60) } as const
        await store.domainChecks.put(inTheFuture)
        await store.domainChecks.put({ ...found, outcome: 'missing', provenAt: undefined }) // came late
        expect(await mine()).toEqual([inTheFuture, other])
      })
    })

    describe('beliefs', () => {
      const sample = (changes: Partial<StoredTrustedMetadata> = {}): StoredTrustedMetadata => ({
        ...{
          tenant: sampleTenant(),
          connection: 'staff',
          issuer: 'https://idp.test',
          source: 'https://idp.test/metadata',
        },
        ...{ content: '{"keys":[]}', ...changes },
      })
      const now = new Date()

      it('SA-87 keeps what the first said, and changes it only for who knows what stands there', async () => {
        const first = sample()
        const { tenant } = first
        const other = sample({ tenant, connection: 'partner' })
        expect(await store.trustedMetadata.ofTenant(tenant)).toEqual([])
        expect(await store.trustedMetadata.replace(first, null, now)).toBe(true)
        expect(await both[1].trustedMetadata.replace({ ...first, content: 'late' }, null, now)).toBe(false)
        expect(await store.trustedMetadata.replace(other, null, now)).toBe(true)
        expect(await both[1].trustedMetadata.ofTenant(tenant)).toEqual([other, first])
        const next = { ...first, content: 'next' }
        expect(await both[1].trustedMetadata.replace(next, first, now)).toBe(true)
        expect(await store.trustedMetadata.replace({ ...first, content: 'late' }, first, now)).toBe(false)
        expect(await store.trustedMetadata.ofTenant(tenant)).toEqual([other, next])
        expect(await store.trustedMetadata.ofTenant(sampleTenant())).toEqual([])
      })

      it('SA-87 of 20 that begin at once one is believed', async () => {
        const first = sample()
        const outcomes = await together(both, 20, (each, turn) =>
          each.trustedMetadata.replace({ ...first, content: `${turn}` }, null, now),
        )
        expect(outcomes.filter((written) => written)).toHaveLength(1)
      })
    })

    describe('passwords', () => {
      it('keeps the subject an email has, and replaces the hash', async () => {
        const tenant = sampleTenant()
        const email = sampleEmail()
        const first = await store.passwords.put(tenant, { subject: 's1', email, name: 'Zoë', hash: 'h1' }, new Date())
        const second = await store.passwords.put(tenant, { subject: 's2', email, hash: 'h2' }, new Date())
        expect([first, second]).toEqual(['s1', 's1'])
        expect(await store.passwords.find(tenant, email)).toEqual({ subject: 's1', email, name: 'Zoë', hash: 'h2' })
        expect(await store.passwords.find(sampleTenant(), email)).toBeNull()
      })

      it('gives one subject to all who set a password for one email at once', async () => {
        const tenant = sampleTenant()
        const email = sampleEmail()
        const subjects = await together(both, 20, (each, turn) =>
          each.passwords.put(tenant, { subject: `s${turn}`, email, hash: 'h' }, new Date()),
        )
        expect(new Set(subjects).size).toBe(1)
      })

      it('removes a password, and gives who sets one for that email later another subject', async () => {
        const [tenant, email] = [sampleTenant(), sampleEmail()]
        await store.passwords.put(tenant, { subject: 'old', email, hash: 'h' }, new Date())
        await store.passwords.remove(sampleTenant(), 'old')
        await store.passwords.remove(tenant, 'another')
        expect(await store.passwords.find(tenant, email)).not.toBeNull()
        await store.passwords.remove(tenant, 'old')
        expect(await store.passwords.find(tenant, email)).toBeNull()
        expect(await store.passwords.put(tenant, { subject: 'new', email, hash: 'h' }, new Date())).toBe('new')
      })

      it('does not let a rehash undo a reset', async () => {
        const tenant = sampleTenant()
        const email = sampleEmail()
        await store.passwords.put(tenant, { subject: 's', email, hash: 'reset' }, new Date())
        await store.passwords.rehash(tenant, 's', 'before', 'rehashed')
        expect((await store.passwords.find(tenant, email))?.hash).toBe('reset')
        await store.passwords.rehash(tenant, 's', 'reset', 'rehashed')
        expect((await store.passwords.find(tenant, email))?.hash).toBe('rehashed')
      })
    })

    it('keeps traces, replaces them by reference, lists the newest first and forgets the old', async () => {
      const tenant = sampleTenant()
      const old = sampleTrace({ tenant, startedAt: new Date(1000) })
      const recent = sampleTrace({ tenant })
      await store.traces.put(old)
      await store.traces.put(recent)
      const closed = { ...recent, outcome: 'refused', code: 'user_denied', fixer: 'person', userId: 'u' } as const
      await store.traces.put(closed)
      expect(await store.traces.find(recent.reference)).toEqual(closed)
      expect(await store.traces.recent({ tenant, limit: 5 })).toEqual([closed, old])
      expect(await store.traces.recent({ tenant, limit: 1 })).toEqual([closed])
      expect((await store.traces.recent({ limit: 100 })).length).toBeGreaterThanOrEqual(2)
      expect(await store.traces.forgetBefore(new Date(2000))).toBe(1)
      expect(await store.traces.find(old.reference)).toBeNull()
    })

    it('keeps audit events, newest first, also within one millisecond', async () => {
      const tenant = sampleTenant()
      const event = { at: new Date(), tenant, action: 'session.ended', target: 'id', details: { why: 'asked' } }
      for (const actor of ['first', 'second', 'third']) await store.audit.add({ ...event, actor })
      const events = await store.audit.recent({ tenant, limit: 2 })
      expect(events).toEqual([
        { ...event, actor: 'third' },
        { ...event, actor: 'second' },
      ])
    })

    describe('outbox', () => {
      const mail: Mail = { to: 'zoe@example.test', subject: 'Hello', text: 'a link', html: '<p>a link</p>' }
      // mails of the far past: each test claims only its own
      let past = 1_000_000
      const nextPast = () => {
        past += 1_000_000
        return new Date(past)
      }

      it('leases each mail to one of many who claim at once', async () => {
        const now = nextPast()
        await Promise.all(Array.from({ length: 10 }, () => store.outbox.add(mail, now)))
        const claims = (await together(both, 20, (each) => each.outbox.claim(now, secondsFromNow(60), 3))).flat()
        const more = await store.outbox.claim(now, secondsFromNow(60), 10)
        const ids = [...claims, ...more].map(({ id }) => id)
        expect(new Set(ids).size).toBe(10)
        expect(ids).toHaveLength(10)
        expect(claims[0]).toEqual({ id: claims[0]?.id, mail, attempts: 0 })
        await Promise.all(ids.map((id) => store.outbox.sent(id)))
      })

      it('gives a mail again when its lease ran out or a retry is due, and counts the attempts', async () => {
        const now = nextPast()
        await store.outbox.add(mail, now)
        const inTheFuture = new Date(now.getTime() + 1000)
        expect((await store.outbox.claim(now, inTheFuture, 1))[0]?.attempts).toBe(0)
        expect(await store.outbox.claim(now, inTheFuture, 1)).toEqual([])
        const [again] = await store.outbox.claim(inTheFuture, secondsFromNow(60), 1)
        expect(again?.attempts).toBe(1)
        await store.outbox.retry(again!.id, now)
        expect((await store.outbox.claim(now, inTheFuture, 1))[0]?.attempts).toBe(2)
        await store.outbox.sent(again!.id)
        expect(await store.outbox.claim(inTheFuture, inTheFuture, 1)).toEqual([])
      })

      it('SE-06 opens a mail sealed under an older key, and keeps one whose key is missing', async () => {
        const now = nextPast()
        const older = sampleKey()
        const writer = await open({ keyRing: new KeyRing([older]) })
        const reader = await open({ keyRing: new KeyRing([sampleKey(), older]) })
        const stranger = await open({ keyRing: new KeyRing([sampleKey()]) })
        await writer.outbox.add(mail, now)
        expect(await stranger.outbox.claim(now, now, 5)).toEqual([])
        const [found] = await reader.outbox.claim(now, now, 5)
        expect(found?.mail).toEqual(mail)
        await reader.outbox.sent(found!.id)
        await Promise.all([writer, reader, stranger].map((each) => each.close()))
      })
    })

    appRecordsContract(() => both, open)

    it('may be closed twice', async () => {
      const another = await open({ keyRing })
      await another.ping()
      await another.close()
      await another.close()
    })
  })
}
