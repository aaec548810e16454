import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import {
  newRecoveryCode,
  normalizeRecoveryCode,
  replaceRecoveryCodes,
  useRecoveryCode,
} from '../../../src/broker/factors/recovery-codes.ts'
import { addUser } from '../../support/broker/factors.ts'
import { openBroker } from '../../support/gatehouse/broker.ts'

const { parts } = await openBroker()

describe('a recovery code', () => {
  it('has two groups of five characters, of which none is misread', () => {
    const codes = Array.from({ length: 2000 }, () => newRecoveryCode(randomBytes))
    for (const code of codes) expect(code).toMatch(/^[2-9a-hjkmnp-tv-z]{5}-[2-9a-hjkmnp-tv-z]{5}$/)
    expect(new Set(codes).size).toBe(2000)
    // 20,000 characters of 30: each about 667 times
    const counts = Map.groupBy([...codes.join('').replaceAll('-', '')], (each) => each)
    expect(counts.size).toBe(30)
    for (const found of counts.values()) expect(found.length).toBeGreaterThan(500)
  })

  it.each([
    ['k7m2p-x9qd4', 'k7m2px9qd4'],
    [' K7M2P X9QD4 ', 'k7m2px9qd4'],
    ['k7m2p–x9qd4', undefined],
    ['k7m2p-x9qd', undefined],
    ['k7m2p-x9qd44', undefined],
    ['k1m2p-x9qd4', undefined],
    ['', undefined],
    ['a'.repeat(100_000), undefined],
  ])('is read as people type it: %j', (text, code) => expect(normalizeRecoveryCode(text)).toBe(code))

  it('MF-03: works once, for its user alone, until new ones are made', async () => {
    const user = await addUser(parts)
    const other = await addUser(parts)
    const [first = '', second = '', ...rest] = await replaceRecoveryCodes(parts, user)
    expect(rest).toHaveLength(8)
    expect(await useRecoveryCode(parts, other, first)).toBe(false)
    expect(await useRecoveryCode(parts, user, first.toUpperCase())).toBe(true)
    expect(await useRecoveryCode(parts, user, first)).toBe(false)
    await replaceRecoveryCodes(parts, user)
    expect(await useRecoveryCode(parts, user, second)).toBe(false)
  })
})
