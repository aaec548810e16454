import { describe, expect, it } from 'vitest'
import { attributeAt, boundAttributes } from '../../../src/profile/attributes.ts'
import { mapProfile, mappedIdentity, type ProfileMapping } from '../../../src/profile/mapping.ts'
import { maxGroups, maxTextLength, type Profile } from '../../../src/profile/profile.ts'

const own: Profile = {
  email: { address: 'ada@acme.test', verified: true },
  name: 'Ada',
  groups: ['acme-admins', 'acme-staff', 'Everyone'],
}
const answer = {
  email: 'ada@acme.test',
  email_verified: true,
  name: 'Ada',
  mail: 'ada@mail.test',
  edov: 1,
  displayName: 'Ada Lovelace',
  empty: '',
  org: { unit: { name: 'Engines' } },
  'org.unit': 'dotted',
  'https://acme.test/team': 'URL',
  list: ['one'],
  lists: ['one', 'two'],
  photo: 'javascript:alert(1)',
  memberOf: 'Only',
  roles: ['superuser'],
  appRoles: ['reader'],
  mobile: '+1 425 555 1212',
  tenant: 'other',
}

describe('an email without a statement on its verification', () => {
  const unstated = {
    issuer: 'i',
    subject: 's',
    profile: own,
    emailVerificationUnknown: true,
    authoritativeDomains: ['acme.test'],
  } as const
  const raw = { email: 'ada@acme.test', upn: 'ada@corp.test', edov: 0, silent: null }
  const kept = (mapping: ProfileMapping | undefined) => {
    const { emailVerificationUnknown = false, authoritativeDomains } = mappedIdentity(
      { ...unstated, attributes: raw },
      mapping,
    )
    return [emailVerificationUnknown, authoritativeDomains]
  }

  it.each([
    ['nothing is mapped', undefined, true, ['acme.test']],
    ['the same address is mapped', { email: ['email'] }, true, ['acme.test']],
    ['ID-02 another address is mapped, which the upstream keeps no mailbox for', { email: ['upn'] }, true, undefined],
    ['ID-01 the mapped attribute says no', { email_verified: ['edov'] }, false, ['acme.test']],
    ['the mapped attribute says nothing', { email_verified: ['silent', 'missing'] }, true, ['acme.test']],
  ])('is known after mapping when %s', (_, mapping, isUnknown, mailboxes) => {
    expect(kept(mapping)).toEqual([isUnknown, mailboxes])
  })
})

describe('R2: groups that the upstream left out because they are too many', () => {
  const identity = { issuer: 'i', subject: 's', profile: { name: 'Ada' }, attributes: {}, groupsOmitted: true } as const
  const mapped = (mapping: ProfileMapping) => mappedIdentity(identity, mapping).profile

  it('are not none, also with emptyWhenAbsent', () => {
    expect(mapped({ groups: { emptyWhenAbsent: true } })).not.toHaveProperty('groups')
  })

  it('leave the roles that come from groups as they were, a constant or not', () => {
    const fromGroups = { admins: 'admin' }
    expect(mapped({ groups: { emptyWhenAbsent: true }, roles: { fromGroups } })).not.toHaveProperty('roles')
    expect(mapped({ roles: { fromGroups, constant: ['staff'] } })).not.toHaveProperty('roles')
    expect(mapped({ roles: { constant: ['staff'] } }).roles).toEqual(['staff'])
  })

  it('count where a mapped claim has them', () => {
    const profile = mappedIdentity(
      { ...identity, attributes: { teams: ['a'] } },
      { groups: { from: ['teams'] } },
    ).profile
    expect(profile.groups).toEqual(['a'])
  })
})

