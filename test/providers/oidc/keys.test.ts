/** Whose token may have an issuer's keys fetched, and how often. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Reason, renewalAllowance } from '../../../providers/oidc/endpoint/cached.ts'
import { readKeySet } from '../../../providers/oidc/keys/key-set.ts'
import { openKeys } from '../../../providers/oidc/keys/keys.ts'

const algorithms = ['ES256']
const [first, second, third] = [newKey('one'), newKey('two'), newKey('three')]
const stranger = newKey('stranger')

interface Key {
  readonly id: string
  readonly privateKey: KeyObject
  readonly jwk: object
}

function newKey(id: string): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { id, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256' } }
}

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

function tokenBy({ privateKey, id }: Key, header: object = { kid: id }): string {
  const content = `${part({ alg: 'ES256', ...header })}.${part({ sub: 'ada' })}`
  return `${content}.${sign('sha256', Buffer.from(content), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

/** An issuer that publishes one key at a time, and counts how often it is asked. */
function issuer(hasIds = true) {
  let time = Date.UTC(2026, 0, 1)
  let [published, asked] = [first, 0]
  const load = async () => {
    asked += 1
    await new Promise((resolve) => setTimeout(resolve, 5))
    return readKeySet({ keys: [{ ...published.jwk, ...(hasIds && { kid: published.id }) }] })
  }
  const keys = openKeys(load, () => new Date(time))
  return {
    ...keys,
    asked: () => asked,
    rotateTo(key: Key) {
      published = key
    },
    pass(seconds: number) {
      time += seconds * 1000
    },
    login: (token: string) => keys.verify(token, algorithms),
    message: (token: string) => keys.verifyPresented(token, algorithms),
  }
}

const refused = { code: 'upstream_invalid', check: { name: 'signature', ok: false } }
const invented = (n: number) => tokenBy(stranger, { kid: `invented ${n}` })
const flood = (send: (token: string) => Promise<unknown>) =>
  Promise.allSettled(Array.from({ length: 1000 }, (_, n) => send(invented(n))))

describe('RP-42 a key change at the issuer', () => {
  it('fails none of fifty logins at once, and costs one fetch', async () => {
    const okta = issuer()
    await okta.login(tokenBy(first))
    okta.rotateTo(second)
    await Promise.all(Array.from({ length: 50 }, () => okta.login(tokenBy(second))))
    expect(okta.asked()).toBe(2)
  })

  it('fails no login when it is the second or third within a minute', async () => {
    const okta = issuer()
    for (const key of [first, second, third, first, second]) {
      okta.rotateTo(key)
      await expect(okta.login(tokenBy(key))).resolves.toMatchObject({ keyId: key.id })
    }
    expect(okta.asked()).toBe(5)
  })

  it('under the same key ID fails no login', async () => {
    const okta = issuer()
    await okta.login(tokenBy(first))
    const successor = { ...second, id: first.id }
    okta.rotateTo(successor)
    await expect(okta.login(tokenBy(successor))).resolves.toMatchObject({ keyId: first.id })
  })

  it('without key IDs fails no login, and no logout message', async () => {
    for (const endpoint of ['login', 'message'] as const) {
      const okta = issuer(false)
      await okta[endpoint](tokenBy(first, {}))
      okta.rotateTo(second)
      await expect(okta[endpoint](tokenBy(second, {}))).resolves.toMatchObject({ keyId: 'none' })
    }
  })

  it('fails no login after a login whose token was forged', async () => {
    const okta = issuer()
    await okta.login(tokenBy(first))
    await expect(okta.login(tokenBy(stranger, { kid: 'one' }))).rejects.toMatchObject(refused)
    okta.rotateTo(second)
    await expect(okta.login(tokenBy(second))).resolves.toMatchObject({ keyId: 'two' })
  })

  it('fails no login while others flood it with logout messages of unknown keys', async () => {
    const okta = issuer()
    await okta.login(tokenBy(first))
    await flood(okta.message)
    okta.rotateTo(second)
    const [login] = await Promise.all([okta.login(tokenBy(second)), flood(okta.message)])
    expect(login.keyId).toBe('two')
    expect(okta.asked()).toBe(3)
  })

  it('is seen by a logout message within a minute of a flood', async () => {
    const okta = issuer()
    await flood(okta.message)
    okta.rotateTo(second)
    await expect(okta.message(tokenBy(second))).rejects.toMatchObject(refused)
    okta.pass(60)
    await expect(okta.message(tokenBy(second))).resolves.toMatchObject({ keyId: 'two' })
  })
})

describe('RP-42 a fetch of the keys', () => {
  it.each(['login', 'message'] as const)(
    'happens at most once a minute for a thousand unknown key IDs (%s)',
    async (endpoint) => {
      const okta = issuer()
      await okta.login(tokenBy(first))
      for (const minute of [1, 2, 3]) {
        await flood(okta[endpoint])
        await flood(okta[endpoint])
        expect(okta.asked()).toBe(1 + minute)
        okta.pass(60)
      }
    },
  )

  const noReason: readonly (readonly [string, string])[] = [
    ['of another algorithm', tokenBy(first, { alg: 'RS256', kid: 'unknown' })],
    ['without signature', `${part({ alg: 'none', kid: 'unknown' })}.${part({})}.`],
    ['that is none', 'a.b.c'],
  ]
  it.each(noReason)('does not refetch keys for a token %s, at either endpoint', async (_, token) => {
    const okta = issuer()
    await okta.login(tokenBy(first))
    await expect(okta.login(token)).rejects.toMatchObject(refused)
    await expect(okta.message(token)).rejects.toMatchObject(refused)
    expect(okta.asked()).toBe(1)
  })

  it('is not worth a message with a forged signature under a known key ID', async () => {
    const okta = issuer()
    await okta.login(tokenBy(first))
    await expect(okta.message(tokenBy(stranger, { kid: 'one' }))).rejects.toMatchObject(refused)
    expect(okta.asked()).toBe(1)
  })
})

describe('the allowance', () => {
  const [key, signature] = ['unknown key', 'wrong signature'] as const
  // biome-ignore format: a table
  const cases: readonly (readonly [string, readonly (readonly [number, Reason, boolean])[]])[] = [
    ['is one a minute', [[0, key, true], [59, key, false], [60, key, true], [61, signature, true], [119, key, false], [120, key, true]]],
    ['is one a minute of wrong signatures', [[0, signature, true], [59, signature, false], [60, signature, true]]],
    ['leaves one for an unknown key', [[0, signature, true], [1, key, true], [2, key, false], [2, signature, false]]],
    ['P5: is back for an unknown key after a minute, whatever wrong signatures cost', [[0, signature, true], [1, key, true], [60, key, false], [61, key, true]]],
  ]
  it.each(cases)('%s', (_, takes) => {
    let seconds = 0
    const allowance = renewalAllowance(() => new Date(seconds * 1000))
    for (const [at, reason, ok] of takes) {
      seconds = at
      expect([at, reason, allowance.take(reason) !== undefined]).toEqual([at, reason, ok])
    }
  })

  it('is given back once', () => {
    const allowance = renewalAllowance(() => new Date(0))
    const giveBack = allowance.take(key)
    giveBack?.()
    expect(allowance.take(key)).toBeDefined()
    giveBack?.()
    expect(allowance.take(key)).toBeUndefined()
  })
})
