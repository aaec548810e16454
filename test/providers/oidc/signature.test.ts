/** Signatures of ID tokens, and keys that change. */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readKeySet } from '../../../providers/oidc/keys/key-set.ts'
import { openKeys } from '../../../providers/oidc/keys/keys.ts'
import { invalid, startOkta } from '../../support/providers/okta-logins.ts'

const { emulator, open, signIn } = await startOkta()

describe('the signature check', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const published = { keys: [{ ...ec.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'ES256' }] }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const token = (header: object, signature?: Buffer, key = ec.privateKey) => {
    const content = `${part(header)}.${part({ sub: 'ada' })}`
    const made = signature ?? sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' })
    return `${content}.${made.toString('base64url')}`
  }
  function keysOf(sets: readonly unknown[]) {
    let time = Date.now()
    let fetched = 0
    const load = async () => {
      const set = sets[Math.min(fetched, sets.length - 1)]
      fetched += 1
      if (set instanceof Error) throw set
      return readKeySet(set)
    }
    const keys = openKeys(load, () => new Date(time))
    return { ...keys, fetched: () => fetched, pass: (ms: number) => (time += ms) }
  }
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const rotated = { keys: [{ ...other.publicKey.export({ format: 'jwk' }), kid: 'two', use: 'sig', alg: 'ES256' }] }
  const invalidSignature = invalid('signature')

  it('accepts what the published key made, with and without a key ID', async () => {
    const keys = keysOf([published])
    for (const header of [{ alg: 'ES256', kid: 'one' }, { alg: 'ES256' }])
      await expect(keys.verify(token(header), ['ES256'])).resolves.toMatchObject({ algorithm: 'ES256' })
  })

  it('tries every key when the token names none', async () => {
    const keys = keysOf([{ keys: [...rotated.keys, ...published.keys] }])
    await expect(keys.verify(token({ alg: 'ES256' }), ['ES256'])).resolves.toBeDefined()
  })

  it.each([64, 0, 63, 65])('RP-17 refuses a signature of %d zero bytes', async (length) => {
    const keys = keysOf([published])
    await expect(
      keys.verify(token({ alg: 'ES256', kid: 'one' }, Buffer.alloc(length)), ['ES256']),
    ).rejects.toMatchObject(invalidSignature)
  })

  it('RP-06 refuses HS256 even if allowed, without a secret key', async () => {
    const content = `${part({ alg: 'HS256', kid: 'one' })}.${part({ sub: 'ada' })}`
    const pem = ec.publicKey.export({ format: 'pem', type: 'spki' })
    const forged = `${content}.${createHmac('sha256', pem).update(content).digest('base64url')}`
    await expect(keysOf([published]).verify(forged, ['ES256', 'HS256'])).rejects.toMatchObject(invalidSignature)
  })

  it('RP-42 finds a new key at once', async () => {
    const keys = keysOf([published, rotated])
    await keys.verify(token({ alg: 'ES256', kid: 'one' }), ['ES256'])
    await expect(
      keys.verify(token({ alg: 'ES256', kid: 'two' }, undefined, other.privateKey), ['ES256']),
    ).resolves.toMatchObject({ keyId: 'two' })
    expect(keys.fetched()).toBe(2)
  })

  it('RP-42 a thousand unknown key IDs cause one fetch a minute', async () => {
    const keys = keysOf([published])
    const storm = () =>
      Promise.allSettled(
        Array.from({ length: 1000 }, (_, n) => keys.verify(token({ alg: 'ES256', kid: `x${n}` }), ['ES256'])),
      )
    await storm()
    expect(keys.fetched()).toBe(2)
    await storm()
    expect(keys.fetched()).toBe(2)
    keys.pass(61_000)
    await storm()
    expect(keys.fetched()).toBe(3)
    await expect(keys.verify(token({ alg: 'ES256', kid: 'one' }), ['ES256'])).resolves.toBeDefined()
  })

  it.each([[{ keys: [] }], [{}], [null], ['<html>'], [new Error('500')]])(
    'RP-42 keeps the last good keys when it gets %j',
    async (bad) => {
      const keys = keysOf([published, bad])
      await keys.verify(token({ alg: 'ES256', kid: 'one' }), ['ES256'])
      await expect(keys.verify(token({ alg: 'ES256', kid: 'new' }), ['ES256'])).rejects.toMatchObject(invalidSignature)
      keys.pass(23 * 3600_000)
      await expect(keys.verify(token({ alg: 'ES256', kid: 'one' }), ['ES256'])).resolves.toBeDefined()
    },
  )

  it('RP-42 does not trust keys that it could not renew for a day', async () => {
    const keys = keysOf([published, new Error('down')])
    await keys.verify(token({ alg: 'ES256', kid: 'one' }), ['ES256'])
    keys.pass(25 * 3600_000)
    await expect(keys.verify(token({ alg: 'ES256', kid: 'one' }), ['ES256'])).rejects.toThrow('down')
  })
})

describe('a key change at the upstream', () => {
  it('RP-42 fails no login, and redeems each code once', async () => {
    const connection = open()
    await signIn(undefined, connection)
    await emulator.rotateKey()
    emulator.reset()
    await expect(signIn(undefined, connection)).resolves.toBeDefined()
    expect(emulator.counters).toMatchObject({ token: 1, keys: 1, discovery: 0 })
  })
})
