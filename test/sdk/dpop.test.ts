/** DPoP-bound access tokens (RFC 9449) at a resource server that uses the SDK. */
import { hash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, type GenerateKeyPairResult, generateKeyPair, SignJWT } from 'jose'
import * as client from 'openid-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createTokenChecker, type TokenCheckerOptions } from '../../src/sdk/token-checker.ts'
import { publicOrigin } from '../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import { newSignIn, relyingPartyOf, startProviderServer } from '../support/oidc/relying-parties.ts'
import { startProtectedApi } from '../support/sdk/api-server.ts'
import { startTestIssuer, type TestIssuer } from '../support/sdk/test-issuer.ts'

const audience = 'https://api.acme.test/orders'
const url = 'https://api.acme.test/orders/7'
const request = { method: 'GET', path: '/orders/7?page=2' }
const forms = ['JWT', 'opaque'] as const

let issuer: TestIssuer
let key: GenerateKeyPairResult
let jkt: string
beforeEach(async () => {
  issuer = await startTestIssuer()
  key = await generateKeyPair('ES256', { extractable: true })
  jkt = await calculateJwkThumbprint(await exportJWK(key.publicKey))
})
afterEach(() => issuer.stop())

const nowSeconds = () => Math.floor(Date.now() / 1000)

async function tokenOf(form: (typeof forms)[number], cnf: object | null = { jkt }): Promise<string> {
  const claims = {
    iss: issuer.issuer,
    aud: audience,
    sub: 'user1',
    client_id: 'shop',
    scope: 'orders.read',
    tenant: 'acme',
    exp: nowSeconds() + 600,
    ...(cnf !== null && { cnf }),
  }
  if (form === 'JWT') return issuer.sign(claims)
  const body = JSON.stringify({ active: true, token_type: cnf === null ? 'Bearer' : 'DPoP', ...claims })
  issuer.answers.set('/oauth2/introspect', { status: 200, body })
  return 'an-opaque-token-of-somebody'
}

const checker = (more: Partial<TokenCheckerOptions> = {}) => {
  const { key: _, ...rest } = { app: 'orders', tenants: ['acme'], audience, ...more }
  return createTokenChecker({ issuer: issuer.issuer, secret: 'canary', ...rest })
}

interface Changes {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
  readonly signWith?: GenerateKeyPairResult
}

async function proofFor(token: string, { claims, header, signWith = key }: Changes = {}): Promise<string> {
  const ath = hash('sha256', token, 'base64url')
  return new SignJWT({ htm: 'GET', htu: url, jti: randomUUID(), iat: nowSeconds(), ath, ...claims })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(key.publicKey), ...header })
    .sign(signWith.privateKey)
}

describe.each(forms)('V6: a DPoP-bound access token (%s)', (form) => {
  it('V6: is accepted with a proof of its key', async () => {
    const token = await tokenOf(form)
    const caller = { kind: 'access token', userId: 'user1', scopes: ['orders.read'] }
    expect(await checker().check(token, { ...request, proof: await proofFor(token) })).toMatchObject(caller)
  })

  it('V6: is refused as Bearer, and without a proof', async () => {
    const token = await tokenOf(form)
    expect(await checker().check(token)).toBeNull()
    expect(await checker().check(token, { ...request, proof: undefined })).toBeNull()
  })

  it('V6: is refused with a replayed proof', async () => {
    const token = await tokenOf(form)
    const one = checker({ cacheSeconds: 5 })
    const proof = await proofFor(token)
    expect(await one.check(token, { ...request, proof })).not.toBeNull()
    expect(await one.check(token, { ...request, proof })).toBeNull()
    expect(await one.check(token, { ...request, proof: await proofFor(token) })).not.toBeNull()
    expect(await one.check(token)).toBeNull()
  })

  it('V6: refuses an unbound token with the scheme DPoP', async () => {
    const token = await tokenOf(form, null)
    expect(await checker().check(token, { ...request, proof: await proofFor(token) })).toBeNull()
    expect(await checker().check(token)).not.toBeNull()
  })

  it.each([
    ['another key', { jkt: 'of-another-key' }],
    ['a certificate (mTLS)', { 'x5t#S256': 'abc' }],
    ['a key and a certificate', { jkt: 'set below', 'x5t#S256': 'abc' }],
    ['nothing that is known', {}],
    ['a number', { jkt: 7 }],
  ])('V6: is refused when bound to %s', async (_what, cnf) => {
    const token = await tokenOf(form, 'x5t#S256' in cnf && 'jkt' in cnf ? { ...cnf, jkt } : cnf)
    expect(await checker().check(token, { ...request, proof: await proofFor(token) })).toBeNull()
    expect(await checker().check(token)).toBeNull()
  })
})

