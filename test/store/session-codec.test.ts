import { expect, it } from 'vitest'
import { KeyRing, sealOverhead } from '../../src/crypto/keyring.ts'
import type { Profile } from '../../src/profile/profile.ts'
import { cachingDecoder, decodeSession, encodeSession } from '../../src/store/session-codec.ts'
import { keyRing, sampleKey, sampleProfile, sampleSession, secondsFromNow } from '../support/store/samples.ts'

const contextOf = (id: string) => `session ${id}`

it('decodes every session it encoded, to the second', () => {
  const sessions = [
    sampleSession(),
    sampleSession({ profile: {} }),
    sampleSession({ acr: undefined, amr: undefined }),
    sampleSession({ acr: undefined, amr: [], profile: { groups: [] } }),
    sampleSession({ profile: { email: { address: 'a@b.test', verified: false }, groups: ['"', '\\', '🜁', ''] } }),
    sampleSession({ authenticatedAt: new Date(0), device: '', userId: '' }),
    sampleSession({ unprovenSignIn: 'asked' }),
    sampleSession({ limitedByUpstream: true }),
    sampleSession({ limitedByUpstream: true, unprovenSignIn: 'asked', profile: {} }),
    sampleSession({ unprovenSignIn: 'unasked', profile: {}, acr: undefined, amr: undefined }),
  ]
  const whole: Profile = {
    ...sampleProfile,
    middleName: 'Ada',
    nickname: '0',
    phone: { number: '+14255551212', verified: true },
    organization: 'Acme',
    roles: ['admin', ''],
    preferredUsername: 'ada',
    profileUrl: 'https://acme.test/ada',
    website: 'http://ada.test/',
    gender: 'female',
    birthdate: '0000-12-10',
    updatedAt: 1_789_990_000,
  }
  const attributes = Object.entries(whole)
  for (const profile of [whole, ...attributes.map((one) => Object.fromEntries([one]))])
    sessions.push(sampleSession({ profile }), sampleSession({ profile, acr: undefined, amr: undefined }))
  for (const session of sessions) {
    expect(decodeSession(session.id, encodeSession(session, keyRing), keyRing)).toEqual(session)
  }
})

it('does not store the sources of attributes', () => {
  const profile = { name: 'Zoë', sources: { name: 'okta' } }
  const session = sampleSession({ profile })
  const decoded = decodeSession(session.id, encodeSession(session, keyRing), keyRing)
  expect(decoded?.profile).toEqual({ name: 'Zoë' })
})

it('fits a profile of 400 bytes into 506 bytes, whichever attributes it has', () => {
  const parts = {
    email: { address: 'maximiliane.musterfrau@customer.example.com', verified: true },
    name: 'Maximiliane Muster',
    givenName: 'Maximiliane',
    familyName: 'Musterfrau',
    nickname: 'Maxi',
    locale: 'de-DE',
    phone: { number: '+493012345678', verified: false },
    organization: 'Customer',
    roles: ['staff'],
    zoneinfo: 'Europe/Berlin',
  }
  const pad = 'x'.repeat(400 - JSON.stringify({ ...parts, groups: [''] }).length)
  const profile = { ...parts, groups: [pad] }
  expect(JSON.stringify(profile)).toHaveLength(400)
  const session = sampleSession({ profile, acr: undefined, amr: ['pwd'], device: 'Chrome on Linux' })
  expect(encodeSession(session, keyRing).length).toBeLessThanOrEqual(506)
  const unstated = { ...session, unprovenSignIn: 'unasked' } as const
  expect(encodeSession(unstated, keyRing).length - encodeSession(session, keyRing).length).toBeLessThanOrEqual(2)
  expect(encodeSession(unstated, keyRing).length).toBeLessThanOrEqual(506)
})

it('reads records with fewer attributes', () => {
  const fields = ['demo', 'user', 'okta', 'okta', 1, 1, 1, 1, 1, 'device', 'a@b.test', 1, null, null, null, null, 'en']
  const read = (content: unknown[]) =>
    decodeSession('id', keyRing.seal(JSON.stringify(content), contextOf('id')), keyRing)
  expect(read(fields)?.profile).toEqual({ email: { address: 'a@b.test', verified: true }, locale: 'en' })
  expect(read([...fields, null, null, 'acr', ['pwd']])).toMatchObject({ acr: 'acr', amr: ['pwd'] })
})

