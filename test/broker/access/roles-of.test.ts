/** `rolesOf` as a table: user, policy of the tenant and assignments against the roles. */
import { describe, expect, it } from 'vitest'
import { type RoleInput, type RoleSource, rolesOf } from '../../../src/broker/access/roles-of.ts'
import type { UserProfile } from '../../../src/profile/profile.ts'
import type { AccessPolicy } from '../../../src/tenant.ts'

const now = new Date('2026-11-29T12:00:00Z')
const day = 86_400
const seconds = (daysAgo: number) => now.getTime() / 1000 - daysAgo * day

const policy = (changes: Partial<AccessPolicy> = {}): AccessPolicy => ({
  admin: [{ email: 'ada@acme.test' }, { group: 'admins' }],
  developer: [{ email: 'dev@acme.test' }, { group: 'builders' }],
  groupsFrom: ['okta'],
  groupsMaxAgeSeconds: 30 * day,
  ...changes,
})
const mail = (address: string): UserProfile => ({ email: { address, verified: true } })
const supplied = (connection: string, groups: readonly string[], daysAgo = 1): UserProfile => ({
  supplied: { [connection]: { groups, at: seconds(daysAgo) } },
})

interface Row extends Partial<RoleInput['user']> {
  readonly access?: AccessPolicy
  readonly assigned?: readonly RoleInput['assignments'][number]['role'][]
}

const told = ({ kind, ...rest }: RoleSource) => [
  kind,
  ...Object.values(rest).filter((value) => !(value instanceof Date)),
]
function found({ access, assigned = [], ...user }: Row): readonly string[] {
  const holder: RoleInput = {
    user: { status: 'active', profile: {}, emailProven: false, ...user },
    tenant: access === undefined ? {} : { access },
    assignments: assigned.map((role) => ({ tenant: 'acme', userId: 'u', role, assignedBy: 'cli', assignedAt: now })),
    now,
  }
  return rolesOf(holder).map(({ role, source }) => [role, ...told(source)].join(' '))
}

const member = 'member default'

describe('the roles of a user', () => {
  it.each<[string, Row, readonly string[]]>([
    ['a user without more', {}, [member]],
    [
      'a blocked user with everything',
      { status: 'blocked', access: policy({ developer: 'everyone' }), assigned: ['operator'] },
      [],
    ],
    ['a revoked user', { status: 'revoked', assigned: ['admin'] }, []],
    [
      'a proven email',
      { access: policy(), profile: mail('ada@acme.test'), emailProven: true },
      ['admin email ada@acme.test', member],
    ],
    ['an email that is verified, not proven (ID-01)', { access: policy(), profile: mail('ada@acme.test') }, [member]],
    ['another email', { access: policy(), profile: mail('ada@acme.test.evil'), emailProven: true }, [member]],
    [
      'a proven email that only `developer` lists',
      { access: policy(), profile: mail('dev@acme.test'), emailProven: true },
      ['developer email dev@acme.test', member],
    ],
    ['everyone', { access: policy({ developer: 'everyone' }) }, ['developer everyone', member]],
    [
      'a group of a named connection',
      { access: policy(), profile: supplied('okta', ['admins', 'x']) },
      ['admin group admins okta', member],
    ],
    [
      'two groups',
      { access: policy(), profile: supplied('okta', ['admins', 'builders']) },
      ['admin group admins okta', 'developer group builders okta', member],
    ],
    [
      'a group of two named connections',
      {
        access: policy({ groupsFrom: ['okta', 'saml'] }),
        profile: {
          supplied: { okta: { groups: ['admins'], at: seconds(1) }, saml: { groups: ['admins'], at: seconds(2) } },
        },
      },
      ['admin group admins okta', 'admin group admins saml', member],
    ],
    [
      'ID-07: a group of a connection that is not named',
      { access: policy(), profile: supplied('partner', ['admins']) },
      [member],
    ],
    [
      'ID-07: a group in the merged profile only',
      { access: policy(), profile: { groups: ['admins'], sources: { groups: 'okta' } } },
      [member],
    ],
    [
      'ID-07: roles of the profile, by any name',
      {
        access: policy(),
        profile: {
          roles: ['admin', 'operator'],
          supplied: { okta: { roles: ['admin', 'operator'], groups: ['operator', 'group:admins'], at: seconds(1) } },
        },
      },
      [member],
    ],
    ['no connection is named', { access: policy({ groupsFrom: [] }), profile: supplied('okta', ['admins']) }, [member]],
    [
      'a connection with a name of Object.prototype',
      { access: policy({ groupsFrom: ['constructor'] }), profile: { supplied: {} } },
      [member],
    ],
    [
      'a group of 29 days ago',
      { access: policy(), profile: supplied('okta', ['admins'], 29) },
      ['admin group admins okta', member],
    ],
    ['a group of 30 days ago', { access: policy(), profile: supplied('okta', ['admins'], 30) }, [member]],
    ['a group in other letters', { access: policy(), profile: supplied('okta', ['Admins']) }, [member]],
    ['an assignment', { assigned: ['admin'] }, ['admin assignment cli', member]],
    ['an operator', { access: policy(), assigned: ['operator'] }, ['operator assignment cli', member]],
    [
      'AD-01: a service account to which operator was assigned',
      { kind: 'service', assigned: ['operator', 'admin'] },
      ['admin assignment cli', member],
    ],
    [
      'a role from two sources',
      { access: policy(), profile: mail('ada@acme.test'), emailProven: true, assigned: ['admin'] },
      ['admin email ada@acme.test', 'admin assignment cli', member],
    ],
  ])('%s', (_, row, expected) => {
    expect(found(row)).toEqual(expected)
  })
})