describe('V6: a proof', () => {
  const claims: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
    ['for another method', { htm: 'POST' }],
    ['for a method in another case', { htm: 'get' }],
    ['for no method', { htm: undefined }],
    ['for another path', { htu: 'https://api.acme.test/orders/8' }],
    ['for another host', { htu: 'https://evil.test/orders/7' }],
    ['for another scheme', { htu: 'http://api.acme.test/orders/7' }],
    ['for an address with a user name', { htu: 'https://a@api.acme.test/orders/7' }],
    ['for no address', { htu: undefined }],
    ['for an address that is none', { htu: '/orders/7' }],
    ['for another token', { ath: hash('sha256', 'another', 'base64url') }],
    ['for no token', { ath: undefined }],
    ['without a jti', { jti: undefined }],
    ['with an empty jti', { jti: '' }],
    ['with a jti that is no text', { jti: 7 }],
    ['with a jti of 1 kB', { jti: 'j'.repeat(1024) }],
    ['made too long ago', { iat: nowSeconds() - 3600 }],
    ['made in the future', { iat: nowSeconds() + 3600 }],
    ['of no time', { iat: undefined }],
  ]
  it.each(claims)('V6: %s is refused', async (_what, changed) => {
    const token = await tokenOf('JWT')
    expect(await checker().check(token, { ...request, proof: await proofFor(token, { claims: changed }) })).toBeNull()
  })

  it.each([
    ['of another type', { typ: 'JWT' }],
    ['without a type', { typ: undefined }],
    ['without a key', { jwk: undefined }],
    ['with a key that is none', { jwk: { kty: 'EC' } }],
    ['with a symmetric key', { jwk: { kty: 'oct', k: 'AAAA' } }],
  ])('V6: %s is refused', async (_what, header) => {
    const token = await tokenOf('JWT')
    expect(await checker().check(token, { ...request, proof: await proofFor(token, { header }) })).toBeNull()
  })

  it('V6: is refused with a private key in its header', async () => {
    const token = await tokenOf('JWT')
    const proof = await proofFor(token, { header: { jwk: await exportJWK(key.privateKey) } })
    expect(await checker().check(token, { ...request, proof })).toBeNull()
  })

  it('V6: is refused when signed by another key, unsigned, or not a JWT', async () => {
    const token = await tokenOf('JWT')
    const good = await proofFor(token)
    const unsigned = `${Buffer.from('{"alg":"none","typ":"dpop+jwt"}').toString('base64url')}.${good.split('.')[1]}.`
    const forged = await proofFor(token, { signWith: await generateKeyPair('ES256') })
    for (const proof of [forged, unsigned, 'hello', '', `${good}, ${good}`, 'a'.repeat(9000)])
      expect(await checker().check(token, { ...request, proof })).toBeNull()
  })

  it.each([
    ['query and fragment', `${url}?a=b#c`],
    ['a default port and capitals in the host', 'https://API.acme.test:443/orders/7'],
  ])('V6: may write htu with %s', async (_what, htu) => {
    const token = await tokenOf('JWT')
    const proof = await proofFor(token, { claims: { htu } })
    expect(await checker().check(token, { ...request, proof })).not.toBeNull()
  })

  it('V6: may have a nonce, within the clock tolerance', async () => {
    const token = await tokenOf('JWT')
    const proof = await proofFor(token, { claims: { nonce: 'n', iat: nowSeconds() + 5 } })
    expect(await checker().check(token, { ...request, proof })).not.toBeNull()
  })

  it('V6: must have the htu of publicUrl, with the path that a proxy removes', async () => {
    const options = { audience: 'urn:orders', publicUrl: 'https://shop.test/api/' }
    const bound = await issuer.sign({
      iss: issuer.issuer,
      aud: 'urn:orders',
      sub: 'user1',
      client_id: 'shop',
      tenant: 'acme',
      cnf: { jkt },
      exp: nowSeconds() + 60,
    })
    const proof = await proofFor(bound, { claims: { htu: 'https://shop.test/api/orders/7' } })
    expect(await checker(options).check(bound, { ...request, proof })).not.toBeNull()
    const without = checker({ audience: 'urn:orders' })
    expect(await without.check(bound, { ...request, proof: await proofFor(bound) })).toBeNull()
    expect(() => checker({ publicUrl: 'shop.test' })).toThrow(TypeError)
  })

  it('V6: is stored by rememberProof, which processes of the API share', async () => {
    const token = await tokenOf('JWT')
    const seen = new Set<string>()
    const rememberProof = async (id: string) => seen.size < seen.add(id).size
    const proof = await proofFor(token)
    expect(await checker({ rememberProof }).check(token, { ...request, proof })).not.toBeNull()
    expect(await checker({ rememberProof }).check(token, { ...request, proof })).toBeNull()
  })
})