it('a known sign-in time costs no bytes, and an unknown mark counts as unproven', () => {
  const session = sampleSession()
  const plain = keyRing.open(encodeSession(session, keyRing), contextOf(session.id))?.content.toString() ?? ''
  const fields = JSON.parse(plain)
  expect(fields).toHaveLength(21) // up to amr
  const read = (logo: unknown) =>
    decodeSession('id', keyRing.seal(JSON.stringify([...fields, 0, 0, 0, 0, 0, 0, logo]), contextOf('id')), keyRing)
  expect([0, null, 1, 2, 3, 'x'].map((logo) => read(logo)?.unprovenSignIn)).toEqual([
    undefined,
    undefined,
    'unasked',
    'asked',
    'unasked',
    'unasked',
  ])
})

it('drops parts of a second', () => {
  const session = sampleSession({ createdAt: new Date(1999), lastSeenAt: new Date(2001), expiresAt: new Date(5500) })
  const decoded = decodeSession(session.id, encodeSession(session, keyRing), keyRing)
  expect(decoded).toMatchObject({ createdAt: new Date(1000), lastSeenAt: new Date(2000), expiresAt: new Date(5000) })
})

it('SE-05 refuses a record of another session, of another key, cut short or with a bit changed', () => {
  const session = sampleSession()
  const value = encodeSession(session, keyRing)
  expect(decodeSession('another', value, keyRing)).toBeNull()
  expect(decodeSession(session.id, value, new KeyRing([sampleKey()]))).toBeNull()
  for (let length = 0; length < value.length; length += 1) {
    expect(decodeSession(session.id, value.subarray(0, length), keyRing)).toBeNull()
  }
  for (let place = 0; place < value.length; place += 1) {
    const changed = Buffer.from(value)
    changed[place]! ^= 1
    expect(decodeSession(session.id, changed, keyRing)).toBeNull()
  }
})

it.each([
  'null',
  '{}',
  '[]',
  'no json',
  '["demo"]',
  '["demo","user","okta","okta","1",1,1,1,1,"device"]',
  '["demo","user","okta","okta",1,1,1,1,1,null]',
  '["demo","user","okta","okta",1,1,1e400,1,1,"device"]',
])('rejects %s as a session', (content) => {
  expect(decodeSession('id', keyRing.seal(content, contextOf('id')), keyRing)).toBeNull()
})

it('ignores attributes of the wrong type', () => {
  const content = JSON.stringify([
    'demo',
    'user',
    'okta',
    'okta',
    1,
    1,
    1,
    1,
    1,
    'device',
    5,
    1,
    {},
    [],
    1,
    2,
    3,
    4,
    [5],
    6,
    'pwd',
  ])
  const session = decodeSession('id', keyRing.seal(content, contextOf('id')), keyRing)
  expect(session?.profile).toEqual({})
  expect(session).toMatchObject({ acr: undefined, amr: undefined })
})

it('writes no property names', () => {
  const session = sampleSession()
  const opened = keyRing.open(encodeSession(session, keyRing), contextOf(session.id))
  for (const name of ['email', 'tenant', 'groups', 'expiresAt']) {
    expect(opened?.content.toString()).not.toContain(`"${name}"`)
  }
  expect(opened!.content.length).toBe(encodeSession(session, keyRing).length - sealOverhead)
})

it('SE-05 the caching decoder returns null for a record that is missing, replaced or altered', () => {
  const decode = cachingDecoder(keyRing)
  const session = sampleSession()
  const value = encodeSession(session, keyRing)
  const first = decode(session.id, value)
  expect(first).toEqual(session)
  expect(decode(session.id, Buffer.from(value))).toBe(first)
  expect(decode('another', value)).toBeNull()

  const inTheFuture = { ...session, lastSeenAt: new Date(session.lastSeenAt.getTime() + 60_000) }
  expect(decode(session.id, encodeSession(inTheFuture, keyRing))).toEqual(inTheFuture)

  const altered = Buffer.from(value)
  altered[value.length - 1]! ^= 1
  expect(decode(session.id, altered)).toBeNull()
  expect(decode(session.id, null)).toBeNull()
})

it('the caching decoder copies the buffer of the driver', () => {
  const decode = cachingDecoder(keyRing)
  const session = sampleSession()
  const received = encodeSession(session, keyRing)
  decode(session.id, received)
  received.fill(0)
  expect(decode(session.id, received)).toBeNull()
})

it('A4 stores the expiry of temporary permissions and the permissions afterwards', () => {
  for (const own of [{}, { groups: ['own'], roles: ['admin'] }, { groups: [] }]) {
    const session = sampleSession({ temporaryPermissions: { ...own, until: secondsFromNow(600) } })
    expect(decodeSession(session.id, encodeSession(session, keyRing), keyRing)).toEqual(session)
  }
})
