/** When proof is required, what links an identity and what linking changes, without a store. */
import { describe, expect, it } from 'vitest'
import type { OpenConnection } from '../../../src/broker/connections.ts'
import type { LinkingPolicy } from '../../../src/broker/identity/email-verification.ts'
import { connectionToSignInAgain, isFreshFor } from '../../../src/broker/identity/fresh-sign-in.ts'
import { strictestLinkingRule } from '../../../src/broker/identity/linking-rule.ts'
import { type IdentityLookup, joinUser, resolveUser } from '../../../src/broker/identity/resolve-user.ts'
import { identityName } from '../../../src/broker/identity/sign-in-methods.ts'
import type { User } from '../../../src/broker/ports/users.ts'
import type { Profile } from '../../../src/profile/profile.ts'
import { testContext } from '../../contract/context.ts'
import { connectionSettings, stubProvider, tenantOf } from '../../support/gatehouse/broker.ts'
import { sampleSession } from '../../support/store/samples.ts'

const email = (address: string, verified = true) => ({ address, verified })
const ann: User = {
  id: 'ann',
  tenant: 'acme',
  status: 'active',
  profile: {
    email: email('ann@acme.test'),
    name: 'Ann',
    locale: 'pl',
    sources: { name: 'password', locale: 'password' },
  },
  emailProven: true,
  createdAt: new Date('2025-01-01T00:00:00Z'),
}
const bob: User = { ...ann, id: 'bob' }
const blocked: User = { ...ann, status: 'blocked' }
const nobody: IdentityLookup = { byIdentity: null, byEmail: [] }
/** A connection that may speak for acme.test alone. */
const policy: LinkingPolicy = {
  connection: 'okta',
  createUsers: true,
  isAuthoritativeFor: (domain) => domain === 'acme.test',
}

const identity = (profile: Profile) => ({ issuer: 'https://idp.test', subject: 's', profile })
const resolve = (profile: Profile, found: Partial<IdentityLookup>) =>
  resolveUser(identity(profile), { ...nobody, ...found }, policy)
const join = (user: User, profile: Profile, found: Partial<IdentityLookup> = {}) =>
  joinUser(user, identity(profile), { ...nobody, ...found }, policy)

describe('an identity whose email belongs to a user', () => {
  it.each([
    [
      'ID-01 is not verified',
      email('ann@acme.test', false),
      'connection okta did not say that the email is verified',
      'unverified',
    ],
    [
      'ID-02 is of a domain the connection may not speak for',
      email('ann@mail.test'),
      'the email is verified, but connection okta may not speak for mail.test',
      'foreign domain',
    ],
  ])('may be proven if it %s', (_, stated, reason, why) => {
    expect(resolve({ email: stated }, { byEmail: [ann] })).toEqual({
      action: 'prove',
      existingUsers: [ann],
      why,
      mayDecline: false,
      reasons: [reason, 'another user has proven this email, and this connection cannot prove it'],
    })
  })

  it.each([
    ['ID-10 its holder is blocked', [blocked]],
    ['ID-05 several people have it', [ann, bob]],
  ])('is rejected without a question if %s', (_, byEmail) => {
    expect(resolve({ email: email('ann@acme.test', false) }, { byEmail })).toMatchObject({
      action: 'refuse',
      code: 'link_refused',
    })
  })

  it('is not linked by email after the user removed it, only by proof', () => {
    const stated = { email: email('ann@acme.test') }
    expect(resolve(stated, { byEmail: [ann] }).action).toBe('link')
    expect(resolve(stated, { byEmail: [ann], unlinkedBy: ['bob'] }).action).toBe('link')
    expect(resolve(stated, { byEmail: [ann], unlinkedBy: ['ann'] })).toMatchObject({
      action: 'prove',
      existingUsers: [ann],
      why: 'unlinked',
      mayDecline: false,
      reasons: [expect.any(String), 'the user with this email unlinked this identity'],
    })
  })

  it('signs in as its owner, regardless of the email', () => {
    const found = { byIdentity: bob, byEmail: [ann] }
    expect(resolve({ email: email('ann@acme.test', false) }, found)).toMatchObject({ action: 'sign in', user: bob })
  })
})

