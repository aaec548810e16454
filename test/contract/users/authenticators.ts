/** Second factors of users, on any durable store. */
import { describe, expect, it } from 'vitest'
import {
  maxAuthenticators,
  type Passkey,
  type RememberedDevice,
  type Totp,
} from '../../../src/broker/ports/authenticators.ts'
import {
  samplePasskey as anyPasskey,
  sampleIdentity,
  sampleTenant,
  sampleUser,
  simultaneously,
} from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

const sampleId = () => crypto.randomUUID()

/** One start for the whole file: a test compares times that it computes twice. */
const start = Date.now()
const at = (seconds: number) => new Date((Math.floor(start / 1000) + seconds) * 1000)

const sampleTotp = (changes: Partial<Totp> = {}): Totp => ({
  tenant: sampleTenant(),
  userId: 'ada',
  id: sampleId(),
  kind: 'totp',
  name: 'Phone',
  createdAt: at(0),
  sealed: Buffer.from('sealed seed'),
  lastStep: 100,
  ...changes,
})

const samplePasskey = (changes: Partial<Passkey> = {}) => anyPasskey({ createdAt: at(1), ...changes })

const sampleDevice = (changes: Partial<RememberedDevice> = {}): RememberedDevice => ({
  tenant: sampleTenant(),
  userId: 'ada',
  id: sampleId(),
  hash: sampleId(),
  device: 'Chrome on Linux',
  createdAt: at(0),
  expiresAt: at(60),
  lastUsedAt: at(0),
  ...changes,
})