const rows: readonly [
  what: string,
  mapping: ProfileMapping | undefined,
  expected: { readonly [Key in keyof Profile]?: Profile[Key] | undefined },
][] = [
  ['changes nothing when nothing is mapped', undefined, own],
  ['takes a name from elsewhere', { name: ['displayName'] }, { name: 'Ada Lovelace' }],
  ['takes the first that is there', { name: ['missing', 'empty', 'displayName', 'name'] }, { name: 'Ada Lovelace' }],
  ['takes a constant', { organization: [{ constant: 'Acme' }] }, { organization: 'Acme' }],
  ['takes a constant when no name is there', { locale: ['missing', { constant: 'de' }] }, { locale: 'de' }],
  ['finds a path with dots', { organization: ['org.unit.name'] }, { organization: 'Engines' }],
  ['prefers a name that holds dots itself', { organization: ['org.unit'] }, { organization: 'dotted' }],
  ['finds names that are URLs', { nickname: ['https://acme.test/team'] }, { nickname: 'URL' }],
  ['takes a list of one for its one value', { nickname: ['list'] }, { nickname: 'one' }],
  ['takes a list of several for none', { nickname: ['lists', 'name'] }, { nickname: 'Ada' }],
  ['does not fall back to the own attribute', { name: ['missing'] }, { name: undefined }],
  ['refuses a picture that is a script', { picture: ['photo'] }, { pictureUrl: undefined }],
  [
    'ID-01 gives an address from elsewhere no proof',
    { email: ['mail'] },
    { email: { address: 'ada@mail.test', verified: false } },
  ],
  ['keeps the proof of the address that has it', { email: ['email'] }, { email: own.email! }],
  [
    'believes the proof the tenant names',
    { email: ['mail'], email_verified: ['edov'] },
    { email: { address: 'ada@mail.test', verified: true } },
  ],
  [
    'believes no proof that is missing',
    { email_verified: ['missing'] },
    { email: { address: 'ada@acme.test', verified: false } },
  ],
  [
    'maps a phone number, unverified',
    { phone_number: ['mobile'] },
    { phone: { number: '+14255551212', verified: false } },
  ],
  [
    'maps a phone number with its proof',
    { phone_number: ['mobile'], phone_number_verified: ['email_verified'] },
    { phone: { number: '+14255551212', verified: true } },
  ],
  ['takes one group for a list', { groups: { from: ['memberOf'] } }, { groups: ['Only'] }],
  ['keeps groups by prefix', { groups: { keepPrefixes: ['acme-'] } }, { groups: ['acme-admins', 'acme-staff'] }],
  [
    'renames groups after that, and once each',
    { groups: { keepPrefixes: ['acme-'], rename: { 'acme-admins': 'staff', 'acme-staff': 'staff', Everyone: 'all' } } },
    { groups: ['staff'] },
  ],
  [
    'makes roles of groups, also of those it leaves out',
    {
      groups: { keepPrefixes: ['none'] },
      roles: { fromGroups: { 'acme-admins': 'admin', 'acme-staff': ['staff', 'admin'], Other: 'x' } },
    },
    { groups: [], roles: ['admin', 'staff'] },
  ],
  ['says that somebody has no role', { roles: { fromGroups: { Other: 'x' } } }, { roles: [] }],
  [
    'says nothing of roles when nothing is said of groups',
    { groups: { from: ['missing'] }, roles: { fromGroups: { 'acme-admins': 'admin' } } },
    { groups: undefined, roles: undefined },
  ],
  [
    'takes no groups for none where the tenant says so, and so nobody keeps a role whose group they lost',
    { groups: { from: ['missing'], emptyWhenAbsent: true }, roles: { fromGroups: { 'acme-admins': 'admin' } } },
    { groups: [], roles: [] },
  ],
  [
    'gives constant roles even when nothing is said of groups',
    { groups: { from: ['missing'] }, roles: { fromGroups: { 'acme-admins': 'admin' }, constant: ['employee'] } },
    { groups: undefined, roles: ['employee'] },
  ],
  [
    'joins roles of every origin',
    { roles: { from: ['appRoles'], constant: ['employee'], fromGroups: { Everyone: 'all' } } },
    { roles: ['reader', 'all', 'employee'] },
  ],
]

describe('mapping attributes to a profile', () => {
  it.each(rows)('%s', (_what, mapping, expected) => {
    expect(mapProfile(own, answer, mapping)).toEqual({ ...own, ...expected })
  })

  it('keeps unmapped attributes as the provider has them', () => {
    expect(mapProfile(own, answer, { nickname: ['list'] })).toEqual({ ...own, nickname: 'one' })
  })

  it('finds the profile under its usual names when the provider gives no raw answer', () => {
    const mapped = mapProfile(own, undefined, { nickname: ['name'], email: ['email'], roles: { from: ['groups'] } })
    expect(mapped).toEqual({ ...own, nickname: 'Ada', roles: own.groups })
  })

  it('ID-07 knows no role and no tenant that the tenant did not map, whatever provider and upstream say', () => {
    const mapped = mapProfile({ ...own, roles: ['superuser'] }, answer)
    expect(mapped).toEqual(own)
    expect(mapProfile({ ...own, roles: ['superuser'] }, answer, { roles: { fromGroups: {} } }).roles).toEqual([])
  })

  it("ID-01 takes no text of a plugin for a proof, and no member but the profile's, without a mapping too", () => {
    const email: object = { address: 'ada@acme.test', verified: 'false' }
    const phone: object = { number: '+14255551212', verified: 'true' }
    const returned: Profile = JSON.parse(JSON.stringify({ ...own, email, phone, isAdmin: true }))
    const expected = { ...own, email: { ...email, verified: false }, phone: { ...phone, verified: false } }
    expect(mapProfile(returned, undefined)).toEqual(expected)
  })

  it('does not keep the raw answer', () => {
    const identity = { issuer: 'i', subject: 's', profile: own, attributes: answer }
    expect(mappedIdentity(identity, undefined)).toEqual({ issuer: 'i', subject: 's', profile: own })
  })
})

