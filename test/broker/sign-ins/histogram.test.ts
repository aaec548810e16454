import { describe, expect, it } from 'vitest'
import { bucketBounds, bucketOf, quantileOf } from '../../../src/broker/sign-ins/histogram.ts'

const bucketsOf = (...durations: readonly number[]) => durations.map((ms) => ({ bucket: bucketOf(ms), count: 1 }))

describe('the bucket of a duration', () => {
  it.each([
    [0, 1],
    [1, 1],
    [1.01, 2],
    [10, 10],
    [11, 15],
    [999, 1000],
    [60_000, 60_000],
    [10_000_000, 60_000],
  ])('of %d ms ends at %d ms', (ms, bound) => {
    expect(bucketBounds[bucketOf(ms)]).toBe(bound)
  })

  it('ends at most at twice the duration, from 3 ms to a minute', () => {
    for (let ms = 3; ms <= 60_000; ms += 1) expect(bucketBounds[bucketOf(ms)]! / ms).toBeLessThan(2.01)
  })
})

describe('a quantile', () => {
  it.each<readonly [readonly number[], number, number]>([
    [[], 0.5, 0],
    [[], 0.95, 0],
    [[4], 0.5, 5],
    [[4], 0.95, 5],
    [[1, 1, 100], 0.5, 1],
    [[1, 100, 100], 0.5, 100],
    [[1, 1, 1, 400], 0.5, 1],
    [[1, 1, 1, 400], 0.95, 500],
    [Array<number>(95).fill(10).concat(Array<number>(5).fill(5000)), 0.95, 10],
    [Array<number>(94).fill(10).concat(Array<number>(6).fill(5000)), 0.95, 5000],
    [[90_000], 0.5, 60_000],
  ])('of %j at %d is %d', (durations, quantile, ms) => {
    expect(quantileOf(bucketsOf(...durations), quantile)).toBe(ms)
  })

  it('is the same for counts of two processes, in any order', () => {
    const one = [
      { bucket: 9, count: 2 },
      { bucket: 1, count: 5 },
    ]
    const other = [{ bucket: 9, count: 4 }]
    expect(quantileOf([...one, ...other], 0.5)).toBe(
      quantileOf(
        [
          { bucket: 1, count: 5 },
          { bucket: 9, count: 6 },
        ],
        0.5,
      ),
    )
  })
})
