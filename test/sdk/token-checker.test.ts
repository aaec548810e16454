/**
 * What an issuer may say that no caller may pass on: forged, bound and foreign tokens, odd answers,
 * silence.
 */
import { generateKeyPairSync } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { signingAlgorithms } from '../../src/crypto/signing-algorithm.ts'
import { GatehouseUnreachable } from '../../src/sdk/send-request.ts'
import { createTokenChecker, type TokenCheckerOptions } from '../../src/sdk/token-checker.ts'
import { startTestIssuer, type TestIssuer } from '../support/sdk/test-issuer.ts'

const audience = 'https://api.acme.test/orders'
const session = `gth_s_${'0'.repeat(49)}`
const opaque = 'an-opaque-token-of-somebody'

let issuer: TestIssuer
beforeEach(async () => {
  issuer = await startTestIssuer()
})
afterEach(() => issuer.stop())

const checker = (more: Partial<TokenCheckerOptions> = {}) => {
  const { key, ...rest } = { app: 'orders', tenants: 'all' as const, audience, timeoutMs: 1000, ...more }
  return createTokenChecker({ issuer: issuer.issuer, ...(key === undefined ? { secret: 'canary' } : { key }), ...rest })
}

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds
const claims = (more: object = {}): JWTPayload => ({
  iss: issuer.issuer,
  aud: audience,
  sub: 'user1',
  client_id: 'shop',
  scope: 'orders.read',
  tenant: 'acme',
  iat: inSeconds(0),
  exp: inSeconds(60),
  ...more,
})
const says = (path: string, body: unknown, status = 200) =>
  issuer.answers.set(path, { status, body: typeof body === 'string' ? body : JSON.stringify(body) })

describe('JWT access tokens', () => {
  it('identify user, app and scopes', async () => {
    expect(await checker().check(await issuer.sign(claims()))).toMatchObject({
      kind: 'access token',
      userId: 'user1',
      tenant: 'acme',
      app: 'shop',
      scopes: ['orders.read'],
    })
  })

  it.each(signingAlgorithms)('are accepted when signed with %s', async (alg) => {
    const { publicKey, privateKey } = await generateKeyPair(alg)
    const jwk = { ...(await exportJWK(publicKey)), kid: 'two', alg, use: 'sig' }
    says('/oauth2/jwks', { keys: [jwk] })
    const token = await new SignJWT(claims()).setProtectedHeader({ alg, typ: 'at+jwt', kid: 'two' }).sign(privateKey)
    expect(await checker().check(token)).toMatchObject({ userId: 'user1' })
  })

  it('from client credentials have no user', async () => {
    expect(await checker().check(await issuer.sign(claims({ sub: 'shop' })))).toMatchObject({
      userId: undefined,
      app: 'shop',
    })
  })

  it.each([
    ['another issuer', { iss: 'https://evil.test' }],
    ['another audience', { aud: 'https://api.acme.test/other' }],
    ['no expiry', { exp: undefined }],
    ['an expiry longer ago than clocks differ', { exp: inSeconds(-11) }],
    ['a beginning to come', { nbf: inSeconds(60) }],
    ['no subject', { sub: undefined }],
    ['no client', { client_id: undefined }],
    ['a client that is no text', { client_id: 7 }],
    ['a key it is bound to (DPoP)', { cnf: { jkt: 'abc' } }],
  ])('are rejected with %s', async (_, wrong) => {
    expect(await checker().check(await issuer.sign(claims(wrong)))).toBeNull()
  })

  it('are accepted within the clock tolerance', async () => {
    expect(await checker().check(await issuer.sign(claims({ exp: inSeconds(-5) })))).not.toBeNull()
    expect(
      await checker({ clockToleranceSeconds: 0 }).check(await issuer.sign(claims({ exp: inSeconds(-5) }))),
    ).toBeNull()
  })

  it('are rejected without the type at+jwt, as ID tokens are', async () => {
    for (const typ of ['JWT', 'id+jwt', 'logout+jwt'])
      expect(await checker().check(await issuer.sign(claims(), { typ }))).toBeNull()
  })

  it('are rejected when signed by another key, altered, cut, with alg none, or with the public key as a secret', async () => {
    const foreign = await startTestIssuer()
    const good = await issuer.sign(claims())
    const [header, payload, signature] = good.split('.')
    const changed = Buffer.from(JSON.stringify(claims({ scope: 'admin' }))).toString('base64url')
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
    const tokens = [
      await foreign.sign(claims()),
      await issuer.sign(claims(), { kid: 'unknown' }),
      `${header}.${changed}.${signature}`,
      `${header}.${payload}.${signature?.slice(0, -4)}`,
      `${none}.${payload}.${signature}`,
      `${none}.${payload}.`,
      await new SignJWT(claims())
        .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'one' })
        .sign(Buffer.from(JSON.stringify(issuer.answers.get('/oauth2/jwks')))),
    ]
    for (const token of tokens) expect(await checker().check(token)).toBeNull()
    foreign.stop()
  })

  it('are rejected without an audience option', async () => {
    const { audience: _, ...rest } = { app: 'orders', tenants: 'all' as const, audience, issuer: issuer.issuer }
    expect(await createTokenChecker(rest).check(await issuer.sign(claims()))).toBeNull()
  })

  it.each([
    ['silence', 'hang' as const],
    ['an error', { status: 503, body: '{}' }],
    ['nonsense', { status: 200, body: 'hello' }],
    ['no keys', { status: 200, body: '{"keys":7}' }],
  ])('cannot be checked with %s in place of the keys', async (_, answer) => {
    issuer.answers.set('/oauth2/jwks', answer)
    await expect(checker({ timeoutMs: 200 }).check(await issuer.sign(claims()))).rejects.toThrow(GatehouseUnreachable)
  })

  it('need one request for the keys', async () => {
    const { check } = checker()
    for (let times = 0; times < 5; times += 1) await check(await issuer.sign(claims({ jti: String(times) })))
    expect(issuer.asked.map(({ path }) => path)).toEqual(['/oauth2/jwks'])
  })
})

