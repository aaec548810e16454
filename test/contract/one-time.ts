/** Contract of volatile stores: login transactions and one-time codes. */
import { describe, expect, it, vi } from 'vitest'
import { KeyRing } from '../../src/crypto/keyring.ts'
import { sampleEmail, sampleKey, sampleTransaction, simultaneously } from '../support/store/samples.ts'
import { waitOptions } from '../support/wait-options.ts'
import type { BothVolatiles, OpenVolatile } from './open-store.ts'

const now = () => new Date()

export function oneTimeContract(both: () => BothVolatiles, open: OpenVolatile): void {
  const store = () => both()[0]

  describe('login transactions', () => {
    it('returns a fresh transaction to one of 50 concurrent callers, and its resume part to the others', async () => {
      const transaction = sampleTransaction()
      await store().transactions.put(transaction, 60)
      const taken = await simultaneously(both(), 50, (each) => each.transactions.take(transaction.state))
      const fresh = taken.filter((each) => each?.outcome === 'fresh')
      expect(fresh).toEqual([{ outcome: 'fresh', transaction }])
      const used = { outcome: 'used', resume: transaction.resume, browser: transaction.browser }
      expect(taken.filter((each) => each?.outcome === 'used')).toEqual(Array.from({ length: 49 }, () => used))
    })

    it('stores that reauthentication was requested', async () => {
      const { resume } = sampleTransaction()
      const transaction = sampleTransaction({
        resume: { ...resume, reauthentication: 'asked' },
        steps: [],
        memo: {},
      })
      await store().transactions.put(transaction, 60)
      expect(await store().transactions.take(transaction.state)).toEqual({ outcome: 'fresh', transaction })
    })

    it('returns null for a transaction whose key is missing', async () => {
      const transaction = sampleTransaction()
      await store().transactions.put(transaction, 60)
      const stranger = await open({ keyRing: new KeyRing([sampleKey()]), now })
      expect(await stranger.transactions.take(transaction.state)).toBeNull()
      await stranger.close()
    })
  })

  describe('one-time codes', () => {
    it('are found without their secret by those who manage them, and revoked', async () => {
      const owner = sampleEmail()
      expect(await store().codes.find('setup-link', owner)).toBeNull()
      const code = { purpose: 'setup-link', owner, hash: 'hash', content: { name: 'okta' }, seconds: 600 } as const
      await store().codes.put(code)
      expect(await both()[1].codes.find('setup-link', owner)).toEqual({ name: 'okta' })
      await both()[1].codes.forget('setup-link', owner)
      expect(await store().codes.find('setup-link', owner)).toBeNull()
      expect(await store().codes.peek('setup-link', owner, 'hash')).toBeNull()
    })

    it('A10 are leased to one of 50 concurrent callers, and again once released or the lease expires', async () => {
      const owner = sampleEmail()
      expect(await store().codes.lease('reset', owner, 'hash', 60)).toBeNull()
      await store().codes.release('reset', owner, 'hash')
      await store().codes.put({ purpose: 'reset', owner, hash: 'hash', content: 'content', seconds: 600 })
      const leased = await simultaneously(both(), 50, (each) => each.codes.lease('reset', owner, 'hash', 60))
      expect(leased.filter((each) => each !== null)).toEqual(['content'])
      await both()[1].codes.release('reset', owner, 'hash')
      expect(await store().codes.lease('reset', owner, 'hash', 1)).toBe('content')
      const again = () => store().codes.lease('reset', owner, 'hash', 60)
      await vi.waitFor(async () => expect(await again()).toBe('content'), waitOptions)
      expect(await store().codes.lease('reset', owner, 'wrong', 60)).toBeNull()
      expect(await store().codes.take('reset', owner, 'hash')).toBe('content')
      await store().codes.release('reset', owner, 'hash')
      expect(await store().codes.lease('reset', owner, 'hash', 60)).toBeNull()
    })

    it('A10 that replace a leased code can be leased', async () => {
      const owner = sampleEmail()
      await store().codes.put({ purpose: 'reset', owner, hash: 'older', content: 1, seconds: 60 })
      expect(await store().codes.lease('reset', owner, 'older', 60)).toBe(1)
      await store().codes.put({ purpose: 'reset', owner, hash: 'newer', content: 2, seconds: 60 })
      expect(await both()[1].codes.lease('reset', owner, 'newer', 60)).toBe(2)
      await store().codes.release('reset', owner, 'older')
      expect(await store().codes.lease('reset', owner, 'older', 60)).toBeNull()
    })

    it('returns the content to one of 50 concurrent callers', async () => {
      const owner = sampleEmail()
      const content = { email: owner, list: [1, null, { a: 'b' }] }
      await store().codes.put({ purpose: 'reset', owner, hash: 'hash', content, seconds: 60 })
      const taken = await simultaneously(both(), 50, (each) => each.codes.take('reset', owner, 'hash'))
      expect(taken.filter((each) => each !== null)).toEqual([content])
    })

    it('consumes nothing for a wrong hash, another purpose, another owner, or a peek', async () => {
      const owner = sampleEmail()
      await store().codes.put({ purpose: 'reset', owner, hash: 'hash', content: 'content', seconds: 60 })
      for (const wrong of ['', 'has', 'hash2', 'HASH', 'hash\n']) {
        expect(await store().codes.peek('reset', owner, wrong)).toBeNull()
        expect(await store().codes.take('reset', owner, wrong)).toBeNull()
      }
      expect(await store().codes.take('sign-up', owner, 'hash')).toBeNull()
      expect(await store().codes.take('reset', sampleEmail(), 'hash')).toBeNull()
      expect(await store().codes.peek('reset', owner, 'hash')).toBe('content')
      expect(await store().codes.take('reset', owner, 'hash')).toBe('content')
      expect(await store().codes.peek('reset', owner, 'hash')).toBeNull()
    })

    it('replaces the older code', async () => {
      const owner = sampleEmail()
      await store().codes.put({ purpose: 'sign-up', owner, hash: 'older', content: 1, seconds: 60 })
      await store().codes.put({ purpose: 'sign-up', owner, hash: 'newer', content: 2, seconds: 60 })
      expect(await store().codes.take('sign-up', owner, 'older')).toBeNull()
      expect(await store().codes.take('sign-up', owner, 'newer')).toBe(2)
    })
  })
}
