/** Refresh tokens of upstreams: what every durable store must do with them. */
import { describe, expect, it } from 'vitest'
import type { ClaimedGrant, UpstreamGrant } from '../../../src/broker/ports/upstream-grants.ts'
import { sampleIdentity, sampleTenant, sampleUser, simultaneously } from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

/** Long ago: grants of other tests are not due then, and these are for no other test. */
const start = Date.UTC(2001, 0, 1)
const at = (seconds: number) => new Date(start + seconds * 1000)

let grants = 0
function sampleGrant(changes: Partial<UpstreamGrant> = {}): UpstreamGrant {
  grants += 1
  const [tenant, userId] = [sampleTenant(), `user-${grants}`]
  const identity = { issuer: 'https://acme.okta.example', subject: `00u${grants}` }
  const content = { memo: { refreshToken: `canary-${grants}` }, identity: { hash: 'hash', storedAt: at(0) } }
  return { tenant, userId, connection: 'okta', ...identity, content, ...changes }
}

export function upstreamGrantsContract(stores: () => BothDurables): void {
  /** Claims of one tenant: others may be due too. */
  async function claimOf(tenant: string, now: Date, leaseUntil = new Date(now.getTime() + 60_000)) {
    const claimed = await stores()[0].upstreamGrants.claim(now, leaseUntil, 1000, [])
    return claimed.filter((grant) => grant.tenant === tenant)
  }

  async function claimOne(tenant: string, now: Date, leaseUntil?: Date): Promise<ClaimedGrant> {
    const [grant] = await claimOf(tenant, now, leaseUntil)
    if (grant === undefined) throw new Error('nothing was due')
    return grant
  }

  describe('upstream grants', () => {
    it('are claimed once due, with their sealed content', async () => {
      const [one] = stores()
      const grant = sampleGrant()
      await one.upstreamGrants.put(grant, at(0), at(100))
      expect(await claimOf(grant.tenant, at(99))).toEqual([])
      const claimed = await claimOne(grant.tenant, at(100))
      const state = { confirmedAt: at(0), activeAt: at(0), isDoubtful: false, isIdle: false }
      expect(claimed).toMatchObject({ ...grant, ...state })
      expect(await claimOf(grant.tenant, at(159))).toEqual([])
    })

    it('ID-10: are leased to one of 50 callers in two processes', async () => {
      const [one] = stores()
      const grant = sampleGrant()
      await one.upstreamGrants.put(grant, at(200), at(210))
      const claims = await simultaneously(stores(), 50, (store) =>
        store.upstreamGrants.claim(at(220), at(300), 1000, []),
      )
      expect(claims.flat().filter(({ tenant }) => tenant === grant.tenant)).toHaveLength(1)
    })

    it('are claimed again after a lease that ran out, and are doubtful then', async () => {
      const [one, other] = stores()
      const grant = sampleGrant()
      await one.upstreamGrants.put(grant, at(400), at(410))
      const lost = await claimOne(grant.tenant, at(410), at(430))
      const again = await claimOne(grant.tenant, at(430))
      expect(again.isDoubtful).toBe(true)
      expect(await other.upstreamGrants.confirm(lost, at(431), at(500))).toBe(false)
      expect(await other.upstreamGrants.isCurrent(lost)).toBe(false)
      expect(await other.upstreamGrants.confirm(again, at(431), at(500))).toBe(true)
      const third = await claimOne(grant.tenant, at(500))
      expect(third).toMatchObject({ isDoubtful: false, confirmedAt: at(431) })
    })

    it('keep a new refresh token at once, so that a crash loses none', async () => {
      const [one, other] = stores()
      const grant = sampleGrant()
      await one.upstreamGrants.put(grant, at(600), at(610))
      const claimed = await claimOne(grant.tenant, at(610), at(620))
      const next = { ...grant.content, memo: { refreshToken: 'canary-next' } }
      expect(await other.upstreamGrants.keep(claimed, next)).toBe(true)
      expect(await claimOf(grant.tenant, at(619))).toEqual([])
      const again = await claimOne(grant.tenant, at(620))
      expect(again).toMatchObject({ content: next, isDoubtful: false })
    })

    it('let the newest sign-in win over a re-check that runs', async () => {
      const [one, other] = stores()
      const grant = sampleGrant()
      await one.upstreamGrants.put(grant, at(700), at(710))
      const claimed = await claimOne(grant.tenant, at(710))
      const content = { memo: { refreshToken: 'canary-of-the-new-sign-in' } }
      await other.upstreamGrants.put({ ...grant, content }, at(711), at(720))
      expect(await one.upstreamGrants.keep(claimed, grant.content)).toBe(false)
      expect(await one.upstreamGrants.fail(claimed, at(712), at(713), { code: 'x', isDoubtful: true })).toBe(false)
      expect(await one.upstreamGrants.remove(claimed)).toBe(false)
      expect(await claimOne(grant.tenant, at(720))).toMatchObject({ content, isDoubtful: false })
    })

    it('rest while the user is idle, and are due at the next use', async () => {
      const [one, other] = stores()
      const grant = sampleGrant()
      const { tenant, userId } = grant
      await one.upstreamGrants.put(grant, at(800), at(810))
      await one.upstreamGrants.setIdle(await claimOne(tenant, at(810)), at(810), at(9000))
      expect(await claimOf(tenant, at(900))).toEqual([])
      await other.upstreamGrants.recordActivity(tenant, ['unknown-user', userId], at(901))
      expect(await claimOne(tenant, at(901))).toMatchObject({ activeAt: at(901), isIdle: false })
    })

    it('are due at once if the user became active while they were set to rest', async () => {
      const [one, other] = stores()
      const grant = sampleGrant()
      const { tenant, userId } = grant
      await one.upstreamGrants.put(grant, at(1000), at(1010))
      const claimed = await claimOne(tenant, at(1010))
      await other.upstreamGrants.recordActivity(tenant, [userId], at(1011))
      expect(await claimOf(tenant, at(1012))).toEqual([])
      await one.upstreamGrants.setIdle(claimed, at(1012), at(9000))
      expect(await claimOne(tenant, at(1012))).toMatchObject({ activeAt: at(1011), isIdle: true })
    })

    it('are left out for connections that have enough to do', async () => {
      const [one] = stores()
      const grant = sampleGrant()
      const { tenant } = grant
      const other = sampleGrant({ tenant, connection: 'entra' })
      await one.upstreamGrants.put(grant, at(1100), at(1110))
      await one.upstreamGrants.put(other, at(1100), at(1110))
      const claimed = await one.upstreamGrants.claim(at(1110), at(1200), 1000, [{ tenant, connection: 'okta' }])
      expect(claimed.filter((each) => each.tenant === tenant)).toMatchObject([{ connection: 'entra' }])
    })

    it('FT-15: tell how many users of a connection could not be re-checked, and since when', async () => {
      const [one, other] = stores()
      const grant = sampleGrant()
      const { tenant, connection } = grant
      await one.upstreamGrants.put(grant, at(1300), at(1310))
      await one.upstreamGrants.put(sampleGrant({ tenant }), at(1301), at(9000))
      const failure = { code: 'upstream_unreachable', isDoubtful: true }
      const first = await claimOne(tenant, at(1310))
      expect(await one.upstreamGrants.fail(first, at(1311), at(1320), failure)).toBe(true)
      const second = await claimOne(tenant, at(1320))
      expect(second.isDoubtful).toBe(true)
      expect(await one.upstreamGrants.fail(second, at(1321), at(1330), failure)).toBe(true)
      const state = { users: 2, lastConfirmedAt: at(1301), failing: 1, failingSince: at(1311) }
      expect(await other.upstreamGrants.stateOf({ tenant, connection })).toEqual({ ...state, failure: failure.code })
      const third = await claimOne(tenant, at(1330))
      await one.upstreamGrants.confirm(third, at(1331), at(9000), { memo: {} })
      expect(await other.upstreamGrants.stateOf({ tenant, connection })).toEqual({
        users: 2,
        lastConfirmedAt: at(1331),
        failing: 0,
        failingSince: undefined,
        failure: undefined,
      })
      expect(await one.upstreamGrants.stateOf({ tenant, connection: 'none' })).toMatchObject({ users: 0 })
    })

    it('are removed for a user, or for one of their connections', async () => {
      const [one, other] = stores()
      const grant = sampleGrant()
      const { tenant, userId } = grant
      for (const connection of ['okta', 'entra', 'gitlab'])
        await one.upstreamGrants.put({ ...grant, connection }, at(1400), at(9000))
      expect(await other.upstreamGrants.removeOf({ tenant, userId: 'another' })).toBe(0)
      expect(await other.upstreamGrants.removeOf({ tenant, userId }, 'entra')).toBe(1)
      expect(await other.upstreamGrants.removeOf({ tenant, userId })).toBe(2)
      await one.upstreamGrants.put(grant, at(1400), at(1401))
      const claimed = await claimOne(tenant, at(1401))
      const removals = await simultaneously(stores(), 50, (store) => store.upstreamGrants.remove(claimed))
      expect(removals.filter(Boolean)).toHaveLength(1)
    })

    it('can be released without a result', async () => {
      const [one] = stores()
      const grant = sampleGrant()
      await one.upstreamGrants.put(grant, at(1500), at(1510))
      await one.upstreamGrants.release(await claimOne(grant.tenant, at(1510)), at(1515))
      expect(await claimOf(grant.tenant, at(1514))).toEqual([])
      expect(await claimOne(grant.tenant, at(1515))).toMatchObject({ isDoubtful: false })
    })
  })

  describe('confirmations of users', () => {
    it('are read with the user, and may go back', async () => {
      const [one, other] = stores()
      const user = sampleUser({ tenant: sampleTenant() })
      await one.users.create(user, sampleIdentity())
      const known = () => other.users.find(user.tenant, user.id).then((found) => found?.confirmation)
      expect(await known()).toBeUndefined()
      for (const time of [at(10), new Date(0)]) {
        await one.users.recordConfirmation(user, { at: time, connection: 'okta' })
        expect(await known()).toEqual({ at: time, connection: 'okta' })
      }
    })

    it('are renewed only by the same connection, and not while unclear', async () => {
      const [one, other] = stores()
      const user = sampleUser({ tenant: sampleTenant() })
      await one.users.create(user, sampleIdentity())
      const known = () => other.users.find(user.tenant, user.id).then((found) => found?.confirmation)
      await one.users.renewConfirmation(user, { at: at(5), connection: 'okta' })
      expect(await known()).toBeUndefined()
      await one.users.recordConfirmation(user, { at: at(10), connection: 'okta' })
      await one.users.renewConfirmation(user, { at: at(20), connection: 'entra' })
      expect(await known()).toEqual({ at: at(10), connection: 'okta' })
      await one.users.renewConfirmation(user, { at: at(30), connection: 'okta' })
      expect(await known()).toEqual({ at: at(30), connection: 'okta' })
      await one.users.recordConfirmation(user, { at: new Date(0), connection: 'okta' })
      await one.users.renewConfirmation(user, { at: at(40), connection: 'okta' })
      expect(await known()).toEqual({ at: new Date(0), connection: 'okta' })
    })

    it('begin with the last sign-in by the connection, for users who have none', async () => {
      const [one, other] = stores()
      const tenant = sampleTenant()
      const [user, confirmed, foreign] = [sampleUser({ tenant }), sampleUser({ tenant }), sampleUser({ tenant })]
      await one.users.create(user, sampleIdentity({ connection: 'okta', lastLoginAt: at(50) }))
      await one.users.create(confirmed, sampleIdentity({ connection: 'okta', lastLoginAt: at(50) }))
      await one.users.create(foreign, sampleIdentity({ connection: 'google', lastLoginAt: at(50) }))
      await one.users.recordConfirmation(confirmed, { at: at(90), connection: 'okta' })
      expect(await other.users.confirmByLastLogin(tenant, 'okta')).toBe(1)
      expect(await other.users.confirmByLastLogin(tenant, 'okta')).toBe(0)
      const of = async ({ id }: { readonly id: string }) => (await one.users.find(tenant, id))?.confirmation?.at
      expect(await Promise.all([user, confirmed, foreign].map(of))).toEqual([at(50), at(90), undefined])
    })
  })
}
