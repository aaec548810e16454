import { describe, expect, it } from 'vitest'
import { isInRanges, isIpRange } from '../../../src/primitives/ip-ranges.ts'

describe('IP ranges', () => {
  it.each(['192.0.2.1', '192.0.2.0/24', '0.0.0.0/0', '192.0.2.1/32', '::/0', '2001:db8::/128', '2001:db8::1'])(
    'may be %s',
    (range) => expect(isIpRange(range)).toBe(true),
  )

  it.each([
    '',
    '192.0.2',
    '192.0.2.0/33',
    '192.0.2.0/-1',
    '192.0.2.0/1e1',
    '192.0.2.0/',
    '192.0.2.0/24/24',
    '192.0.2.0 /24',
    '0192.0.2.1',
    '2001:db8::/129',
    'fe80::1%eth0',
    'fe80::1%eth0/64',
    'localhost',
    '*',
    '192.0.2.0-192.0.2.9',
  ])('cannot be %j', (range) => expect(isIpRange(range)).toBe(false))

  it('contain addresses of their own family', () => {
    const ranges = ['192.0.2.0/24', '2001:db8::/32']
    expect(
      ['192.0.2.9', '2001:db8::9', '192.0.3.0', '2001:db9::', '::1', 'x', undefined].map((address) =>
        isInRanges(ranges, address),
      ),
    ).toEqual([true, true, false, false, false, false, false])
    expect(isInRanges(['0.0.0.0/0'], '203.0.113.9')).toBe(true)
    expect(isInRanges(['0.0.0.0/0'], '2001:db8::')).toBe(false)
  })
})
