import { describe, expect, it } from 'vitest'
import { isoTime } from '../../src/http/iso-time.ts'

describe('isoTime', () => {
  it('returns the same text as toISOString for any time', () => {
    const edges = [0, -1, 1, 86_399_999, 86_400_000, 951_782_400_000, 1_735_689_599_999, 253_402_300_799_999]
    const spread = Array.from({ length: 3000 }, (_, number) => number * 1_234_567_891)
    for (const ms of [...edges, ...spread]) expect(isoTime(new Date(ms))).toBe(new Date(ms).toISOString())
  })
})
