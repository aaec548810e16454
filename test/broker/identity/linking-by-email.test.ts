/** `resolveUser`: linking by email and the authority over a domain. */
import { describe, expect, it } from 'vitest'
import { linkingPolicy } from '../../../src/broker/identity/email-verification.ts'
import type { IdentityLookup } from '../../../src/broker/identity/resolve-user.ts'
import {
  ann,
  brandNew,
  email,
  foreign,
  person,
  resolve,
  unknownIdentity,
} from '../../support/broker/identity-samples.ts'
import { connectionSettings, tenantOf } from '../../support/gatehouse/broker.ts'

const anyDomain = (): boolean => true

describe('an upstream-verified email of a user who has not verified it', () => {
  const rival = person('rival', { email: email('x@evil.test') }, { emailProven: false })
  const other = person('other', rival.profile, { emailProven: false })
  const asked = 'another user has this email, verified by their upstream but not proven'
  const found: IdentityLookup = { ...unknownIdentity, byVerifiedEmail: [rival, other] }

  it.each([
    ['ID-01 ID-02 of a domain the connection may not speak for', {}, foreign, 'foreign domain'],
    [
      'of a domain the DNS has to prove',
      { isAuthoritativeFor: anyDomain, isClaimed: anyDomain, proofRequired: true },
      'the email is verified, but domain evil.test is not proven by DNS TXT, which this organization requires',
      'domain unproven',
    ],
    [
      'ID-03 ID-04 that is proven, while its first holder may be a squatter: never joined by itself',
      { isAuthoritativeFor: anyDomain },
      'the email is verified, and connection okta may speak for evil.test',
      'existing user unproven',
    ],
  ] as const)('%s: the user is asked, and may decline', (_, changes, reason, why) => {
    const decision = resolve({ email: email('x@evil.test') }, found, changes)
    expect(decision).toEqual({
      action: 'prove',
      existingUsers: [rival, other],
      why,
      mayDecline: true,
      reasons: [reason, asked],
    })
  })

  it('ID-03 becomes a new user after declining to link, with the reason in the trace', () => {
    const declined = { ...found, excludedUserIds: ['rival', 'other'] }
    expect(resolve({ email: email('x@evil.test') }, declined)).toMatchObject({
      action: 'create',
      emailProven: false,
      reasons: [foreign, 'the user declined to link to the existing user of this email', brandNew],
    })
    const proven = resolve({ email: email('x@evil.test') }, declined, { isAuthoritativeFor: () => true })
    expect(proven).toMatchObject({ action: 'create', emailProven: true })
  })

  it('that declined one user is asked about another one', () => {
    const decision = resolve({ email: email('x@evil.test') }, { ...found, excludedUserIds: ['rival'] })
    expect(decision).toMatchObject({ action: 'prove', existingUsers: [other], mayDecline: true })
  })

  it('ID-03 that declined is asked again, without a choice, once a user has verified the email', () => {
    const decision = resolve(
      { email: email('x@evil.test') },
      { ...unknownIdentity, byEmail: [rival], excludedUserIds: ['rival'] },
    )
    expect(decision).toMatchObject({ action: 'prove', existingUsers: [rival], mayDecline: false })
  })

  it('gets no choice if the connection admits no new users', () => {
    const decision = resolve({ email: email('x@evil.test') }, found, { createUsers: false })
    expect(decision).toMatchObject({ action: 'prove', mayDecline: false })
    const declined = resolve(
      { email: email('x@evil.test') },
      { ...found, excludedUserIds: ['rival', 'other'] },
      { createUsers: false },
    )
    expect(declined).toMatchObject({ action: 'refuse', code: 'user_unknown' })
  })

  it('ID-01 without upstream verification leads to no question and reveals no user', () => {
    expect(resolve({ email: email('x@evil.test', false) }, found)).toMatchObject({ action: 'create' })
  })

  it('leads to no question for a known identity', () => {
    expect(resolve({ email: email('x@evil.test') }, { ...found, byIdentity: ann })).toMatchObject({ action: 'sign in' })
  })
})

describe('authority over an email domain', () => {
  const okta = connectionSettings({ id: 'okta', domains: ['acme.test'] })
  const saml = connectionSettings({ id: 'saml', domains: ['acme.test', 'acme.example'] })
  const google = connectionSettings({ id: 'google' })
  const password = connectionSettings({ id: 'password' })
  const tenant = tenantOf([okta, saml, google, password])

  it.each([
    ['claimed, by a claimant', okta, false, 'acme.test', true],
    ['claimed, by the other claimant', saml, false, 'acme.test', true],
    ['claimed by one, by that one', saml, false, 'acme.example', true],
    ['claimed by one, by the claimant of another', okta, false, 'acme.example', false],
    ['claimed, by one without domains', google, false, 'acme.test', false],
    ['claimed, by one that proves mailboxes', password, true, 'acme.test', false],
    ['unclaimed, by an upstream', google, false, 'elsewhere.test', false],
    ['unclaimed, by the claimant of another', okta, false, 'elsewhere.test', false],
    ['unclaimed, by one that proves mailboxes', password, true, 'elsewhere.test', true],
    ['a subdomain of a claimed one, by its claimant', okta, false, 'sub.acme.test', false],
    ['one that ends like a claimed one, by its claimant', okta, false, 'evilacme.test', false],
  ])('ID-02 %s', (_, settings, provesMailboxes, domain, may) => {
    expect(linkingPolicy(tenant, settings, provesMailboxes).isAuthoritativeFor(domain)).toBe(may)
  })

  it('admits new users as the connection says', () => {
    const closed = connectionSettings({ id: 'okta', createUsers: false })
    expect(linkingPolicy(tenant, closed, false)).toMatchObject({ connection: 'okta', createUsers: false })
    expect(linkingPolicy(tenant, okta, false).createUsers).toBe(true)
  })
})

describe('K7: a connection with verified emails and no authoritative domains', () => {
  it('is mentioned in the reasons', () => {
    const decision = resolve({ email: email('new@acme.test') }, unknownIdentity, {
      isAuthoritativeFor: () => false,
      claimsNoDomain: true,
    })
    expect(decision.reasons[0]).toBe(
      'emails are verified by this upstream, but connection okta speaks for no domain: it may not speak for acme.test until its domains list it',
    )
  })
})
