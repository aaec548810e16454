import { describe, expect, it } from 'vitest'
import { gatehouse, load, loadedOf, tenant, tenantFaults } from '../../support/gatehouse/config-folder.ts'

/** `profile:` below a connection, from line 6 on. */
const mapped = (lines: string) => tenant('acme', `    profile:\n${lines.replace(/^/gm, '      ')}\n`)

const faults: readonly [what: string, lines: string, expected: string][] = [
  [
    'an unknown attribute',
    'givenName: first',
    '7:7: connections.password.profile.givenName: unknown key givenName; did you mean given_name?',
  ],
  ['a number', 'name: 7', '7:7: connections.password.profile.name: must be text'],
  ['nothing', 'name:', '7:7: connections.password.profile.name: '],
  ['an empty list', 'name: []', '7:7: connections.password.profile.name: must have at least 1 entry'],
  ['an empty name', 'name: [a, ""]', '7:17: connections.password.profile.name[1]: must not be empty'],
  ['a constant address', 'email: { constant: a@b.test }', '7:7: connections.password.profile.email: must be'],
  ['a proof without asking', 'email_verified: true', '7:7: connections.password.profile.email_verified: must be'],
  [
    'a constant with more',
    'name: { constant: a, constants: b }',
    '7:28: connections.password.profile.name.constants: unknown key constants; did you mean constant?',
  ],
  [
    'a long constant',
    `name: { constant: ${'a'.repeat(257)} }`,
    '7:15: connections.password.profile.name.constant: must have at most 256 characters',
  ],
  [
    'groups that are a name',
    'groups: memberOf',
    '7:7: connections.password.profile.groups: must be a map of keys, not text',
  ],
  [
    'a prefix that is no list',
    'groups: { keepPrefixes: a }',
    '7:17: connections.password.profile.groups.keepPrefixes: must be a list, not text',
  ],
  ['roles from nowhere', 'roles: {}', '7:7: connections.password.profile.roles: must say where roles come from'],
  [
    'roles of a number',
    'roles: { fromGroups: { a: 1 } }',
    '7:30: connections.password.profile.roles.fromGroups.a: must be text',
  ],
  ['a mapping that is a list', '- name', '6:5: connections.password.profile: must be a map of keys, not a list'],
]

describe('the profile mapping of a connection', () => {
  it.each(faults)('rejects %s at its position', async (_what, lines, expected) => {
    const found = await tenantFaults(mapped(lines))
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(`tenants/acme.yaml:${expected}`)
  })

  it('keeps the written choices, each as a list', async () => {
    const lines = [
      'email: mail',
      'name: [displayName, { constant: Somebody }]',
      'organization: { constant: Acme }',
      'groups: { from: memberOf, keepPrefixes: [acme-], rename: { acme-x: x } }',
      'roles: { fromGroups: { Admins: admin, Staff: [staff, user] }, constant: [employee] }',
    ]
    const { loaded } = await load({ 'gatehouse.yaml': gatehouse, 'tenants/acme.yaml': mapped(lines.join('\n')) })
    expect(loadedOf(loaded).tenants[0]?.connections[0]?.profile).toEqual({
      email: ['mail'],
      name: ['displayName', { constant: 'Somebody' }],
      organization: [{ constant: 'Acme' }],
      groups: { from: ['memberOf'], keepPrefixes: ['acme-'], rename: { 'acme-x': 'x' } },
      roles: { fromGroups: { Admins: 'admin', Staff: ['staff', 'user'] }, constant: ['employee'] },
    })
  })

  it('may be shared among tenants', async () => {
    const shared = `${gatehouse}connections:\n  password:\n    profile: { roles: { constant: [guest] } }\n`
    const using = 'tenant: acme\nname: Acme\nconnections:\n  password: shared\n'
    const { loaded } = await load({ 'gatehouse.yaml': shared, 'tenants/acme.yaml': using })
    expect(loadedOf(loaded).tenants[0]?.connections[0]?.profile).toEqual({ roles: { constant: ['guest'] } })
  })

  it('CF-03 rejects a group named like a prototype property', async () => {
    expect(await tenantFaults(mapped('roles: { fromGroups: { __proto__: admin, a: b } }'))).toEqual([
      'tenants/acme.yaml:7:30: connections.password.profile.roles.fromGroups.__proto__: this key is not allowed',
    ])
  })
})