describe('V6: an Express app', () => {
  const stock = 'https://api.shop.test/stock'
  let server: TestGatehouse
  beforeAll(async () => {
    server = await startProviderServer()
  })
  afterAll(() => server.stop())

  it('V6: accepts the bound token of a sign-in with its proof only', async () => {
    const shop = await relyingPartyOf(server, 'shop')
    const { begun, answer } = await newSignIn(server, shop, { scope: 'openid stock:read' })
    const handle = client.getDPoPHandle(shop.config, await client.randomDPoPKeyPair())
    const { access_token: token, token_type: type } = await client.authorizationCodeGrant(
      shop.config,
      answer,
      { pkceCodeVerifier: begun.codeVerifier, expectedNonce: begun.nonce, expectedState: begun.state },
      {},
      { DPoP: handle },
    )
    expect(type).toBe('dpop')
    const fetchFromServer: typeof globalThis.fetch = (input, init) =>
      globalThis.fetch(String(input).replace(publicOrigin, `http://127.0.0.1:${server.port}`), init)
    const options = { issuer: publicOrigin, app: 'other', tenants: ['acme'], audience: stock, fetch: fetchFromServer }
    const guarded = await startProtectedApi({ ...options, publicUrl: 'https://api.shop.test' })
    try {
      const sent: { authorization: string; dpop: string }[] = []
      shop.config[client.customFetch] = async (_address, { headers }) => {
        const { authorization = '', dpop = '' } = headers as Record<string, string>
        sent.push({ authorization, dpop })
        return guarded.ask('/stock', undefined, { authorization, dpop })
      }
      const target = new URL('https://api.shop.test/stock')
      const resource = () =>
        client.fetchProtectedResource(shop.config, token, target, 'GET', null, undefined, { DPoP: handle })
      expect((await resource()).status).toBe(200)
      expect((await resource()).status).toBe(200)
      const [first = { authorization: '', dpop: '' }] = sent
      const replayed = await guarded.ask('/stock', undefined, first)
      expect(replayed.status).toBe(401)
      expect(replayed.headers.get('www-authenticate')).toContain('DPoP error="invalid_token", algs="ES256')
      expect((await guarded.ask('/stock', token)).status).toBe(401)
      expect((await guarded.ask('/stock', undefined, { authorization: first.authorization })).status).toBe(401)
    } finally {
      guarded.stop()
    }
  })
})
