import { expect, it } from 'vitest'
import { batchForgetter } from '../../src/main/forget-in-batches.ts'

it('deletes until none is left, never many rows at once', async () => {
  let left = 1700
  const counts: number[] = []
  const forget = async (limit: number) => {
    counts.push(Math.min(limit, left))
    left -= Math.min(limit, left)
    return counts.at(-1) ?? 0
  }
  expect(await batchForgetter().run(forget)).toBe(1700)
  expect(counts).toEqual([500, 500, 500, 200])
})

it('is stopped after the batch that runs, and runs once at a time', async () => {
  const forgetter = batchForgetter()
  const first = Promise.withResolvers<number>()
  const running = forgetter.run(() => first.promise)
  expect(await forgetter.run(async (limit) => limit)).toBe(0)
  forgetter.stop()
  first.resolve(500)
  expect(await running).toBe(500)
})

it('runs again after a batch failed', async () => {
  const forgetter = batchForgetter()
  await expect(forgetter.run(() => Promise.reject(new Error('no answer')))).rejects.toThrow('no answer')
  expect(await forgetter.run(async () => 3)).toBe(3)
})
