import { describe, expect, it } from 'vitest'
import { codeAt, matchStep, seedOf, seedText, totpUri } from '../../../src/broker/factors/totp.ts'

const seed = Buffer.from('12345678901234567890')
const at = (seconds: number) => new Date(seconds * 1000)

describe('one-time passwords', () => {
  // RFC 6238, appendix B: the last six of eight digits
  it.each([
    [59, '287082'],
    [1111111109, '081804'],
    [1111111111, '050471'],
    [1234567890, '005924'],
    [2000000000, '279037'],
    [20000000000, '353130'],
  ])('are those of RFC 6238 at %i s', (seconds, code) => {
    expect(codeAt(seed, at(seconds))).toBe(code)
    expect(matchStep(seed, code, at(seconds))).toBe(Math.floor(seconds / 30))
  })

  it.each([
    [-31, undefined],
    [-30, 99],
    [0, 100],
    [30, 101],
    [59, 101],
    [60, undefined],
  ])('of a time %i s away have the step %s', (offset, step) => {
    const now = at(3000)
    expect(matchStep(seed, codeAt(seed, new Date(now.getTime() + offset * 1000)), now)).toBe(step)
  })

  it.each(['050 471', ' 050471 ', '050-471', '０５０４７１'])('are accepted as people type them: %j', (code) => {
    expect(matchStep(seed, code, at(1111111111))).toBe(37037037)
  })

  it.each(['', '05047', '0504711', '05047a', '٠٥٠٤٧١', '0'.repeat(5000), '05\u0000471'])(
    'are wrong, not an error, if malformed: %j',
    (code) => expect(matchStep(seed, code, at(1111111111))).toBeUndefined(),
  )

  it('of another seed are wrong', () => {
    expect(matchStep(Buffer.alloc(20, 1), '050471', at(1111111111))).toBeUndefined()
  })
})

describe('seeds', () => {
  it('are base32 without padding, and read back', () => {
    expect(seedText(seed)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
    expect(seedOf(seedText(seed))).toEqual(seed)
  })

  it('are in a URI that names the tenant and the account', () => {
    expect(totpUri(seed, { tenantName: 'Acme: R&D', account: 'ada+x@acme.test' })).toBe(
      'otpauth://totp/Acme%20%20R%26D:ada%2Bx%40acme.test?issuer=Acme%20%20R%26D&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&algorithm=SHA1&digits=6&period=30',
    )
  })
})
