/** Which evidence of an upstream counts as multi-factor, and what a session claims. */
import { describe, expect, it } from 'vitest'
import {
  hasMfaEvidence,
  levelOfSession,
  resultingAcrAmr,
  trustedEvidence,
} from '../../../src/broker/assurance/evidence.ts'
import type { EvidenceRule } from '../../../src/tenant.ts'

const pape = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor'
const saml = 'urn:oasis:names:tc:SAML:2.0:ac:classes'
const at = new Date('2026-11-30T12:00:00Z')

describe('hasMfaEvidence', () => {
  it.each<[string, { acr?: string; amr?: readonly string[] }, boolean]>([
    ['nothing', {}, false],
    ['a password', { amr: ['pwd'] }, false],
    ['two values of one kind', { amr: ['pwd', 'pin'] }, false],
    ['two one-time codes', { amr: ['otp', 'sms'] }, false],
    ['user presence', { amr: ['pwd', 'user'] }, false],
    ['a risk rating', { amr: ['pwd', 'rba', 'geo'] }, false],
    ['mfa', { amr: ['mfa'] }, true],
    ['password and code', { amr: ['pwd', 'otp'] }, true],
    ['password and hardware key', { amr: ['pwd', 'hwk'] }, true],
    ['password and text message', { amr: ['pwd', 'sms'] }, true],
    ['fingerprint and software key', { amr: ['fpt', 'swk'] }, true],
    ["Microsoft's value as amr", { amr: ['http://schemas.microsoft.com/claims/multipleauthn'] }, true],
    ["Microsoft's value as acr", { acr: 'http://schemas.microsoft.com/claims/multipleauthn' }, true],
    ['PAPE', { acr: pape }, true],
    ['REFEDS MFA', { acr: 'https://refeds.org/profile/mfa' }, true],
    ['REFEDS SFA', { acr: 'https://refeds.org/profile/sfa' }, false],
    ['phr', { acr: 'phr' }, true],
    ['phrh', { acr: 'phrh' }, true],
    ['ours', { acr: 'urn:gatehouse:acr:mfa' }, true],
    ['SAML: two factors on a phone', { acr: `${saml}:MobileTwoFactorContract` }, true],
    ['SAML: smartcard', { acr: `${saml}:SmartcardPKI` }, true],
    ['SAML: password', { acr: `${saml}:PasswordProtectedTransport` }, false],
    ['an unknown acr', { acr: 'urn:gold' }, false],
    ['a name of a prototype', { acr: 'constructor', amr: ['__proto__', 'toString'] }, false],
  ])('by default: %s', (_, evidence, expected) => {
    expect(hasMfaEvidence(evidence)).toBe(expected)
  })

  it.each<[string, EvidenceRule, { acr?: string; amr?: readonly string[] }, boolean]>([
    ['none never counts', 'none', { acr: pape, amr: ['mfa'] }, false],
    ['a listed acr', { acr: ['urn:gold'] }, { acr: 'urn:gold' }, true],
    ['listed acrs replace the well-known ones', { acr: ['urn:gold'] }, { acr: pape }, false],
    ['listed acrs leave amr alone', { acr: ['urn:gold'] }, { amr: ['mfa'] }, true],
    ['a listed amr', { amr: ['okta_verify'] }, { amr: ['okta_verify'] }, true],
    ['listed amrs replace mfa', { amr: ['okta_verify'] }, { amr: ['mfa', 'pwd', 'otp'] }, false],
    ['listed amrs leave acr alone', { amr: ['okta_verify'] }, { acr: pape }, true],
    ['an empty list turns acr off', { acr: [], amr: ['mfa'] }, { acr: pape }, false],
  ])('by rule: %s', (_, rule, evidence, expected) => {
    expect(hasMfaEvidence(evidence, rule)).toBe(expected)
  })
})

describe('levelOfSession', () => {
  const session = (acr: string | undefined, amr: readonly string[], factorAt?: Date) => ({
    acr,
    amr,
    ...(factorAt !== undefined && { factorAt }),
  })
  it.each<[string, ReturnType<typeof session>, EvidenceRule | undefined, string]>([
    ['a password', session(undefined, ['pwd']), undefined, 'none'],
    ['a factor here', session('urn:gatehouse:acr:mfa', ['pwd', 'otp', 'mfa'], at), undefined, 'second factor'],
    ['a factor here counts under none', session('urn:gatehouse:acr:mfa', ['mfa'], at), 'none', 'second factor'],
    ['a passkey here', session('urn:gatehouse:acr:phr', ['hwk', 'mfa'], at), 'none', 'phishing-resistant'],
    ['upstream evidence', session(undefined, ['mfa']), undefined, 'second factor'],
    ['upstream evidence under none', session(undefined, ['mfa']), 'none', 'none'],
    ['phrh from upstream', session('phrh', []), undefined, 'phishing-resistant'],
    ['MF-04 our acr without a factor under none', session('urn:gatehouse:acr:phr', []), 'none', 'none'],
  ])('%s', (_, value, rule, expected) => {
    expect(levelOfSession(value, rule)).toBe(expected)
  })
})

describe('resultingAcrAmr', () => {
  it.each([
    ['totp', { amr: ['pwd'] }, ['otp'], 'urn:gatehouse:acr:mfa', ['pwd', 'otp', 'mfa']],
    ['recovery_code', { amr: ['pwd'] }, ['otp'], 'urn:gatehouse:acr:mfa', ['pwd', 'otp', 'mfa']],
    ['passkey', { amr: ['pwd'] }, ['hwk'], 'urn:gatehouse:acr:phr', ['pwd', 'hwk', 'mfa']],
    ['totp', { acr: 'urn:gold', amr: ['pwd', 'otp'] }, ['otp'], 'urn:gatehouse:acr:mfa', ['pwd', 'otp', 'mfa']],
    ['totp', { acr: 'phrh' }, ['otp'], 'urn:gatehouse:acr:phr', ['otp', 'mfa']],
    ['totp', {}, ['otp'], 'urn:gatehouse:acr:mfa', ['otp', 'mfa']],
  ] as const)('%s after %j', (method, evidence, amr, acr, methods) => {
    expect(resultingAcrAmr(evidence, { method, amr })).toEqual({ acr, amr: methods })
  })
})

describe('trustedEvidence', () => {
  it('MF-04 drops our own acr of an upstream whose evidence does not count', () => {
    const claimed = { acr: 'urn:gatehouse:acr:phr', amr: ['pwd'] }
    expect(trustedEvidence(claimed, 'none')).toEqual({ amr: ['pwd'] })
    expect(trustedEvidence(claimed)).toEqual(claimed)
    expect(trustedEvidence({ acr: 'urn:gold' }, 'none')).toEqual({ acr: 'urn:gold' })
  })
  it.each(['phr', 'phrh', pape])('MF-04 drops %s, which names a level of ours, likewise', (acr) => {
    expect(trustedEvidence({ acr, amr: ['pwd'] }, 'none')).toEqual({ amr: ['pwd'] })
    expect(trustedEvidence({ acr, amr: ['pwd'] }, { acr: ['urn:gold'] })).toEqual({ amr: ['pwd'] })
    expect(trustedEvidence({ acr })).toEqual({ acr })
  })
})
