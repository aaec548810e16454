import { describe, expect, it } from 'vitest'
import {
  type IdentityLookup,
  type LinkingPolicy,
  linkingPolicy,
  resolveUser,
} from '../../../src/broker/identity/resolve-user.ts'
import type { User } from '../../../src/broker/ports/users.ts'
import type { Profile } from '../../../src/profile/profile.ts'
import { connectionSettings, tenantOf } from '../../support/gatehouse/broker.ts'

const email = (address: string, verified = true) => ({ address, verified })

function person(id: string, profile: Profile, changes: Partial<User> = {}): User {
  const createdAt = new Date('2025-01-01T00:00:00Z')
  return {
    id,
    tenant: 'acme',
    status: 'active',
    profile,
    emailProven: profile.email !== undefined,
    createdAt,
    ...changes,
  }
}

const ann = person('ann', { email: email('ann@acme.test'), name: 'Ann', locale: 'pl', groups: ['staff'] })
const bob = person('bob', { email: email('bob@acme.test'), name: 'Bob' })
const nobody: IdentityLookup = { byIdentity: null, byEmail: [] }

/** A connection that may speak for acme.test alone. */
const policy: LinkingPolicy = {
  connection: 'okta',
  createUsers: true,
  isAuthoritativeFor: (domain) => domain === 'acme.test',
}

const resolve = (profile: Profile, found: IdentityLookup, changes: Partial<LinkingPolicy> = {}) =>
  resolveUser({ issuer: 'https://idp.test', subject: 's', profile }, found, { ...policy, ...changes })

const verified = 'the email is verified, and connection okta may speak for acme.test'
const foreign = 'the email is verified, but connection okta may not speak for evil.test'
const anyDomain = (): boolean => true
const unverified = 'connection okta did not say that the email is verified'
const unstated = 'connection okta told no email'
const before = 'this identity has signed in before: same issuer, same subject'
const kept = 'the email known before is kept'
const brandNew = 'nobody has this identity, nobody has proven this email: a new user'

describe('an unknown identity', () => {
  it.each([
    ['a verified email of its domain', { email: email('new@acme.test') }, { email: 'okta' }, true, verified],
    ['a verified email of another domain', { email: email('new@evil.test') }, { email: 'okta' }, false, foreign],
    ['an email not verified', { email: email('new@acme.test', false) }, { email: 'okta' }, false, unverified],
    ['no email', { name: 'New' }, { name: 'okta' }, false, unstated],
    ['nothing at all', {}, {}, false, unstated],
  ])('with %s becomes a new user', (_, profile, sources, emailProven, reason) => {
    expect(resolve(profile, nobody)).toEqual({
      action: 'create',
      profile: { ...profile, sources },
      emailProven,
      reasons: [reason, brandNew],
    })
  })

  it('is rejected if the connection admits no new users', () => {
    expect(resolve({ email: email('new@acme.test') }, nobody, { createUsers: false })).toEqual({
      action: 'refuse',
      code: 'user_unknown',
      reasons: [verified, 'connection okta lets no new people in'],
    })
  })

  it('is linked to the user with the same email if both sides verified it', () => {
    const decision = resolve({ email: email('ann@acme.test'), name: 'Ann Lee' }, { byIdentity: null, byEmail: [ann] })
    expect(decision).toEqual({
      action: 'link',
      user: ann,
      profile: { ...ann.profile, name: 'Ann Lee', sources: { email: 'okta', name: 'okta' } },
      emailProven: true,
      reasons: [verified, 'the email is proven on both sides: linked to the user who has it'],
    })
  })

  it('is linked even if the connection admits no new users', () => {
    const found = { byIdentity: null, byEmail: [ann] }
    expect(resolve({ email: email('ann@acme.test') }, found, { createUsers: false }).action).toBe('link')
  })

  it.each([
    [
      'ID-01 that says the email is not verified (nOAuth)',
      email('ann@acme.test', false),
      policy.isAuthoritativeFor,
      unverified,
      'unverified',
    ],
    [
      'ID-02 whose connection may not speak for the domain',
      email('ann@acme.test'),
      () => false,
      'the email is verified, but connection okta may not speak for acme.test',
      'foreign domain',
    ],
  ])('%s is not linked: the person may prove to be who has the email', (_, stated, isAuthoritativeFor, reason, why) => {
    expect(resolve({ email: stated }, { byIdentity: null, byEmail: [ann] }, { isAuthoritativeFor })).toEqual({
      action: 'prove',
      existingUsers: [ann],
      why,
      mayDecline: false,
      reasons: [reason, 'someone has proven this email, and this connection cannot prove it'],
    })
  })

  it('ID-05 is not linked if several users verified the email', () => {
    const found = { byIdentity: null, byEmail: [ann, person('twin', ann.profile)] }
    expect(resolve({ email: email('ann@acme.test') }, found)).toEqual({
      action: 'refuse',
      code: 'link_refused',
      reasons: [verified, 'several users have proven this email'],
    })
  })

  it('ID-10 is not linked to a blocked user', () => {
    const blocked = person('ann', ann.profile, { status: 'blocked' })
    expect(resolve({ email: email('ann@acme.test') }, { byIdentity: null, byEmail: [blocked] })).toEqual({
      action: 'refuse',
      code: 'user_blocked',
      reasons: [verified, 'the user with this proven email is blocked'],
    })
  })

  it('ID-10 learns nothing about a blocked user without proof', () => {
    const blocked = person('ann', ann.profile, { status: 'blocked' })
    const decision = resolve({ email: email('ann@acme.test', false) }, { byIdentity: null, byEmail: [blocked] })
    expect(decision).toMatchObject({ action: 'refuse', code: 'link_refused' })
  })
})

