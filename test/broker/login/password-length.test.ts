import { describe, expect, it } from 'vitest'
import { minimumPasswordLength } from '../../../src/broker/login/password-length.ts'
import { defaultMfaPolicy } from '../../../src/tenant.ts'

const now = new Date('2026-11-30T00:00:00Z')
const later = new Date('2026-12-31T00:00:00Z')

describe('the minimum length of a password', () => {
  it.each([
    [15, 'no users: no policy', undefined],
    [15, 'no users', { required: 'none' }],
    [15, 'users with some roles', { required: { roles: ['admin'] } }],
    [8, 'all users', { required: 'all' }],
    [15, 'all users, who may still postpone it', { required: 'all', graceUntil: later }],
    [8, 'all users, after the grace period', { required: 'all', graceUntil: now }],
  ] as const)('is %i while a second factor is required of %s', (expected, _, mfa) => {
    expect(minimumPasswordLength(mfa === undefined ? {} : { mfa: { ...defaultMfaPolicy, ...mfa } }, now)).toBe(expected)
  })
})