const names = ['name', 'email', 'email_verified', 'phone_number', 'phone_number_verified', 'picture', 'locale'] as const
const everything: ProfileMapping = {
  ...Object.fromEntries(names.map((name) => [name, ['x']])),
  groups: { from: ['x'] },
  roles: { from: ['x'], fromGroups: { a: 'b' } },
}
const deep = JSON.parse(`${'{"x":'.repeat(500)}1${'}'.repeat(500)}`)

describe('ID-06 hostile attributes', () => {
  const hostile: readonly [what: string, value: unknown][] = [
    ['null', null],
    ['a number', 7],
    ['an object', { toString: 'x' }],
    ['500 levels', deep],
    ['an endless text', 'x'.repeat(1_000_000)],
    ['a list of lists', [[['a']]]],
    ['a list of everything', [null, {}, [], 1, true, 'a']],
    ['100 000 names', Array.from({ length: 100_000 }, (_, index) => `group ${index}`)],
    ['half a surrogate pair', '\ud800'],
    ['invisible text', '\u202e\u200b\u0000'],
  ]

  it.each(hostile)('%s is bounded or left out', (_what, value) => {
    for (const attributes of [{ x: value }, boundAttributes({ x: value })]) {
      const { name, email, phone, groups = [], roles = [], ...rest } = mapProfile(own, attributes, everything)
      expect(name === undefined || (name.length > 0 && Array.from(name).length <= maxTextLength)).toBe(true)
      expect([email, phone, rest.pictureUrl]).toEqual([undefined, undefined, undefined])
      expect(Math.max(groups.length, roles.length)).toBeLessThanOrEqual(maxGroups)
      expect([...groups, ...roles].every((word) => typeof word === 'string')).toBe(true)
    }
  })

  it.each([
    '__proto__',
    'constructor',
    'toString',
    '__proto__.polluted',
    'constructor.name',
    'x.__proto__.y',
    'list.length',
    'list.1',
    'list.__proto__',
  ])('%s names nothing, neither as an attribute nor as a group', (name) => {
    const attributes = JSON.parse(
      '{"__proto__": {"polluted": "yes"}, "x": {"__proto__": {"y": "yes"}}, "list": ["yes"]}',
    )
    expect(attributeAt(attributes, name)).toBeUndefined()
    const mapped = mapProfile({ groups: [name] }, attributes, {
      name: [name],
      groups: { rename: { a: 'b' } },
      roles: { fromGroups: { a: 'b' } },
    })
    expect(mapped).toEqual({ groups: [name], roles: [] })
  })
})

describe('the bounds of a raw answer', () => {
  it('let an ordinary answer through, the first of several before the others', () => {
    expect(boundAttributes({ a: 1, list: ['x', null], deep: { b: true } }, undefined, { a: 2, c: 'd' })).toEqual({
      a: 1,
      list: ['x', null],
      deep: { b: true },
      c: 'd',
    })
  })

  it('ID-06 cut deep, long and many values, and those that JSON does not have', () => {
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`key ${index}`, index]))
    const lists = Array.from({ length: 100 }, () => Array.from({ length: 1000 }, () => 'x'))
    const bounded = boundAttributes({ deep, long: 'x'.repeat(5000), wide, lists, call: () => 1, no: Number.NaN })
    expect(JSON.stringify(bounded).length).toBeLessThan(100_000)
    expect(Object.keys(bounded)).toEqual(['deep', 'wide', 'lists'])
    expect(JSON.stringify(bounded['deep']).length).toBeLessThan(100)
  })

  it('ID-06 leave a prototype out', () => {
    const bounded = boundAttributes(JSON.parse('{"__proto__": {"admin": true}, "a": {"__proto__": {"admin": true}}}'))
    expect(bounded).toEqual({ a: {} })
    expect(Reflect.get(bounded, 'admin')).toBeUndefined()
  })
})