describe('a known identity', () => {
  const resolveEntry = (profile: Profile, user: User, byEmail: readonly User[] = []) =>
    resolve(profile, { byIdentity: user, byEmail })

  it('signs in as its user, even if the email changed', () => {
    expect(resolveEntry({ email: email('ann@acme.test') }, ann, [ann])).toEqual({
      action: 'enter',
      user: ann,
      profile: { ...ann.profile, sources: { email: 'okta' } },
      emailProven: true,
      reasons: [verified, before],
    })
  })

  it('signs in even if the connection admits no new users', () => {
    expect(resolve({}, { byIdentity: ann, byEmail: [] }, { createUsers: false }).action).toBe('enter')
  })

  it('ID-10 is rejected if its user is blocked, even if another user has the email', () => {
    const blocked = person('ann', ann.profile, { status: 'blocked' })
    expect(resolveEntry({ email: email('bob@acme.test') }, blocked, [bob])).toEqual({
      action: 'refuse',
      code: 'user_blocked',
      reasons: [verified, 'the user of this identity is blocked'],
    })
  })

  it('keeps an attribute that the upstream omits', () => {
    expect(resolveEntry({}, ann)).toMatchObject({
      profile: ann.profile,
      emailProven: true,
      reasons: [unstated, before],
    })
    expect(resolveEntry({ name: 'Ann Lee' }, ann)).toMatchObject({ profile: { ...ann.profile, name: 'Ann Lee' } })
  })

  it('accepts an empty list of groups', () => {
    expect(resolveEntry({ groups: [] }, ann)).toMatchObject({ profile: { groups: [] } })
  })

  it.each([
    ['ID-01 is not verified', email('other@acme.test', false), unverified],
    ['ID-02 is of a domain the connection may not speak for', email('other@evil.test'), foreign],
  ])('keeps the proven email when the new one %s', (_, stated, reason) => {
    expect(resolveEntry({ email: stated, name: 'Ann Lee' }, ann)).toEqual({
      action: 'enter',
      user: ann,
      profile: { ...ann.profile, name: 'Ann Lee', sources: { name: 'okta' } },
      emailProven: true,
      reasons: [reason, before, kept],
    })
  })

  it('keeps the email verified when the upstream omits email_verified', () => {
    expect(resolveEntry({ email: email('ann@acme.test', false) }, ann, [ann])).toEqual({
      action: 'enter',
      user: ann,
      profile: { ...ann.profile, sources: {} },
      emailProven: true,
      reasons: [unverified, before],
    })
  })

  it('RP-45+ replaces the email with a new verified one', () => {
    expect(resolveEntry({ email: email('ann.lee@acme.test') }, ann)).toMatchObject({
      profile: { email: email('ann.lee@acme.test') },
      emailProven: true,
      reasons: [verified, before],
    })
  })

  it('RP-45+ keeps its email when another user verified the new one (recycled address)', () => {
    expect(resolveEntry({ email: email('bob@acme.test') }, ann, [bob])).toEqual({
      action: 'enter',
      user: ann,
      profile: { ...ann.profile, sources: {} },
      emailProven: true,
      reasons: [verified, before, kept],
    })
  })

  it('ID-03 ID-04 verifies its email later, unless another user did so first', () => {
    const pendingUser = person('ann', { email: email('ann@acme.test', false) }, { emailProven: false })
    expect(resolveEntry({ email: email('ann@acme.test') }, pendingUser)).toMatchObject({
      profile: { email: email('ann@acme.test') },
      emailProven: true,
    })
    const rival = person('rival', { email: email('ann@acme.test') })
    expect(resolveEntry({ email: email('ann@acme.test') }, pendingUser, [rival])).toMatchObject({
      profile: pendingUser.profile,
      emailProven: false,
    })
  })

  it('follows a changed unverified email without marking it verified', () => {
    const pendingUser = person('ann', { email: email('old@evil.test') }, { emailProven: false })
    expect(resolveEntry({ email: email('new@evil.test') }, pendingUser)).toMatchObject({
      profile: { email: email('new@evil.test') },
      emailProven: false,
    })
  })

  it('leaves its inputs unchanged', () => {
    const [user, stated] = [structuredClone(ann), { email: email('x@acme.test'), groups: ['new'] }]
    resolveEntry(stated, user, [bob])
    expect(user).toEqual(ann)
    expect(stated).toEqual({ email: email('x@acme.test'), groups: ['new'] })
  })
})

