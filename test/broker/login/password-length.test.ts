import { describe, expect, it } from 'vitest'
import { minimumPasswordLength } from '../../../src/broker/login/password-length.ts'
import { defaultMfaPolicy } from '../../../src/tenant.ts'

const now = new Date('2026-11-30T00:00:00Z')
const later = new Date('2026-12-31T00:00:00Z')

describe('minimumPasswordLength', () => {
  it.each([
    ['no policy', undefined, 15],
    ['none', { required: 'none' }, 15],
    ['some roles', { required: { roles: ['admin'] } }, 15],
    ['all', { required: 'all' }, 8],
    ['all, but users may postpone', { required: 'all', graceUntil: later }, 15],
    ['all, after the roll-out', { required: 'all', graceUntil: now }, 8],
  ] as const)('with a second factor required of %s', (_, mfa, expected) => {
    expect(minimumPasswordLength(mfa === undefined ? {} : { mfa: { ...defaultMfaPolicy, ...mfa } }, now)).toBe(expected)
  })
})