describe('an identity with proof of ownership', () => {
  it.each([
    ['no email', {}],
    ['an email nobody has', { email: email('new@acme.test') }],
    ['an email that another user has proven', { email: email('bob@acme.test') }],
    ['an email that is not verified', { email: email('x@mail.test', false) }],
  ])('with %s is linked, and the user keeps the verified email', (_, profile) => {
    const decision = join(ann, { ...profile, zoneinfo: 'Europe/Warsaw' }, { byEmail: [bob] })
    expect(decision).toMatchObject({
      action: 'link',
      user: ann,
      profile: { email: ann.profile.email, name: 'Ann', zoneinfo: 'Europe/Warsaw' },
      emailProven: true,
    })
    expect(decision.reasons[0]).toBe('linked: the user proved to have both')
  })

  it('verifies an unverified email, unless another user has verified it', () => {
    const unproven: User = { ...ann, profile: { email: email('old@mail.test', false) }, emailProven: false }
    const stated = { email: email('ann@acme.test') }
    expect(join(unproven, stated)).toMatchObject({ profile: stated, emailProven: true })
    expect(join(unproven, stated, { byEmail: [bob] })).toMatchObject({ profile: unproven.profile, emailProven: false })
    const other = { email: email('x@mail.test') }
    expect(join(unproven, other)).toMatchObject({ profile: unproven.profile, emailProven: false })
  })

  it('of the same user is updated', () => {
    expect(join(ann, { zoneinfo: 'UTC' }, { byIdentity: ann })).toMatchObject({
      action: 'sign in',
      reasons: ['the user has this identity already'],
    })
  })

  it('is rejected if another user owns it, or if the user is blocked', () => {
    expect(join(ann, {}, { byIdentity: bob })).toMatchObject({ action: 'refuse', code: 'identity_taken' })
    expect(join(blocked, {})).toMatchObject({ action: 'refuse', code: 'user_blocked' })
  })
})

describe('a fresh sign-in', () => {
  const now = new Date('2026-01-15T12:00:00Z')
  const sessionOf = (seconds: number, unprovenSignIn?: 'asked' | 'unasked', connection = 'weak') => {
    const authenticatedAt = new Date(now.getTime() - seconds * 1000)
    return sampleSession({ createdAt: now, connection, authenticatedAt, ...(unprovenSignIn && { unprovenSignIn }) })
  }

  it('is at most ten minutes old, regardless of when the session was opened', () => {
    const freshAfter = (seconds: number) => isFreshFor(sessionOf(seconds), [], now)
    expect([freshAfter(0), freshAfter(600), freshAfter(601), freshAfter(86_400)]).toEqual([true, true, false, false])
  })

  it.each([
    ['an unproven time, for a user without a better method', 'unasked', ['weak'], true],
    ['ID-08 an unproven time, for a user with a better method', 'unasked', ['weak', 'strong'], false],
    ['a requested reauthentication, for a user without a better method', 'asked', ['weak', 'other weak'], true],
    ['ID-08 a requested reauthentication, for a user with a better method', 'asked', ['weak', 'strong'], false],
    ['a proven time, for a user with any methods', undefined, ['weak', 'strong'], true],
  ] as const)('%s, %o with %o: %j', (_, unstated, methods, fresh) => {
    expect(isFreshFor(sessionOf(0, unstated), connectionsOf(methods), now)).toBe(fresh)
    expect(isFreshFor(sessionOf(601, unstated), connectionsOf(methods), now)).toBe(false)
  })

  it.each([
    ['where they came from', 'strong', ['other strong', 'strong'], 'strong'],
    ['where they came from, for want of a better', 'weak', ['weak', 'other weak'], 'weak'],
    ['at the better one', 'weak', ['weak', 'strong', 'other strong'], 'strong'],
    ['where they came from, when that is no way in any more', 'gone', [], 'gone'],
  ])('is made %s', (_, connection, methods, expected) => {
    expect(connectionToSignInAgain(sessionOf(0, undefined, connection), connectionsOf(methods))).toBe(expected)
  })
})

