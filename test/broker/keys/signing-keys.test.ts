import { randomBytes } from 'node:crypto'
import { createLocalJWKSet, importJWK, jwtVerify, SignJWT } from 'jose'
import { beforeEach, describe, expect, it } from 'vitest'
import { activateNextKeys } from '../../../src/broker/keys/key-lifecycle.ts'
import { type KeySet, openSigningKeys, type SigningJwk, updateKeys } from '../../../src/broker/keys/signing-keys.ts'
import type { SigningKeys } from '../../../src/broker/ports/durable.ts'
import { KeyRing } from '../../../src/crypto/keyring.ts'
import { signingAlgorithms } from '../../../src/crypto/signing-algorithm.ts'
import { type Broker, openBroker } from '../../support/gatehouse/broker.ts'

const day = 24 * 3600
const policy = {
  algorithms: signingAlgorithms,
  rotateEverySeconds: 90 * day,
  publishAheadSeconds: day,
  keepRetiredSeconds: 30 * day,
}
const [oldSecret, newSecret] = [randomBytes(32), randomBytes(32)]

let broker: Broker
let store: SigningKeys
beforeEach(async () => {
  broker = await openBroker()
  store = broker.parts.signingKeys
})

const partsOf = (secrets: readonly Uint8Array[] = [oldSecret]) => ({
  store,
  keyRing: new KeyRing(secrets),
  policy,
  now: broker.parts.now,
})
const open = (secrets?: Uint8Array[]) => openSigningKeys(partsOf(secrets))

async function sign({ keys }: KeySet, alg = 'RS256'): Promise<string> {
  const key = keys.find((each) => each.alg === alg)
  if (key === undefined) throw new Error(`no ${alg} key`)
  return new SignJWT({}).setProtectedHeader({ alg, kid: key.kid }).sign(await importJWK(key))
}

/** The JWKS that an app fetches at this moment. */
function published({ keys }: KeySet) {
  return createLocalJWKSet({ keys: keys.map(({ d, p, q, dp, dq, qi, ...key }) => key) })
}

const kids = ({ keys }: KeySet) => keys.map(({ kid }) => kid)

describe('signing keys', () => {
  it('C3: are created on first use, RS256 first, each with its successor', async () => {
    const { keys } = await open().current()
    expect(keys.map(({ kty, alg, use }) => [kty, alg, use])).toEqual([
      ['RSA', 'RS256', 'sig'],
      ['EC', 'ES256', 'sig'],
      ['RSA', 'PS256', 'sig'],
      ['OKP', 'EdDSA', 'sig'],
      ['RSA', 'RS256', 'sig'],
      ['EC', 'ES256', 'sig'],
      ['RSA', 'PS256', 'sig'],
      ['OKP', 'EdDSA', 'sig'],
    ])
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(8)
    expect(keys.every(({ d }) => typeof d === 'string')).toBe(true)
    const stored = await store.all()
    expect(stored.map(({ algorithm, status }) => `${algorithm} ${status}`).sort()).toEqual([
      'ES256 active',
      'ES256 next',
      'EdDSA active',
      'EdDSA next',
      'PS256 active',
      'PS256 next',
      'RS256 active',
      'RS256 next',
    ])
  })

  it('are stored encrypted', async () => {
    const { keys } = await open().current()
    for (const { id, sealed } of await store.all()) {
      const secret = keys.find(({ kid }) => kid === id)?.d ?? ''
      expect(sealed.includes(secret)).toBe(false)
      expect(sealed.includes('"d"')).toBe(false)
    }
  })

  it('SE-06 are the same for 12 processes that start at once', async () => {
    const sets = await Promise.all(Array.from({ length: 12 }, () => open().current()))
    expect(new Set(sets.map((set) => kids(set).join())).size).toBe(1)
    expect(await store.all()).toHaveLength(8)
  })

  it('are read from the store once, and given to listeners only after a change', async () => {
    const keys = open()
    const changed: KeySet[] = []
    keys.onChange((set) => changed.push(set))
    const [first, second] = await Promise.all([keys.current(), keys.current()])
    expect(second).toBe(first)
    await keys.maintain()
    await keys.maintain()
    expect(changed).toEqual([first])
    broker.pass(90 * day)
    await keys.maintain()
    expect(changed).toHaveLength(2)
    expect(await keys.current()).toBe(changed[1])
  })

  it('SE-06 rotate without a lost login: the next key is published early and the old one stays valid', async () => {
    const keys = open()
    const before = await keys.current()
    const appCache = published(before)
    const tokenBefore = await sign(before)

    broker.pass(90 * day)
    await keys.maintain()
    const after = await keys.current()
    expect(kids(after).slice(0, 4)).toEqual(kids(before).slice(4))
    await jwtVerify(await sign(after), appCache) // cached before the rotation
    for (const alg of ['ES256', 'PS256', 'EdDSA']) await jwtVerify(await sign(after, alg), appCache)
    await jwtVerify(tokenBefore, published(after))

    broker.pass(30 * day)
    await keys.maintain()
    await expect(jwtVerify(tokenBefore, published(await keys.current()))).rejects.toThrow()
  })

  it('SE-06 are reloaded when another process rotates them', async () => {
    const [here, there] = [open(), open()]
    const before = await here.current()
    await updateKeys(partsOf(), (stored) => activateNextKeys(stored, broker.parts.now()))
    expect(kids(await here.current())).toEqual(kids(before))
    await Promise.all([here.maintain(), there.maintain()])
    expect(kids(await here.current())).not.toEqual(kids(before))
    expect(kids(await there.current())).toEqual(kids(await here.current()))
  })

  it('rotate once when 8 processes find a rotation due at the same time', async () => {
    await open().current()
    broker.pass(90 * day)
    const processes = Array.from({ length: 8 }, () => open())
    await Promise.all(processes.map((each) => each.maintain()))
    const stored = await store.all()
    expect(stored.filter(({ status }) => status === 'retired')).toHaveLength(4)
    expect(stored.filter(({ status }) => status === 'active')).toHaveLength(4)
    expect(stored.filter(({ status }) => status === 'next')).toHaveLength(4)
  })

  it('SE-06 are encrypted again under a new key of the key ring', async () => {
    const before = kids(await open().current())
    await open([newSecret, oldSecret]).maintain()
    expect(kids(await open([newSecret]).current())).toEqual(before)
  })

  it('are refused with the ID of the key whose key ring entry is missing', async () => {
    await open().current()
    await expect(open([newSecret]).current()).rejects.toThrow(/^signing key [\w-]{43} is sealed under a key/)
  })

  it('use the JWK thumbprint as key ID', async () => {
    const { keys } = await open().current()
    const { calculateJwkThumbprint } = await import('jose')
    const names = await Promise.all(keys.map((key: SigningJwk) => calculateJwkThumbprint(key)))
    expect(names).toEqual(keys.map(({ kid }) => kid))
  })
})
