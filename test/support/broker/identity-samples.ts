/** Users, a policy and the reason texts that the tests of `resolveUser` share. */
import type { LinkingPolicy } from '../../../src/broker/identity/email-verification.ts'
import { type IdentityLookup, resolveUser } from '../../../src/broker/identity/resolve-user.ts'
import type { User } from '../../../src/broker/ports/users.ts'
import type { Profile } from '../../../src/profile/profile.ts'

export const email = (address: string, verified = true) => ({ address, verified })

export function person(id: string, profile: Profile, changes: Partial<User> = {}): User {
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

export const ann = person('ann', { email: email('ann@acme.test'), name: 'Ann', locale: 'pl', groups: ['staff'] })
export const unknownIdentity: IdentityLookup = { byIdentity: null, byEmail: [] }

/** A connection that may speak for acme.test alone. */
export const policy: LinkingPolicy = {
  connection: 'okta',
  createUsers: true,
  isAuthoritativeFor: (domain) => domain === 'acme.test',
}

export const resolve = (profile: Profile, found: IdentityLookup, changes: Partial<LinkingPolicy> = {}) =>
  resolveUser({ issuer: 'https://idp.test', subject: 's', profile }, found, { ...policy, ...changes })

export const verified = 'the email is verified, and connection okta may speak for acme.test'
export const foreign = 'the email is verified, but connection okta may not speak for evil.test'
export const brandNew = 'the identity is unknown and no user has proven this email: a new user'
