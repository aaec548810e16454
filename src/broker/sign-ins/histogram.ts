/** Durations in buckets of a logarithmic scale, so that counts of processes and spans add up. */

/** Upper bounds in milliseconds. Longer durations count in the last bucket. */
export const bucketBounds = [
  1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000, 7000, 10_000,
  15_000, 30_000, 60_000,
] as const

const last = bucketBounds.length - 1

/** Index of the bucket of a duration. */
export function bucketOf(ms: number): number {
  const index = bucketBounds.findIndex((bound) => ms <= bound)
  return index < 0 ? last : index
}

/** A bucket and its number of durations. */
export interface BucketCount {
  readonly bucket: number
  readonly count: number
}

/**
 * Upper bound of the bucket in which the quantile lies; 0 without durations.
 * @param quantile such as 0.95
 */
export function quantileOf(buckets: readonly BucketCount[], quantile: number): number {
  const total = buckets.reduce((sum, { count }) => sum + count, 0)
  let below = 0
  for (const { bucket, count } of buckets.toSorted((one, other) => one.bucket - other.bucket)) {
    below += count
    if (below > 0 && below >= total * quantile) return bucketBounds[Math.min(bucket, last)] ?? 0
  }
  return 0
}