describe('opaque access tokens', () => {
  const active = (more: object = {}) => ({
    active: true,
    token_type: 'Bearer',
    client_id: 'shop',
    sub: 'user1',
    aud: audience,
    scope: 'orders.read',
    exp: inSeconds(60),
    iss: issuer.issuer,
    ...more,
  })

  it('are introspected with the app’s credentials', async () => {
    says('/oauth2/introspect', active())
    expect(await checker().check(opaque)).toMatchObject({ userId: 'user1', app: 'shop', scopes: ['orders.read'] })
    expect(issuer.asked[0]?.authorization).toBe(`Basic ${btoa('orders:canary')}`)
  })

  it.each([
    ['not active', { active: false }],
    ['a refresh token, which is active too', { token_type: undefined }],
    ['bound to a key (DPoP)', { token_type: 'DPoP' }],
    ['bound to a key by its confirmation', { cnf: { jkt: 'abc' } }],
    ['for another API', { aud: 'https://api.acme.test/other' }],
    ['for no API', { aud: undefined }],
    ['of another issuer', { iss: 'https://evil.test' }],
    ['without an expiry', { exp: undefined }],
    ['expired', { exp: inSeconds(-1) }],
    ['of no app', { client_id: undefined }],
  ])('are rejected when %s', async (_, wrong) => {
    says('/oauth2/introspect', active(wrong))
    expect(await checker().check(opaque)).toBeNull()
  })

  it('are accepted for the own app only without an audience option', async () => {
    const own = createTokenChecker({ issuer: issuer.issuer, app: 'orders', secret: 'canary', tenants: 'all' })
    says('/oauth2/introspect', active({ aud: undefined }))
    expect(await own.check(opaque)).toBeNull()
    says('/oauth2/introspect', active({ aud: undefined, client_id: 'orders' }))
    expect(await own.check(opaque)).toMatchObject({ app: 'orders' })
  })

  it.each([
    ['silence', 'hang' as const],
    ['an error', { status: 500, body: '{"active":true}' }],
    ['a refusal of the app', { status: 401, body: '{"error":"invalid_client"}' }],
    ['nonsense', { status: 200, body: 'hello' }],
    ['a word for active', { status: 200, body: '{"active":"true"}' }],
    ['a redirect', { status: 302, body: '{"active":true}' }],
  ])('cannot be checked after %s', async (_, answer) => {
    issuer.answers.set('/oauth2/introspect', answer)
    await expect(checker({ timeoutMs: 200 }).check(opaque)).rejects.toThrow(GatehouseUnreachable)
  })

  it('are not sent when they are malformed', async () => {
    const others = [`gth_c_${'0'.repeat(49)}`, 'gth_s_short', 'short', 'with space in the middle', '', 'a'.repeat(9000)]
    for (const token of others) expect(await checker().check(token)).toBeNull()
    expect(issuer.asked).toEqual([])
  })

  it('share connections', async () => {
    says('/oauth2/introspect', active())
    const { check } = checker()
    for (let times = 0; times < 30; times += 1) await check(opaque)
    expect(issuer.connections()).toBeLessThan(5)
    expect(issuer.asked).toHaveLength(30)
  })
})