/** Weak ones do not prove that they asked again. */
function connectionsOf(ids: readonly string[]): readonly OpenConnection[] {
  const provider = stubProvider()
  const tenant = tenantOf([])
  return ids.map((id) => {
    const opened = provider.open({}, testContext())
    const upstream = id.includes('weak') ? { ...opened, traits: { providesAuthTime: false } } : opened
    return { tenant, settings: connectionSettings({ id }), provider, upstream }
  })
}

describe('the page name of an identity', () => {
  it('reveals neither issuer nor subject and is unique', () => {
    const name = identityName({ issuer: 'https://idp.test', subject: 'ann' })
    expect(name).toMatch(/^[\w-]{22}$/)
    expect(identityName({ issuer: 'https://idp.test', subject: 'bob' })).not.toBe(name)
    expect(identityName({ issuer: 'https://idp.testa', subject: 'nn' })).not.toBe(name)
  })
})

describe('A4: the linking policy', () => {
  const rules = (rule: 'none' | 'verified' | 'any') => new Map([['ann', rule]])
  const same = { email: email('ann@acme.test') }
  const other = { email: email('x@acme.test') }

  it.each([
    ['any', 'link', 'link'],
    ['verified', 'link', 'refuse'],
    ['none', 'refuse', 'refuse'],
  ] as const)(
    'A4: %s: an added identity with the same verified email is a %s, one with another a %s',
    (rule, first, second) => {
      expect(join(ann, same, { rules: rules(rule) }).action).toBe(first)
      expect(join(ann, other, { rules: rules(rule) }).action).toBe(second)
      expect(join(ann, other, { rules: rules(rule), byIdentity: ann }).action).toBe('sign in')
      expect(resolve(same, { byEmail: [ann], rules: rules(rule) }).action).toBe(first)
    },
  )

  it('A4: asks for no proof that cannot be given, and reveals nothing without proof', () => {
    const unverified = { email: email('ann@acme.test', false) }
    for (const rule of ['none', 'verified'] as const)
      expect(resolve(unverified, { byEmail: [ann], rules: rules(rule) })).toMatchObject({ code: 'link_refused' })
    const unproven: User = { ...ann, profile: { email: email('ann@mail.test') }, emailProven: false }
    const stated = { email: email('ann@mail.test') }
    expect(resolve(stated, { byVerifiedEmail: [unproven] }).action).toBe('prove')
    expect(resolve(stated, { byVerifiedEmail: [unproven], rules: rules('verified') }).action).toBe('create')
  })

  it("A4: is the strictest of the user's connections and the added one", () => {
    const tenant = tenantOf(
      [
        connectionSettings({ id: 'okta', linking: 'none' }),
        connectionSettings({ id: 'google' }),
        connectionSettings({ id: 'password', linking: 'any' }),
      ],
      { linking: 'verified' },
    )
    expect(strictestLinkingRule(tenant, ['google', 'password'])).toBe('verified')
    expect(strictestLinkingRule(tenant, ['password'])).toBe('any')
    expect(strictestLinkingRule(tenant, ['password', 'okta'])).toBe('none')
    expect(strictestLinkingRule(tenant, ['gone'])).toBe('verified')
  })

  it('A4: a connection without revocations does not lift the revocation by another', () => {
    const revoked: User = { ...ann, status: 'revoked' }
    expect(resolve({}, { byIdentity: revoked })).toMatchObject({ action: 'refuse', code: 'user_revoked' })
    expect(resolve(same, { byEmail: [revoked] })).toMatchObject({ action: 'refuse', code: 'user_revoked' })
    expect(join(revoked, same)).toMatchObject({ action: 'refuse', code: 'user_revoked' })
  })
})
