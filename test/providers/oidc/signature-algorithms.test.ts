import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { signatureAlgorithms } from '../../../providers/oidc/discovery.ts'
import { isSignedBy, isWeak, publicKeyOf } from '../../../providers/oidc/keys/signature.ts'

async function signed(algorithm: string) {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
  const token = await new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: algorithm }).sign(privateKey)
  return { token, key: keyOf(await exportJWK(publicKey)) }
}

function keyOf(jwk: JWK) {
  const key = publicKeyOf(jwk)
  if (key === undefined) throw new Error('not a usable key')
  return key
}

describe.each([...signatureAlgorithms])('a signature by %s', (algorithm) => {
  it('is accepted from its key, and rejected from another one or if anything was altered', async () => {
    const { token, key } = await signed(algorithm)
    const [header, payload, signature = ''] = token.split('.')
    const altered = Buffer.from(signature, 'base64url')
    altered[0] = (altered[0] ?? 0) ^ 1
    expect(isSignedBy(token, algorithm, key)).toBe(true)
    expect(isSignedBy(token, algorithm, (await signed(algorithm)).key)).toBe(false)
    const others = [
      `${header}.${payload}.${altered.toString('base64url')}`,
      `${header}.${payload?.slice(0, -1)}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature.slice(0, -4)}`,
      `${header}.${payload}. ${signature}`,
      `${header}.${payload}.${signature}.${signature}`,
    ]
    for (const other of others) expect(isSignedBy(other, algorithm, key)).toBe(false)
  })

  it('is rejected under every other algorithm', async () => {
    const { token, key } = await signed(algorithm)
    // two names of one algorithm
    const others = signatureAlgorithms.filter((other) => other !== algorithm && !/^Ed/.test(other))
    for (const other of [...others, 'HS256', 'none']) expect(isSignedBy(token, other, key)).toBe(false)
  })
})

describe('a published key', () => {
  it('is weak if it is RSA of less than 2048 bits', async () => {
    const modulus = (bytes: number) => Buffer.alloc(bytes, 0xc5).toString('base64url')
    expect(isWeak(keyOf({ kty: 'RSA', e: 'AQAB', n: modulus(128) }))).toBe(true)
    expect(isWeak(keyOf({ kty: 'RSA', e: 'AQAB', n: modulus(256) }))).toBe(false)
    expect(isWeak((await signed('ES256')).key)).toBe(false)
  })

  it('is unusable if it cannot be read', () => {
    expect(publicKeyOf({ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' })).toBeUndefined()
    expect(publicKeyOf({ kty: 'OKP', crv: 'Ed25519', x: '' })).toBeUndefined()
  })
})
