import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { signatureAlgorithms } from '../../../providers/oidc/discovery.ts'
import { readKeySet } from '../../../providers/oidc/keys/key-set.ts'
import { openKeys } from '../../../providers/oidc/keys/keys.ts'

async function signed(algorithm: string) {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true })
  const token = await new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: algorithm }).sign(privateKey)
  const published = readKeySet({ keys: [await exportJWK(publicKey)] })
  return {
    token,
    keys: openKeys(
      async () => published,
      () => new Date(),
    ),
  }
}

describe.each([...signatureAlgorithms])('a signature by %s', (algorithm) => {
  it('is accepted from its key, and rejected from another one or if anything was altered', async () => {
    const { token, keys } = await signed(algorithm)
    const [header, payload, signature = ''] = token.split('.')
    const altered = Buffer.from(signature, 'base64url')
    altered[0] = (altered[0] ?? 0) ^ 1
    await expect(keys.verify(token, [algorithm])).resolves.toMatchObject({ algorithm })
    const others = [
      (await signed(algorithm)).token,
      `${header}.${payload}.${altered.toString('base64url')}`,
      `${header}.${payload?.slice(0, -1)}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature.slice(0, -4)}`,
      `${header}.${payload}.${signature}.${signature}`,
    ]
    for (const other of others)
      await expect(keys.verify(other, [algorithm])).rejects.toMatchObject({ code: 'upstream_invalid' })
  })

  it('is rejected where another algorithm is accepted', async () => {
    const { token, keys } = await signed(algorithm)
    for (const other of signatureAlgorithms.filter((other) => other !== algorithm))
      await expect(keys.verify(token, [other])).rejects.toMatchObject({ code: 'upstream_invalid' })
  })
})