export function authenticatorsContract(stores: () => BothDurables): void {
  describe('authenticators', () => {
    it('names the users with a passkey that is not removed', async () => {
      const [one, other] = stores()
      const tenant = sampleTenant()
      const removed = samplePasskey({ tenant, userId: 'carol' })
      for (const each of [samplePasskey({ tenant }), sampleTotp({ tenant, userId: 'bob' }), removed])
        await one.authenticators.add(each)
      await one.authenticators.remove(removed, removed.id, at(2))
      const users = ['ada', 'bob', 'carol', 'dave']
      expect(await other.authenticators.passkeyUsersOf(tenant, users)).toEqual(new Set(['ada']))
      expect(await other.authenticators.passkeyUsersOf(tenant, ['bob'])).toEqual(new Set())
      expect(await other.authenticators.passkeyUsersOf(tenant, [])).toEqual(new Set())
    })

    it('are returned oldest first, of one user and tenant, from any process', async () => {
      const [one, other] = stores()
      const totp = sampleTotp()
      const { tenant } = totp
      const passkey = samplePasskey({ tenant })
      for (const each of [passkey, totp, sampleTotp({ tenant, userId: 'bob' }), sampleTotp()])
        expect(await one.authenticators.add(each)).toBe('added')
      expect(await other.authenticators.of(totp)).toEqual([totp, passkey])
      expect(await other.authenticators.findPasskey(tenant, passkey.credentialId)).toEqual(passkey)
      expect(await other.authenticators.findPasskey(sampleTenant(), passkey.credentialId)).toBeNull()
    })

    it('rejects a second passkey with the same credential ID in a tenant, also of another user', async () => {
      const [one, other] = stores()
      const passkey = samplePasskey()
      const { tenant, credentialId } = passkey
      expect(await one.authenticators.add(passkey)).toBe('added')
      expect(await other.authenticators.add(samplePasskey({ tenant, credentialId, userId: 'bob' }))).toBe('duplicate')
      expect(await other.authenticators.add(samplePasskey({ credentialId }))).toBe('added')
    })

    it('adds ten to a user for 50 callers in two processes, and more once one is removed', async () => {
      const [one, other] = stores()
      const { id: userId, tenant } = sampleUser()
      await one.users.create(sampleUser({ id: userId, tenant }), sampleIdentity())
      const outcomes = await simultaneously([one, other], 50, (store, turn) => {
        const key = { tenant, userId }
        return store.authenticators.add(turn % 3 === 0 ? samplePasskey(key) : sampleTotp(key))
      })
      expect(outcomes.filter((outcome) => outcome === 'added')).toHaveLength(maxAuthenticators)
      expect(outcomes.filter((outcome) => outcome === 'full')).toHaveLength(50 - maxAuthenticators)
      const own = await other.authenticators.of({ tenant, userId })
      expect(own).toHaveLength(maxAuthenticators)
      await one.authenticators.remove({ tenant, userId }, own[0]?.id ?? '', at(2))
      expect(await other.authenticators.add(sampleTotp({ tenant, userId }))).toBe('added')
    })

    it('MF-01: accepts each TOTP time step once, for one of 50 callers in two processes', async () => {
      const [one, other] = stores()
      const totp = sampleTotp()
      await one.authenticators.add(totp)
      const use = (step: number) =>
        simultaneously(stores(), 50, (store) => store.authenticators.useTotpStep(totp, totp.id, step, at(5)))
      expect((await use(101)).filter(Boolean)).toHaveLength(1)
      expect((await use(101)).filter(Boolean)).toHaveLength(0)
      expect((await use(100)).filter(Boolean)).toHaveLength(0)
      const [stored] = await other.authenticators.of(totp)
      expect(stored).toEqual({ ...totp, lastStep: 101, lastUsedAt: at(5) })
    })

    it('accepts a passkey only while its counter grows, or is always 0', async () => {
      const [one, other] = stores()
      const passkey = samplePasskey()
      const synced = samplePasskey({ tenant: passkey.tenant, counter: 0 })
      for (const each of [passkey, synced]) await one.authenticators.add(each)
      const use = (each: Passkey, counter: number) => other.authenticators.usePasskey(each, counter, false, at(9))
      expect(await use(passkey, 5)).toBe(false)
      expect(await use(passkey, 0)).toBe(false)
      expect(await use(passkey, 6)).toBe(true)
      expect(await use(passkey, 6)).toBe(false)
      expect(await use(synced, 0)).toBe(true)
      expect(await use(synced, 0)).toBe(true)
      const found = await one.authenticators.findPasskey(passkey.tenant, passkey.credentialId)
      expect(found).toEqual({ ...passkey, counter: 6, backedUp: false, lastUsedAt: at(9) })
    })

    it('accepts one of 50 assertions with the same counter', async () => {
      const [one] = stores()
      const passkey = samplePasskey()
      await one.authenticators.add(passkey)
      const used = await simultaneously(stores(), 50, (store) =>
        store.authenticators.usePasskey(passkey, 7, true, at(1)),
      )
      expect(used.filter(Boolean)).toHaveLength(1)
    })

    it('are unusable once removed, until they are restored in time', async () => {
      const [one, other] = stores()
      const totp = sampleTotp()
      const passkey = samplePasskey({ tenant: totp.tenant })
      for (const each of [totp, passkey]) await one.authenticators.add(each)
      const removals = await simultaneously(stores(), 50, (store) => store.authenticators.remove(totp, totp.id, at(10)))
      expect(removals.filter(Boolean)).toHaveLength(1)
      expect(await one.authenticators.remove(passkey, passkey.id, at(10))).toBe(true)
      expect(await other.authenticators.of(totp)).toEqual([])
      expect(await other.authenticators.findPasskey(passkey.tenant, passkey.credentialId)).toBeNull()
      expect(await other.authenticators.useTotpStep(totp, totp.id, 200, at(11))).toBe(false)
      expect(await other.authenticators.usePasskey(passkey, 9, true, at(11))).toBe(false)
      expect(await other.authenticators.restore(totp, totp.id, at(11))).toBe(false)
      const restorations = await simultaneously(stores(), 50, (store) =>
        store.authenticators.restore(totp, totp.id, at(10)),
      )
      expect(restorations.filter(Boolean)).toHaveLength(1)
      expect(await one.authenticators.of(totp)).toEqual([totp])
    })

    it('RE-03: suspends passkeys created since, for one of 50 callers, until one of 50 confirms', async () => {
      const [one, other] = stores()
      const earlier = samplePasskey({ createdAt: at(1) })
      const { tenant } = earlier
      const added = samplePasskey({ tenant, createdAt: at(5) })
      const removed = samplePasskey({ tenant, createdAt: at(6) })
      const totp = sampleTotp({ tenant, createdAt: at(7) })
      const bobs = samplePasskey({ tenant, userId: 'bob', createdAt: at(8) })
      for (const each of [earlier, added, removed, totp, bobs]) await one.authenticators.add(each)
      await one.authenticators.remove(removed, removed.id, at(9))
      const suspensions = await simultaneously(stores(), 50, (store) =>
        store.authenticators.suspendPasskeys({ tenant, userId: 'ada' }, at(5), at(10)),
      )
      const suspended = { ...added, suspendedAt: at(10) }
      expect(suspensions.flat()).toEqual([suspended])
      expect(await other.authenticators.of(earlier)).toEqual([earlier, suspended, totp])
      expect(await other.authenticators.of(bobs)).toEqual([bobs])
      expect(await other.authenticators.confirmPasskey(bobs, added.id)).toBe(false)
      const confirmations = await simultaneously(stores(), 50, (store) =>
        store.authenticators.confirmPasskey(added, added.id),
      )
      expect(confirmations.filter(Boolean)).toHaveLength(1)
      expect(await one.authenticators.findPasskey(tenant, added.credentialId)).toEqual(added)
    })

    it('are forgotten some time after their removal', async () => {
      const [one, other] = stores()
      const [first, second] = [sampleTotp(), sampleTotp()]
      for (const each of [first, second]) await one.authenticators.add(each)
      const long = new Date(at(0).getTime() - 30 * 86_400_000)
      await one.authenticators.remove(first, first.id, long)
      await one.authenticators.remove(second, second.id, at(0))
      expect(await other.authenticators.forgetRemovedBefore(at(-86_400), 100)).toBe(1)
      expect(await one.authenticators.restore(first, first.id, new Date(0))).toBe(false)
      expect(await one.authenticators.restore(second, second.id, new Date(0))).toBe(true)
    })

    it('are read in pages across users, and resealed once', async () => {
      const [one, other] = stores()
      const tenant = sampleTenant()
      const samples = ['ada', 'ada', 'bob'].map((userId, at) => sampleTotp({ tenant, userId, id: `id ${at}` }))
      for (const each of [samplePasskey({ tenant }), ...samples]) await one.authenticators.add(each)
      await one.authenticators.remove({ tenant, userId: 'bob' }, 'id 2', at(1))
      const before = { tenant, userId: '', id: '' }
      const first = await other.authenticators.totpAfter(before, 2)
      expect(first).toEqual(samples.slice(0, 2))
      const [third] = await other.authenticators.totpAfter(first[1], 1)
      expect(third).toEqual(samples[2])
      expect((await other.authenticators.totpAfter(undefined, 1)).length).toBe(1)
      const [totp] = samples
      const reseal = () => one.authenticators.reseal(totp!, Buffer.from('sealed anew'))
      expect([await reseal(), await reseal()]).toEqual([true, false])
      expect((await other.authenticators.totpAfter(before, 1))[0]?.sealed).toEqual(Buffer.from('sealed anew'))
    })

    it('renames and removes only those of the user', async () => {
      const [one, other] = stores()
      const totp = sampleTotp()
      await one.authenticators.add(totp)
      const bob = { tenant: totp.tenant, userId: 'bob' }
      expect(await other.authenticators.rename(bob, totp.id, 'Mine')).toBe(false)
      expect(await other.authenticators.remove(bob, totp.id, at(1))).toBe(false)
      expect(await other.authenticators.removeAll(bob, at(1))).toBe(0)
      expect(await other.authenticators.rename(totp, totp.id, 'Old phone')).toBe(true)
      expect(await one.authenticators.of(totp)).toEqual([{ ...totp, name: 'Old phone' }])
      expect(await one.authenticators.removeAll(totp, at(1))).toBe(1)
    })
  })

  describe('recovery codes', () => {
    it('MF-03: work once, for one of 50 callers in two processes', async () => {
      const [one, other] = stores()
      const user = { tenant: sampleTenant(), userId: 'ada' }
      expect(await one.recoveryCodes.stateOf(user)).toBeUndefined()
      await one.recoveryCodes.replace(user, ['first', 'second'], at(0))
      const uses = await simultaneously(stores(), 50, (store) => store.recoveryCodes.use(user, 'first', at(1)))
      expect(uses.filter(Boolean)).toHaveLength(1)
      expect(await other.recoveryCodes.use(user, 'unknown', at(1))).toBe(false)
      expect(await other.recoveryCodes.use({ ...user, userId: 'bob' }, 'second', at(1))).toBe(false)
      expect(await other.recoveryCodes.stateOf(user)).toEqual({ remaining: 1, createdAt: at(0) })
    })

    it('MF-03: new ones end the former', async () => {
      const [one, other] = stores()
      const user = { tenant: sampleTenant(), userId: 'ada' }
      await one.recoveryCodes.replace(user, ['old'], at(0))
      await other.recoveryCodes.replace(user, ['new'], at(1))
      expect(await one.recoveryCodes.use(user, 'old', at(2))).toBe(false)
      expect(await one.recoveryCodes.use(user, 'new', at(2))).toBe(true)
      await one.recoveryCodes.removeAll(user)
      expect(await other.recoveryCodes.stateOf(user)).toBeUndefined()
    })
  })

  describe('remembered devices', () => {
    it('are found by their user and hash, and listed newest first while they live', async () => {
      const [one, other] = stores()
      const first = sampleDevice()
      const { tenant } = first
      const second = sampleDevice({ tenant, createdAt: at(5) })
      const ended = sampleDevice({ tenant, expiresAt: at(1) })
      for (const each of [first, second, ended, sampleDevice({ tenant, userId: 'bob' })])
        await one.rememberedDevices.put(each)
      expect(await other.rememberedDevices.find(first, first.hash)).toEqual(first)
      expect(await other.rememberedDevices.find({ tenant, userId: 'bob' }, first.hash)).toBeNull()
      expect(await other.rememberedDevices.of(first, at(1))).toEqual([second, first])
      await one.rememberedDevices.recordUse(first, first.id, at(9))
      expect(await other.rememberedDevices.find(first, first.hash)).toEqual({ ...first, lastUsedAt: at(9) })
    })

    it('are removed one by one, all at once, or when they ended', async () => {
      const [one, other] = stores()
      const first = sampleDevice()
      const { tenant } = first
      const others = [sampleDevice({ tenant }), sampleDevice({ tenant })]
      const ended = sampleDevice({ tenant, expiresAt: at(-86_400 * 30) })
      for (const each of [first, ...others, ended]) await one.rememberedDevices.put(each)
      const removals = await simultaneously(stores(), 50, (store) => store.rememberedDevices.remove(first, first.id))
      expect(removals.filter(Boolean)).toHaveLength(1)
      expect(await one.rememberedDevices.forgetBefore(at(-86_400), 100)).toBeGreaterThanOrEqual(1)
      expect(await one.rememberedDevices.find(ended, ended.hash)).toBeNull()
      expect(await one.rememberedDevices.removeAll(first)).toBe(2)
      expect(await other.rememberedDevices.of(first, at(0))).toEqual([])
    })
  })
}