describe('an upstream-verified email of a user who has not verified it', () => {
  const rival = person('rival', { email: email('x@evil.test') }, { emailProven: false })
  const other = person('other', rival.profile, { emailProven: false })
  const asked = 'somebody has this email already, verified by their upstream and proven by nobody'
  const found: IdentityLookup = { ...nobody, byVerifiedEmail: [rival, other] }

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
      'holder unproven',
    ],
  ] as const)('%s: the person is asked, and may say to be somebody else', (_, changes, reason, why) => {
    const decision = resolve({ email: email('x@evil.test') }, found, changes)
    expect(decision).toEqual({
      ...{ action: 'prove', existingUsers: [rival, other], why, mayDecline: true },
      reasons: [reason, asked],
    })
  })

  it('ID-03 becomes a new user after declining to link, with the reason in the trace', () => {
    const declined = { ...found, excludedUserIds: ['rival', 'other'] }
    expect(resolve({ email: email('x@evil.test') }, declined)).toMatchObject({
      action: 'create',
      emailProven: false,
      reasons: [foreign, 'the person says to have no other account, though somebody has this email', brandNew],
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
      { ...nobody, byEmail: [rival], excludedUserIds: ['rival'] },
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
    expect(resolve({ email: email('x@evil.test') }, { ...found, byIdentity: ann })).toMatchObject({ action: 'enter' })
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
    const decision = resolve({ email: email('new@acme.test') }, nobody, {
      isAuthoritativeFor: () => false,
      claimsNoDomain: true,
    })
    expect(decision.reasons[0]).toBe(
      'emails are verified by this upstream, but connection okta speaks for no domain: it may not speak for acme.test until its domains list it',
    )
  })
})
