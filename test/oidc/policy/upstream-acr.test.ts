/** `hasAcr`: an upstream's `acr` counts by the rule of its connection. */
import { expect, it } from 'vitest'
import type { Session } from '../../../src/broker/session/session.ts'
import { hasAcr, levelOfToken, reportedAcr } from '../../../src/oidc/policy/assurance.ts'
import type { EvidenceRule, Tenant } from '../../../src/tenant.ts'

const pape = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor'
const tenantsWith = (mfaEvidence?: EvidenceRule) =>
  new Map([['acme', { connections: [{ id: 'okta', ...(mfaEvidence && { mfaEvidence }) }] } as unknown as Tenant]])
const sessionWith = (acr: string, factorAt?: Date) =>
  ({ tenant: 'acme', connection: 'okta', acr, ...(factorAt && { factorAt }) }) as Session

it.each<[string, string, Date | undefined, EvidenceRule | undefined, string, boolean]>([
  ['MF-04 phr under none', 'phr', undefined, 'none', 'phr', false],
  ['MF-04 PAPE under none', pape, undefined, 'none', pape, false],
  ['MF-04 PAPE that no rule lists', pape, undefined, { acr: ['urn:gold'] }, pape, false],
  ['PAPE by default', pape, undefined, undefined, pape, true],
  ['phr by default', 'phr', undefined, undefined, 'phr', true],
  ['a factor here, under none', 'urn:gatehouse:acr:mfa', new Date(), 'none', pape, true],
  ['a value of the upstream alone, under none', 'urn:gold', undefined, 'none', 'urn:gold', true],
])('%s', (_, acr, factorAt, rule, requested, expected) => {
  expect(hasAcr(sessionWith(acr, factorAt), tenantsWith(rule), [requested])).toBe(expected)
})

it("without a requested value, the session's own is reported", () => {
  expect(reportedAcr(sessionWith('urn:gold'), tenantsWith('none'), undefined)).toBe('urn:gold')
})

it.each<[string, { acr?: string; amr?: readonly string[] }, EvidenceRule | undefined, string]>([
  ['MF-04 amr of an upstream under none', { amr: ['mfa'] }, 'none', 'none'],
  ['MF-04 REFEDS MFA under none', { acr: 'https://refeds.org/profile/mfa' }, 'none', 'none'],
  ['amr of an upstream by default', { amr: ['mfa'] }, undefined, 'second factor'],
  ['a factor here, under none', { acr: 'urn:gatehouse:acr:mfa', amr: ['pwd', 'otp', 'mfa'] }, 'none', 'second factor'],
  ['a password', { amr: ['pwd'] }, undefined, 'none'],
])('a refresh token whose session has ended: %s', (_, token, rule, expected) => {
  expect(levelOfToken(token, tenantsWith(rule).get('acme'))).toBe(expected)
})
