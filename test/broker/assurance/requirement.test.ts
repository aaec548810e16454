/** Which level a sign-in needs, and what the user can prove. */
import { describe, expect, it } from 'vitest'
import {
  isGracePeriod,
  requestedLevel,
  requiredAssurance,
  usableMethods,
} from '../../../src/broker/assurance/requirement.ts'
import { defaultMfaPolicy, type MfaPolicy } from '../../../src/tenant.ts'

const policy = (required: MfaPolicy['required']): MfaPolicy => ({ ...defaultMfaPolicy, required })
const [mfa, phr] = ['urn:gatehouse:acr:mfa', 'urn:gatehouse:acr:phr']

describe('requiredAssurance', () => {
  it.each([
    ['no policy', { policy: undefined, roles: ['admin'] }, 'none'],
    ['none', { policy: policy('none'), roles: ['admin'] }, 'none'],
    [
      'none, but an authenticator app',
      { policy: policy('none'), roles: [], hasAuthenticatorApp: true },
      'second factor',
    ],
    ['all', { policy: policy('all'), roles: ['member'] }, 'second factor'],
    ['a role that the user has', { policy: policy({ roles: ['admin'] }), roles: ['admin', 'member'] }, 'second factor'],
    ['a role of others', { policy: policy({ roles: ['admin'] }), roles: ['developer', 'member'] }, 'none'],
    ['the app', { policy: policy('none'), roles: [], appMfa: 'required' }, 'second factor'],
    ['acr_values', { policy: policy('none'), roles: [], acrValues: [phr] }, 'phishing-resistant'],
    ['the highest counts', { policy: policy('all'), roles: [], acrValues: ['phr'] }, 'phishing-resistant'],
    ['acr_values below the policy', { policy: policy('all'), roles: [], acrValues: ['urn:gold'] }, 'second factor'],
  ] as const)('%s', (_, input, expected) => {
    expect(requiredAssurance(input)).toBe(expected)
  })
})

describe('requestedLevel', () => {
  it.each([
    [[], 'none'],
    [['urn:gold'], 'none'],
    [[mfa], 'second factor'],
    [[phr, mfa], 'second factor'],
    [['urn:gold', 'phr'], 'phishing-resistant'],
    [['constructor'], 'none'],
  ])('%j: the lowest that satisfies one of them', (values, expected) => {
    expect(requestedLevel(values)).toBe(expected)
  })
})

describe('isGracePeriod', () => {
  const graceUntil = new Date('2026-12-31T00:00:00Z')
  it.each([
    ['before the day', '2026-12-30T23:59:59Z', true],
    ['on the day', '2026-12-31T00:00:00Z', false],
  ])('%s', (_, now, expected) => {
    expect(isGracePeriod({ graceUntil }, new Date(now))).toBe(expected)
  })
  it('is over where none is set', () => {
    expect(isGracePeriod({}, new Date(0))).toBe(false)
    expect(isGracePeriod(undefined, new Date(0))).toBe(false)
  })
})

describe('usableMethods', () => {
  const own = (totp: boolean, passkey: boolean, recoveryCodes: boolean) => ({ totp, passkey, recoveryCodes })
  it.each([
    ['nothing', own(false, false, false), ['passkey', 'totp'], 'second factor', []],
    ['recovery codes alone', own(false, false, true), ['passkey', 'totp'], 'second factor', []],
    [
      'all, best first',
      own(true, true, true),
      ['totp', 'passkey'],
      'second factor',
      ['passkey', 'totp', 'recovery_code'],
    ],
    ['a passkey is preferred by the tenant', own(true, true, false), ['passkey'], 'second factor', ['passkey']],
    [
      'an app that is no longer allowed',
      own(true, false, true),
      ['passkey'],
      'second factor',
      ['totp', 'recovery_code'],
    ],
    ['phishing-resistant', own(true, true, true), ['passkey', 'totp'], 'phishing-resistant', ['passkey']],
    [
      'phishing-resistant, but passkeys are no longer allowed',
      own(true, true, true),
      ['totp'],
      'phishing-resistant',
      [],
    ],
    ['phishing-resistant by the only method', own(false, true, true), ['totp'], 'phishing-resistant', ['passkey']],
    ['phishing-resistant without a passkey', own(true, false, true), ['passkey', 'totp'], 'phishing-resistant', []],
  ] as const)('%s', (_, factors, allowed, level, expected) => {
    expect(usableMethods(factors, allowed, level)).toEqual(expected)
  })
})
