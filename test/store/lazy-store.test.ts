import { expect, it } from 'vitest'
import { type DurableParts, lazyStore } from '../../src/store/sql/lazy-store.ts'

let loads = 0
const { logouts } = lazyStore(async () => {
  loads += 1
  return { logouts: { sent: async (id: string) => id } } as unknown as DurableParts
})

it('calls load when a method is called, and not when a part is awaited', async () => {
  expect(await Promise.resolve(logouts)).toBe(logouts)
  expect(loads).toBe(0)
  expect(await logouts.sent('one')).toBe('one')
  expect(loads).toBe(1)
})

it('rejects the call of a method that the part does not have', async () => {
  await expect(logouts.claim(new Date(), new Date(), 1)).rejects.toThrow('logouts cannot claim')
})
