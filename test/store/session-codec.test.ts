import { expect, it } from 'vitest'
import { KeyRing, sealOverhead } from '../../src/keyring.ts'
import { decodeSession, encodeSession, rememberingDecoder } from '../../src/store/session-codec.ts'
import { keyRing, sampleKey, sampleSession } from './samples.ts'

const contextOf = (id: string) => `session ${id}`

it('gives back every session it wrote, to the second', () => {
  const sessions = [
    sampleSession(),
    sampleSession({ profile: {} }),
    sampleSession({ acr: undefined, amr: undefined }),
    sampleSession({ acr: undefined, amr: [], profile: { groups: [] } }),
    sampleSession({ profile: { email: { address: 'a@b.test', verified: false }, groups: ['"', '\\', '🜁', ''] } }),
    sampleSession({ authenticatedAt: new Date(0), device: '', userId: '' }),
  ]
  for (const session of sessions) {
    expect(decodeSession(session.id, encodeSession(session, keyRing), keyRing)).toEqual(session)
  }
})

it('drops parts of a second', () => {
  const session = sampleSession({ createdAt: new Date(1999), seenAt: new Date(2001), expiresAt: new Date(5500) })
  const decoded = decodeSession(session.id, encodeSession(session, keyRing), keyRing)
  expect(decoded).toMatchObject({ createdAt: new Date(1000), seenAt: new Date(2000), expiresAt: new Date(5000) })
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
])('takes %s for no session, whoever sealed it', (content) => {
  expect(decodeSession('id', keyRing.seal(content, contextOf('id')), keyRing)).toBeNull()
})

it('takes attributes of the wrong type for not told', () => {
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

it('writes no names of properties', () => {
  const session = sampleSession()
  const opened = keyRing.open(encodeSession(session, keyRing), contextOf(session.id))
  for (const name of ['email', 'tenant', 'groups', 'expiresAt']) {
    expect(opened?.content.toString()).not.toContain(`"${name}"`)
  }
  expect(opened!.content.length).toBe(encodeSession(session, keyRing).length - sealOverhead)
})

it('SE-05 a decoder that remembers gives nothing for a record that is gone, replaced or altered', () => {
  const decode = rememberingDecoder(keyRing)
  const session = sampleSession()
  const value = encodeSession(session, keyRing)
  const first = decode(session.id, value)
  expect(first).toEqual(session)
  expect(decode(session.id, Buffer.from(value))).toBe(first)
  expect(decode('another', value)).toBeNull()

  const later = { ...session, seenAt: new Date(session.seenAt.getTime() + 60_000) }
  expect(decode(session.id, encodeSession(later, keyRing))).toEqual(later)

  const altered = Buffer.from(value)
  altered[value.length - 1]! ^= 1
  expect(decode(session.id, altered)).toBeNull()
  expect(decode(session.id, null)).toBeNull()
})

it('a decoder that remembers is not misled when the driver uses its buffer again', () => {
  const decode = rememberingDecoder(keyRing)
  const session = sampleSession()
  const received = encodeSession(session, keyRing)
  decode(session.id, received)
  received.fill(0)
  expect(decode(session.id, received)).toBeNull()
})
