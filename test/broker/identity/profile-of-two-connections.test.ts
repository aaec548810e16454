/** The profile of a user with two connections: which attribute comes from which. */
import { describe, expect, it } from 'vitest'
import { linkingPolicy } from '../../../src/broker/identity/email-verification.ts'
import { type Decision, resolveUser } from '../../../src/broker/identity/resolve-user.ts'
import type { User } from '../../../src/broker/ports/users.ts'
import type { Profile, UserProfile } from '../../../src/profile/profile.ts'
import type { Tenant } from '../../../src/tenant.ts'

const opened = (id: string) => ({
  id,
  kind: id,
  label: undefined,
  domains: ['acme.test'],
  button: true,
  createUsers: true,
  config: {},
})
const tenantOf = (...connections: readonly string[]): Tenant => ({
  id: 'acme',
  name: 'Acme',
  connections: connections.map(opened),
  returnOrigins: [],
  supportUrl: undefined,
  sessions: { lifetimeSeconds: 60, idleSeconds: 60, tokenInQuery: false },
})
const email = { address: 'ada@acme.test', verified: true }
const userWith = (profile: UserProfile): User => ({
  id: 'u1',
  tenant: 'acme',
  status: 'active',
  emailProven: true,
  createdAt: new Date(0),
  profile: { email, ...profile },
})

function callback(
  connection: string,
  profile: Profile,
  known: User | null,
  holder: User | null,
  tenant: Tenant,
): Decision {
  const identity = { issuer: `https://${connection}.test`, subject: 's', profile: { email, ...profile } }
  const found = { byIdentity: known, byEmail: holder === null ? [] : [holder] }
  return resolveUser(identity, found, linkingPolicy(tenant, opened(connection), false))
}
const both = tenantOf('okta', 'google')

describe('the profile of a user with two connections', () => {
  it('starts with the attributes of the first connection', () => {
    expect(callback('okta', { name: 'Ada', roles: ['admin'] }, null, null, both)).toMatchObject({
      action: 'create',
      profile: { name: 'Ada', roles: ['admin'], sources: { email: 'okta', name: 'okta', roles: 'okta' } },
    })
  })

  it('ID-07 does not change name or roles when another connection is linked later', () => {
    const user = userWith({ name: 'Ada', roles: [], sources: { email: 'okta', name: 'okta', roles: 'okta' } })
    const stated = { name: 'ada_l', roles: ['admin'], nickname: 'ada' }
    expect(callback('google', stated, null, user, both)).toMatchObject({
      action: 'link',
      profile: {
        name: 'Ada',
        roles: [],
        nickname: 'ada',
        sources: { name: 'okta', roles: 'okta', nickname: 'google' },
      },
    })
    expect(callback('google', stated, user, user, both)).toMatchObject({ action: 'sign in', profile: { roles: [] } })
  })

  it('takes attributes of a removed connection from the remaining one', () => {
    const user = userWith({ name: 'Ada', sources: { email: 'okta', name: 'okta' } })
    expect(callback('google', { name: 'Ada King' }, user, user, tenantOf('google'))).toMatchObject({
      profile: { name: 'Ada King', sources: { name: 'google' } },
    })
  })
})
