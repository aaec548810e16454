/** What upstreams publish and the alerts about expiry, on any durable store. */
import { describe, expect, it } from 'vitest'
import type { ExpiryAlertKey, PublishedState } from '../../../src/broker/ports/published-states.ts'
import { sampleTenant, secondsFromNow, simultaneously } from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

export function publishedStatesContract(stores: () => BothDurables): void {
  describe('published states', () => {
    const sample = (changes: Partial<PublishedState> = {}): PublishedState => ({
      tenant: sampleTenant(),
      connection: 'okta',
      expiries: [{ kind: 'certificate', name: 'ab:cd', expiresAt: secondsFromNow(86_400) }],
      keys: ['one', 'two'],
      seenAt: secondsFromNow(0),
      ...changes,
    })

    it('returns what any process stored', async () => {
      const [one, other] = stores()
      const [first, second] = [sample(), sample({ keys: undefined, certificates: ['x'], endpoints: ['a https://a'] })]
      expect(await one.publishedStates.find(first)).toBeNull()
      for (const each of [first, second]) expect(await one.publishedStates.replace(each, null)).toBe(true)
      expect(await other.publishedStates.find(first)).toEqual(first)
      expect(await other.publishedStates.find({ ...first, connection: 'saml' })).toBeNull()
      const all = await other.publishedStates.of()
      expect(all.filter(({ tenant }) => [first.tenant, second.tenant].includes(tenant))).toHaveLength(2)
    })

    it('lists those of one tenant alone', async () => {
      const [one, other] = stores()
      const [first, second] = [sample(), sample()]
      const saml = { ...first, connection: 'saml' }
      for (const each of [saml, first, second]) await one.publishedStates.replace(each, null)
      expect(await other.publishedStates.of(first.tenant)).toEqual([first, saml])
      expect(await other.publishedStates.of('unknown')).toEqual([])
    })

    it('of 50 concurrent callers that saw one state, one replaces it', async () => {
      const first = sample()
      const inserted = await simultaneously(stores(), 50, (each) => each.publishedStates.replace(first, null))
      expect(inserted.filter(Boolean)).toHaveLength(1)
      const before = await stores()[0].publishedStates.find(first)
      const next = { ...first, keys: ['three'] }
      const replaced = await simultaneously(stores(), 50, (each) => each.publishedStates.replace(next, before))
      expect(replaced.filter(Boolean)).toHaveLength(1)
      expect(await stores()[1].publishedStates.find(first)).toEqual(next)
    })
  })

  describe('expiry alerts', () => {
    const sample = (): ExpiryAlertKey => {
      const expiresAt = secondsFromNow(7 * 86_400)
      return { tenant: sampleTenant(), connection: 'okta', subject: 'client secret', expiresAt, days: 7 }
    }

    it('go to one of 50 concurrent callers, and again once released', async () => {
      const alert = sample()
      const [at, leaseUntil] = [secondsFromNow(0), secondsFromNow(300)]
      const claimed = await simultaneously(stores(), 50, (each) => each.expiryAlerts.claim(alert, at, leaseUntil))
      expect(claimed.filter(Boolean)).toHaveLength(1)
      const [one, other] = stores()
      expect(await other.expiryAlerts.claim({ ...alert, days: 1 }, at, leaseUntil)).toBe(true)
      const later = { ...alert, expiresAt: secondsFromNow(8 * 86_400) }
      expect(await other.expiryAlerts.claim(later, at, leaseUntil)).toBe(true)
      await one.expiryAlerts.release(alert)
      expect(await other.expiryAlerts.claim(alert, at, leaseUntil)).toBe(true)
    })

    it('go to one of 50 concurrent callers once the lease of a claim ended without an email', async () => {
      const alert = sample()
      const [at, leaseUntil, afterwards] = [secondsFromNow(0), secondsFromNow(300), secondsFromNow(600)]
      const [one] = stores()
      expect(await one.expiryAlerts.claim(alert, at, leaseUntil)).toBe(true)
      expect(await one.expiryAlerts.claim(alert, new Date(leaseUntil.getTime() - 1000), afterwards)).toBe(false)
      const again = await simultaneously(stores(), 50, (each) => each.expiryAlerts.claim(alert, leaseUntil, afterwards))
      expect(again.filter(Boolean)).toHaveLength(1)
    })

    it('are never claimed or released once they are sent', async () => {
      const [one, other] = stores()
      const alert = sample()
      const [at, leaseUntil, afterwards] = [secondsFromNow(0), secondsFromNow(300), secondsFromNow(600)]
      await one.expiryAlerts.claim(alert, at, leaseUntil)
      await one.expiryAlerts.sent(alert, at)
      await other.expiryAlerts.release(alert)
      expect(await other.expiryAlerts.claim(alert, afterwards, secondsFromNow(900))).toBe(false)
    })

    it('are forgotten some time after what they are about expired', async () => {
      const [one, other] = stores()
      const alert = sample()
      const [at, leaseUntil] = [secondsFromNow(0), secondsFromNow(300)]
      await one.expiryAlerts.claim(alert, at, leaseUntil)
      await one.expiryAlerts.forgetExpiredBefore(alert.expiresAt)
      expect(await other.expiryAlerts.claim(alert, at, leaseUntil)).toBe(false)
      await one.expiryAlerts.forgetExpiredBefore(new Date(alert.expiresAt.getTime() + 1))
      expect(await other.expiryAlerts.claim(alert, at, leaseUntil)).toBe(true)
    })
  })
}
