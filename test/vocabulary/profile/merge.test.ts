import { describe, expect, it } from 'vitest'
import { mergeProfile, type Speaker, withoutConnection } from '../../../src/profile/merge.ts'
import {
  birthdateOf,
  definedOnly,
  type Profile,
  pageUrlOf,
  phoneOf,
  type UserProfile,
  updatedAtOf,
} from '../../../src/profile/profile.ts'

const okta: Speaker = { connection: 'okta', connections: ['okta', 'google'] }
const google: Speaker = { ...okta, connection: 'google' }

/** As an upstream might send it. */
const withSources = { nickname: 'a', sources: { name: 'google' } }

const merges: readonly [what: string, older: UserProfile, newer: Profile, speaker: Speaker, merged: UserProfile][] = [
  ['fills an empty profile', {}, { name: 'Ada' }, okta, { name: 'Ada', sources: { name: 'okta' } }],
  [
    'lets the connection that told an attribute change it',
    { name: 'Ada', sources: { name: 'okta' } },
    { name: 'Ada King' },
    okta,
    { name: 'Ada King', sources: { name: 'okta' } },
  ],
  [
    'lets another connection fill only what is missing',
    { name: 'Ada', roles: ['admin'], sources: { name: 'okta', roles: 'okta' } },
    { name: 'ada_l', nickname: 'ada', roles: ['owner'] },
    google,
    { name: 'Ada', roles: ['admin'], nickname: 'ada', sources: { name: 'okta', roles: 'okta', nickname: 'google' } },
  ],
  [
    'never erases what is absent, even of the connection that told it',
    { name: 'Ada', groups: ['a'], sources: { name: 'okta', groups: 'okta' } },
    {},
    okta,
    { name: 'Ada', groups: ['a'], sources: { name: 'okta', groups: 'okta' } },
  ],
  [
    'takes none for an answer',
    { groups: ['a'], roles: ['admin'], sources: { groups: 'okta', roles: 'okta' } },
    { groups: [], roles: [] },
    okta,
    { groups: [], roles: [], sources: { groups: 'okta', roles: 'okta' } },
  ],
  [
    'gives what a connection told that is gone to whoever tells it anew',
    { name: 'Ada', locale: 'en', sources: { name: 'retired', locale: 'retired' } },
    { name: 'Ada King' },
    google,
    { name: 'Ada King', locale: 'en', sources: { name: 'google', locale: 'retired' } },
  ],
  [
    'gives what was stored before sources were to whoever tells it next',
    { name: 'Ada' },
    { name: 'Ada King' },
    google,
    { name: 'Ada King', sources: { name: 'google' } },
  ],
  [
    'leaves email to the proof that decided before',
    { email: { address: 'a@acme.test', verified: true }, sources: { email: 'okta' } },
    { email: { address: 'b@acme.test', verified: true } },
    google,
    { email: { address: 'b@acme.test', verified: true }, sources: { email: 'google' } },
  ],
  [
    'believes no sources that came along',
    { name: 'Ada', sources: { name: 'okta' } },
    withSources,
    google,
    { name: 'Ada', nickname: 'a', sources: { name: 'okta', nickname: 'google' } },
  ],
]

describe('merging the profile of a connection into that of a user', () => {
  it.each(merges)('%s', (_what, older, newer, speaker, merged) => {
    const before = structuredClone(older)
    expect(mergeProfile(older, newer, speaker)).toEqual(merged)
    expect(older).toEqual(before)
  })
})

it('ID-09 takes groups and roles away with the connection that gave them, and frees the rest', () => {
  const profile: UserProfile = {
    name: 'Ada',
    groups: ['a'],
    roles: ['admin'],
    nickname: 'ada',
    sources: { name: 'okta', groups: 'okta', roles: 'google', nickname: 'google' },
  }
  expect(withoutConnection(profile, 'okta')).toEqual({
    name: 'Ada',
    roles: ['admin'],
    nickname: 'ada',
    sources: { roles: 'google', nickname: 'google' },
  })
})

describe('a phone number', () => {
  it.each([
    ['+1 (425) 555-1212', '+14255551212'],
    ['tel:+49-30-1234;ext=56', '+49301234;ext=56'],
    ['030 1234', '0301234'],
  ])('%s is kept as %s', (given, number) => {
    expect(phoneOf(given, undefined)).toEqual({ number, verified: false })
  })

  it.each([42, '', '+', '12', 'call me', '+1<script>', '1'.repeat(16), '1'.repeat(100_000), ['+14255551212'], null])(
    'is nothing of the sort in %j',
    (given) => {
      expect(phoneOf(given, true)).toBeUndefined()
    },
  )

  it('is verified only when international, and only by true or 1, also as text', () => {
    const verified = (number: string, word: unknown) => phoneOf(number, word)?.verified
    expect([verified('+14255551212', true), verified('+14255551212', 'true')]).toEqual([true, true])
    expect([verified('+14255551212', 2), verified('+14255551212', 'yes'), verified('0425551212', true)]).toEqual([
      false,
      false,
      false,
    ])
  })
})

describe('further attributes of OpenID Connect Core 5.1', () => {
  it.each([
    [1_789_990_000, 1_789_990_000],
    ['1789990000', 1_789_990_000],
    [1_789_990_000_123, 1_789_990_000],
    ['2026-09-21T11:26:40.5Z', 1_789_990_000],
    ...['yesterday', '', -5, 0, true, null, undefined, [1_789_990_000], {}, Number.NaN, 1e300].map((odd) => [
      odd,
      undefined,
    ]),
  ])('updated_at %j is %j', (given, expected) => {
    expect(updatedAtOf(given)).toBe(expected)
  })

  it.each([
    ...['1815-12-10', '0000-12-10', '1815'].map((date) => [date, date]),
    ...['12/10/1815', '1815-13-10', '1815-12-32', '18151210', 1815, null, ['1815']].map((odd) => [odd, undefined]),
  ])('birthdate %j is %j', (given, expected) => {
    expect(birthdateOf(given)).toBe(expected)
  })

  it.each([
    ['https://ada.test/me', 'https://ada.test/me'],
    ['http://ada.test', 'http://ada.test/'],
    ...['javascript:alert(1)', 'data:text/html,x', '//ada.test', 'ada.test', 'https://a:b@ada.test/', 7, null].map(
      (odd) => [odd, undefined],
    ),
  ])('a web page %j is %j', (given, expected) => {
    expect(pageUrlOf(given)).toBe(expected)
  })
})

it('leaves out undefined members', () => {
  expect(Object.keys(definedOnly({ name: undefined, nickname: 'a' }))).toEqual(['nickname'])
})