describe('session tokens', () => {
  const live = (more: object = {}) => ({
    id: 's1',
    tenant: 'acme',
    user: { id: 'user1' },
    profile: { name: 'Ada' },
    expiresAt: new Date(Date.now() + 60_000).toISOString(),
    ...more,
  })

  it('are accepted for users of the configured tenants', async () => {
    says('/api/v1/session', live())
    expect(await checker({ tenants: ['acme'] }).check(session)).toMatchObject({ kind: 'session', userId: 'user1' })
    expect(await checker({ tenants: ['beta'] }).check(session)).toBeNull()
    expect(await checker({ tenants: [] }).check(session)).toBeNull()
  })

  it.each([
    ['an error', 500, live()],
    ['server_busy', 503, {}],
    ['forbidden', 403, {}],
    ['nonsense', 200, 'hello'],
    ['a session of nobody', 200, { id: 's1', tenant: 'acme', profile: {} }],
    ['a list', 200, []],
  ])('cannot be checked after %s', async (_, status, body) => {
    says('/api/v1/session', body, status)
    await expect(checker().check(session)).rejects.toThrow(GatehouseUnreachable)
  })

  it('are checked every time without cacheSeconds, and invalid tokens are never cached', async () => {
    const asked = () => issuer.asked.length
    says('/api/v1/session', live())
    const { check } = checker()
    await check(session)
    await check(session)
    expect(asked()).toBe(2)
    const remembering = checker({ cacheSeconds: 5 })
    await remembering.check(session)
    await remembering.check(session)
    expect(asked()).toBe(3)
    const other = `gth_s_${'1'.repeat(49)}`
    says('/api/v1/session', {}, 401)
    expect(await remembering.check(other)).toBeNull()
    says('/api/v1/session', live())
    expect(await remembering.check(other)).not.toBeNull()
  })
})

describe('invalid options', () => {
  const key = { id: 'one', privateKey: 'no key' }
  const dsa = { id: 'one', privateKey: generateKeyPairSync('ed448').privateKey }
  it.each([
    ['an issuer with a path', { issuer: 'https://login.example/x' }],
    ['an issuer that is no address', { issuer: 'login.example' }],
    ['a cache of a minute', { cacheSeconds: 60 }],
    ['a key that is none', { key }],
    ['a key of a kind nobody takes', { key: dsa }],
    ['a secret and a key', { key: dsa, secret: 'canary' }],
  ])('%s: throws a TypeError', (_, wrong) => {
    const options = { issuer: 'https://login.example', app: 'orders', tenants: 'all' as const }
    expect(() => createTokenChecker({ ...options, ...wrong })).toThrow(TypeError)
  })
})
