/** Random bytes from a pool: one large draw is cheaper than many small ones. */
import { randomFillSync } from 'node:crypto'

const drawnAtOnce = 4096
let drawn = Buffer.alloc(0)

export function randomBytes(count: number): Buffer {
  if (count > drawnAtOnce) return randomFillSync(Buffer.alloc(count))
  // a new buffer: parts of the old one may still be in use
  if (drawn.length < count) drawn = randomFillSync(Buffer.alloc(drawnAtOnce))
  const given = drawn.subarray(0, count)
  drawn = drawn.subarray(count)
  return given
}
