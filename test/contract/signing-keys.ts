/** Contract of durable stores: signing keys. */
import { describe, expect, it } from 'vitest'
import type { SigningKey } from '../../src/broker/ports/durable.ts'
import { sampleSigningKey, secondsFromNow, simultaneously } from '../support/store/samples.ts'
import type { BothDurables } from './open-store.ts'

export function signingKeysContract(both: () => BothDurables): void {
  describe('signing keys', () => {
    const begin = async (after: readonly SigningKey[]) => {
      const [store] = both()
      expect(await store.signingKeys.replace(await store.signingKeys.all(), after)).toBe(true)
    }

    it('returns stored keys, oldest first, and removes the others', async () => {
      const [older, newer] = [
        sampleSigningKey({
          algorithm: 'RS256',
          status: 'retired',
          createdAt: secondsFromNow(-9),
          activatedAt: secondsFromNow(-5),
          retiredAt: secondsFromNow(0),
        }),
        sampleSigningKey({ activatedAt: secondsFromNow(0) }),
      ]
      await begin([newer, older])
      expect(await both()[1].signingKeys.all()).toStrictEqual([older, newer])
      await begin([newer])
      expect(await both()[1].signingKeys.all()).toStrictEqual([newer])
    })

    it('SE-06 lets one of 50 concurrent callers initialize or rotate, and the others read its keys', async () => {
      await begin([])
      for (let round = 0; round < 2; round += 1) {
        const before = await both()[0].signingKeys.all()
        const offers = Array.from({ length: 50 }, () => [
          ...before.map((key) => ({ ...key, status: 'retired' as const })),
          sampleSigningKey({ createdAt: secondsFromNow(round) }),
        ])
        const replaced = await simultaneously(both(), 50, (each, turn) =>
          each.signingKeys.replace(before, offers[turn]!),
        )
        expect(replaced.filter(Boolean)).toHaveLength(1)
        expect(await both()[1].signingKeys.all()).toStrictEqual(offers[replaced.indexOf(true)])
      }
    })

    it('changes nothing for a caller with other keys or states', async () => {
      const [store] = both()
      const key = sampleSigningKey()
      await begin([key])
      for (const before of [[], [sampleSigningKey()], [{ ...key, status: 'next' as const }], [key, sampleSigningKey()]])
        expect(await store.signingKeys.replace(before, [])).toBe(false)
      expect(await store.signingKeys.all()).toStrictEqual([key])
    })
  })
}
