import { describe, expect, it } from 'vitest'
import type { User } from '../../../src/broker/ports/users.ts'
import type { Profile } from '../../../src/profile/profile.ts'
import {
  ann,
  brandNew,
  email,
  foreign,
  person,
  policy,
  resolve,
  unknownIdentity,
  verified,
} from '../../support/broker/identity-samples.ts'

const bob = person('bob', { email: email('bob@acme.test'), name: 'Bob' })
const unverified = 'connection okta did not say that the email is verified'
const unstated = 'connection okta sent no email'
const before = 'this identity has signed in before: same issuer, same subject'
const kept = 'the email known before is kept'

describe('an unknown identity', () => {
  it.each([
    ['a verified email of its domain', { email: email('new@acme.test') }, { email: 'okta' }, true, verified],
    ['a verified email of another domain', { email: email('new@evil.test') }, { email: 'okta' }, false, foreign],
    ['an email not verified', { email: email('new@acme.test', false) }, { email: 'okta' }, false, unverified],
    ['no email', { name: 'New' }, { name: 'okta' }, false, unstated],
    ['nothing at all', {}, {}, false, unstated],
  ])('with %s becomes a new user', (_, profile, sources, emailProven, reason) => {
    expect(resolve(profile, unknownIdentity)).toEqual({
      action: 'create',
      profile: { ...profile, sources },
      emailProven,
      reasons: [reason, brandNew],
    })
  })

  it('is rejected if the connection admits no new users', () => {
    expect(resolve({ email: email('new@acme.test') }, unknownIdentity, { createUsers: false })).toEqual({
      action: 'refuse',
      code: 'user_unknown',
      reasons: [verified, 'connection okta creates no users'],
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
  ])('%s is not linked: the user may prove ownership', (_, stated, isAuthoritativeFor, reason, why) => {
    expect(resolve({ email: stated }, { byIdentity: null, byEmail: [ann] }, { isAuthoritativeFor })).toEqual({
      action: 'prove',
      existingUsers: [ann],
      why,
      mayDecline: false,
      reasons: [reason, 'another user has proven this email, and this connection cannot prove it'],
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
      action: 'sign in',
      user: ann,
      profile: { ...ann.profile, sources: { email: 'okta' } },
      emailProven: true,
      reasons: [verified, before],
    })
  })

  it('signs in even if the connection admits no new users', () => {
    expect(resolve({}, { byIdentity: ann, byEmail: [] }, { createUsers: false }).action).toBe('sign in')
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
  ])('keeps the verified email when the new one %s', (_, stated, reason) => {
    expect(resolveEntry({ email: stated, name: 'Ann Lee' }, ann)).toEqual({
      action: 'sign in',
      user: ann,
      profile: { ...ann.profile, name: 'Ann Lee', sources: { name: 'okta' } },
      emailProven: true,
      reasons: [reason, before, kept],
    })
  })

  it('keeps the email verified when the upstream omits email_verified', () => {
    expect(resolveEntry({ email: email('ann@acme.test', false) }, ann, [ann])).toEqual({
      action: 'sign in',
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
      action: 'sign in',
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
