/** Access tokens and ID tokens: who may use them for what, who may ask about them, and from which pages. */
import {
  createLocalJWKSet,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JSONWebKeySet,
  jwtVerify,
  SignJWT,
} from 'jose'
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { activateNextKeys } from '../../../src/broker/keys/key-lifecycle.ts'
import { updateKeys } from '../../../src/broker/keys/signing-keys.ts'
import { secretHash } from '../../../src/crypto/token.ts'
import { type Page, type PageRequest, send } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  begin,
  newSignIn,
  nightlyApp,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  shopOrigin,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'

const ordersApi = 'https://api.shop.test/orders'
const stockApi = 'https://api.shop.test/stock'

let server: TestGatehouse
let shop: RelyingParty
let other: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  shop = await relyingPartyOf(server, 'shop')
  other = await relyingPartyOf(server, 'other')
})
afterAll(() => server.stop())

const ask = (path: string, requested: PageRequest = {}) => send(server.port, new URL(path, publicOrigin), requested)
const userinfo = (authorization?: string) =>
  ask('/oauth2/userinfo', { headers: authorization === undefined ? {} : { authorization } })

function members({ body }: Page): Readonly<Record<string, unknown>> {
  const stated: unknown = JSON.parse(body)
  return typeof stated === 'object' && stated !== null ? { ...stated } : {}
}

async function tokensOf(relyingParty = shop, more: Readonly<Record<string, string>> = {}) {
  const signedIn = await newSignIn(server, relyingParty, more)
  return { ...signedIn, tokens: await redeem(relyingParty, signedIn.begun, signedIn.answer) }
}

describe('an access token', () => {
  it('OP-46 is taken from the header alone', async () => {
    const { tokens } = await tokensOf()
    expect((await userinfo(`Bearer ${tokens.access_token}`)).status).toBe(200)
    expect((await ask(`/oauth2/userinfo?access_token=${tokens.access_token}`)).status).toBe(400)
  })

  it('OP-46 that is none, changed, an ID token, expired or revoked gets 401 and is told how to ask', async () => {
    const { tokens } = await tokensOf()
    const { access_token: accessToken, id_token: idToken } = tokens
    const wrong = [`${accessToken.slice(0, -1)}~`, idToken ?? '', 'gth_at_nothing', 'x']
    for (const token of wrong) {
      const page = await userinfo(`Bearer ${token}`)
      expect(page.status, token.slice(0, 10)).toBe(401)
      expect(page.headers['www-authenticate']).toContain('Bearer')
    }
    expect((await userinfo()).headers['www-authenticate']).toContain('Bearer')
    await client.tokenRevocation(shop.config, accessToken)
    expect((await userinfo(`Bearer ${accessToken}`)).status).toBe(401)
  })

  it('taking one access token back leaves the others of the sign-in', async () => {
    const { tokens } = await tokensOf(shop, { scope: 'openid email offline_access' })
    await client.tokenRevocation(shop.config, tokens.access_token)
    const next = await client.refreshTokenGrant(shop.config, tokens.refresh_token ?? '')
    expect((await userinfo(`Bearer ${next.access_token}`)).status).toBe(200)
  })

  it('ends with the session', async () => {
    const { tokens, browser } = await tokensOf()
    await browser.ask('/account/sign-out', { method: 'POST', form: {}, headers: { 'sec-fetch-site': 'same-origin' } })
    expect((await userinfo(`Bearer ${tokens.access_token}`)).status).toBe(401)
    expect(await client.tokenIntrospection(shop.config, tokens.access_token)).toEqual({ active: false })
  })
})

describe('asking about a token', () => {
  it('OP-47+ its own app learns what it says', async () => {
    const { tokens } = await tokensOf()
    const stated = await client.tokenIntrospection(shop.config, tokens.access_token)
    expect(stated).toMatchObject({
      active: true,
      client_id: 'shop',
      iss: publicOrigin,
      scope: 'openid email',
      tenant: 'acme',
      sub: tokens.claims()?.sub,
    })
  })

  it('OP-47 another app, a public app and nobody learn nothing', async () => {
    const { tokens } = await tokensOf()
    expect(await client.tokenIntrospection(other.config, tokens.access_token)).toEqual({ active: false })
    const spa = await ask('/oauth2/introspect', {
      method: 'POST',
      form: { token: tokens.access_token, client_id: 'spa' },
    })
    expect(members(spa)).toEqual({ active: false })
    expect((await ask('/oauth2/introspect', { method: 'POST', form: { token: tokens.access_token } })).status).toBe(400)
  })

  it('OP-47+ the server of the API it is for learns what it says', async () => {
    const signedIn = await newSignIn(server, shop, { scope: 'openid orders:read', resource: ordersApi })
    const tokens = await redeem(shop, signedIn.begun, signedIn.answer, { resource: ordersApi })
    const stated = await client.tokenIntrospection(other.config, tokens.access_token)
    expect(stated).toMatchObject({ active: true, aud: ordersApi, scope: 'orders:read' })
  })

  it("OP-47 nobody takes back another app's token", async () => {
    const { tokens } = await tokensOf()
    await client.tokenRevocation(other.config, tokens.access_token)
    expect((await userinfo(`Bearer ${tokens.access_token}`)).status).toBe(200)
  })
})

describe('a token for an API', () => {
  it('OP-48 is no use at userinfo', async () => {
    const signedIn = await newSignIn(server, shop, { scope: 'openid orders:read', resource: ordersApi })
    const tokens = await redeem(shop, signedIn.begun, signedIn.answer, { resource: ordersApi })
    expect((await userinfo(`Bearer ${tokens.access_token}`)).status).toBe(403)
  })

  it('is a JWT where the API wants that, and says who, where and for whom', async () => {
    const signedIn = await newSignIn(server, shop, { scope: 'openid stock:read', resource: stockApi })
    const tokens = await redeem(shop, signedIn.begun, signedIn.answer, { resource: stockApi })
    const { payload, protectedHeader } = await jwtVerify(tokens.access_token, await published(), {
      issuer: publicOrigin,
      audience: stockApi,
    })
    expect(protectedHeader).toMatchObject({ typ: 'at+jwt', alg: 'RS256' })
    expect(payload).toMatchObject({ scope: 'stock:read', client_id: 'shop', tenant: 'acme', sub: tokens.claims()?.sub })
  })

  it('an API nobody declared is refused, and the app is told which there are', async () => {
    const begun = await begin(shop, { resource: 'https://api.shop.test/unknown' })
    const page = await ask(begun.url.pathname + begun.url.search)
    const stated = new URL(page.headers.location ?? '').searchParams
    expect(stated.get('error')).toBe('invalid_target')
    expect(stated.get('error_description')).toContain(ordersApi)
  })
})

describe('an app for itself', () => {
  it('a service gets a token for an API, by its scope alone', async () => {
    const robot = await relyingPartyOf(server, 'robot')
    const tokens = await client.clientCredentialsGrant(robot.config, { scope: 'orders:read' })
    expect(await client.tokenIntrospection(robot.config, tokens.access_token)).toMatchObject({
      active: true,
      aud: ordersApi,
      client_id: 'robot',
    })
    const jwt = await client.clientCredentialsGrant(robot.config, { scope: 'stock:read', resource: stockApi })
    const { payload } = await jwtVerify(jwt.access_token, await published(), { audience: stockApi })
    expect(payload).toMatchObject({ sub: 'robot', scope: 'stock:read' })
  })

  it('no scope that is not its own', async () => {
    const robot = await relyingPartyOf(server, 'robot')
    await expect(
      client.clientCredentialsGrant(robot.config, { scope: 'orders:write', resource: ordersApi }),
    ).rejects.toMatchObject({ error: 'invalid_scope' })
  })

  it('OP-48 a registered app gets no token for an API in its own name until an operator names it there', async () => {
    const robot = await server.core.parts.appRegistry.find('robot')
    if (robot === null) throw new Error('no robot')
    const hash = secretHash('canary-secret-of-an-app-of-a-developer')
    const secrets = [{ id: 's', sealed: '', hash, createdAt: robot.createdAt, expiresAt: undefined }]
    const owner = { tenant: 'acme', userId: 'u' }
    for (const kind of ['service', 'web'] as const) {
      const grants = ['client_credentials'] as const
      const app = { ...robot, kind, grants, id: `of-a-developer-${kind}`, secrets, owner }
      expect(await server.core.parts.apps.create(app)).toBe(true)
      const proof = client.ClientSecretBasic('canary-secret-of-an-app-of-a-developer')
      const { config } = await relyingPartyOf(server, app.id, proof)
      for (const requested of [
        { scope: 'orders:read' },
        { scope: 'orders:read', resource: ordersApi },
        { resource: ordersApi },
      ]) {
        const error: unknown = await client.clientCredentialsGrant(config, requested).catch((cause: unknown) => cause)
        expect(error).toMatchObject({ error: 'invalid_target' })
        expect(String(Reflect.get(Object(error), 'error_description'))).toMatch(
          /expected an API that this app may call in its own name .*got https:\/\/api.shop.test\/orders/,
        )
      }
    }
  })

  it('signs with a key of its own instead of a secret, each assertion once', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
    const app = await server.core.parts.appRegistry.find('robot')
    if (app === null) throw new Error('no robot')
    const now = server.clock.now()
    const key = {
      id: 'k1',
      name: 'K',
      source: { kind: 'public key' as const, jwk: { ...(await exportJWK(publicKey)), kid: 'k1' } },
      createdAt: now,
    }
    const signer = {
      ...app,
      id: nightlyApp,
      secrets: [],
      keys: [key],
      createdAt: now,
      owner: { tenant: 'acme', userId: 'u' },
      revision: 1,
    }
    expect(await server.core.parts.apps.create(signer)).toBe(true)
    const claims = {
      iss: nightlyApp,
      sub: nightlyApp,
      aud: publicOrigin,
      jti: 'once',
      exp: Math.floor(Date.now() / 1000) + 60,
    }
    const sign = (changes: Record<string, unknown>, kid = 'k1') =>
      new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey)
    const use = (assertion: string) =>
      ask('/oauth2/token', {
        method: 'POST',
        form: {
          grant_type: 'client_credentials',
          scope: 'orders:read',
          client_assertion: assertion,
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        },
      })
    const assertion = await sign({})
    expect((await use(assertion)).status).toBe(200)
    for (const [refused, why] of [
      [assertion, 'jti that was not used before'],
      [await sign({ jti: 'b', aud: 'https://elsewhere.test' }), 'aud'],
      [await sign({ jti: 'c', exp: claims.exp + 3600 }), 'at most 10 minutes'],
      [await sign({ jti: 'd', exp: claims.exp - 300 }), 'exp'],
      [await sign({ jti: 'e' }, 'gone'), 'a key of this app'],
    ]) {
      const page = await use(refused ?? '')
      expect(page.status, why).toBe(401)
      expect(String(members(page)['error_description']), why).toContain(why)
    }
    expect((await server.core.parts.apps.usesOf(nightlyApp)).has('k1')).toBe(true)
  })
})

async function published() {
  const keys: JSONWebKeySet = JSON.parse((await ask('/oauth2/jwks')).body)
  return createLocalJWKSet(keys)
}

describe('the ID token and the keys', () => {
  it('OP-49 says what it must, for an hour at most, and no key tells its private half', async () => {
    const { tokens, begun } = await tokensOf()
    const { payload, protectedHeader } = await jwtVerify(tokens.id_token ?? '', await published(), {
      issuer: publicOrigin,
      audience: 'shop',
    })
    expect(protectedHeader).toMatchObject({ alg: 'RS256' })
    expect(protectedHeader.kid).toBeDefined()
    expect(payload).toMatchObject({ nonce: begun.nonce, aud: 'shop' })
    expect(Number(payload.exp) - Number(payload.iat)).toBeLessThanOrEqual(3600)
    const { keys }: JSONWebKeySet = JSON.parse((await ask('/oauth2/jwks')).body)
    expect(keys.length).toBeGreaterThanOrEqual(2)
    for (const key of keys)
      expect(Object.keys(key).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(name))).toEqual([])
  })

  it('C3: discovery lists each algorithm an app may choose, RS256 first, with a published key; EdDSA only where used', async () => {
    const listed = members(await ask('/.well-known/openid-configuration'))['id_token_signing_alg_values_supported']
    expect(listed).toEqual(['RS256', 'ES256', 'PS256'])
    const { keys }: JSONWebKeySet = JSON.parse((await ask('/oauth2/jwks')).body)
    expect([...new Set(keys.map(({ alg }) => alg))]).toEqual(listed)
  })

  it('a change of keys loses no sign-in: the next one signs, and what the old one signed still counts', async () => {
    const { tokens, begun, answer } = await newSignInAndTokens()
    const kid = () => decodeProtectedHeader(tokens.id_token ?? '').kid
    const { parts, keys, keyPolicy } = server.core
    const { signingKeys: store, keyRing, now } = parts
    await updateKeys({ store, keyRing, policy: keyPolicy, now }, (stored) => activateNextKeys(stored, now()))
    await keys.maintain()
    const after = await redeem(shop, begun, answer)
    expect(decodeProtectedHeader(after.id_token ?? '').kid).not.toBe(kid())
    await jwtVerify(after.id_token ?? '', await published())
    await jwtVerify(tokens.id_token ?? '', await published())
    expect((await userinfo(`Bearer ${tokens.access_token}`)).status).toBe(200)
  })
})

/** One sign-in that has its tokens, and one whose code is still to be redeemed. */
async function newSignInAndTokens() {
  const { tokens } = await tokensOf()
  const { begun, answer } = await newSignIn(server, shop)
  return { tokens, begun, answer }
}

describe('other sites', () => {
  it('OP-52 what a request says of host and scheme changes nothing', async () => {
    const headers = {
      host: 'evil.test',
      'x-forwarded-host': 'evil.test',
      'x-forwarded-proto': 'http',
      forwarded: 'host=evil.test',
    }
    for (const path of ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server']) {
      const stated = await ask(path, { headers })
      expect(stated.body).not.toContain('evil.test')
      expect(members(stated)).toMatchObject({
        issuer: publicOrigin,
        token_endpoint: `${publicOrigin}/oauth2/token`,
        end_session_endpoint: `${publicOrigin}/oauth2/logout`,
      })
    }
  })

  it('OP-54 only the registered origins of public apps read tokens', async () => {
    const form = { grant_type: 'authorization_code', code: 'x', redirect_uri: 'https://board.test/', client_id: 'spa' }
    const own = await ask('/oauth2/token', { method: 'POST', form, headers: { origin: 'https://board.test' } })
    expect(own.headers['access-control-allow-origin']).toBe('https://board.test')
    for (const [relyingParty, origin] of [
      ['spa', 'https://evil.test'],
      ['spa', 'null'],
      ['shop', shopOrigin],
      ['nobody', 'https://evil.test'],
    ]) {
      const page = await ask('/oauth2/token', {
        method: 'POST',
        form: { ...form, client_id: relyingParty ?? '' },
        headers: { origin: origin ?? '' },
      })
      expect(page.headers['access-control-allow-origin'], `${relyingParty} ${origin}`).toBeUndefined()
      expect(page.headers['access-control-allow-credentials']).toBeUndefined()
    }
  })

  it('OP-54 userinfo is read by those too, and by no page of a confidential app', async () => {
    const spa = await relyingPartyOf(server, 'spa')
    const read = async (relyingParty: RelyingParty, origin: string) => {
      const { tokens } = await tokensOf(relyingParty)
      return (await ask('/oauth2/userinfo', { headers: { origin, authorization: `Bearer ${tokens.access_token}` } }))
        .headers['access-control-allow-origin']
    }
    expect(await read(spa, 'https://board.test')).toBe('https://board.test')
    expect(await read(spa, 'https://evil.test')).toBeUndefined()
    expect(await read(shop, shopOrigin)).toBeUndefined()
  })
})

describe('a single-page app whose token is no good at userinfo', () => {
  const origin = 'https://board.test'
  const read = (authorization: string) => ask('/oauth2/userinfo', { headers: { origin, authorization } })

  it('sees the 401 and why: the browser lets it', async () => {
    const spa = await relyingPartyOf(server, 'spa')
    const { tokens } = await tokensOf(spa)
    await client.tokenRevocation(spa.config, tokens.access_token)
    for (const authorization of [`Bearer ${tokens.access_token}`, 'Bearer gth_at_nothing', 'DPoP x']) {
      const { status, headers } = await read(authorization)
      const seen = headers['access-control-allow-origin']
      expect([status, seen], authorization).toEqual(authorization.startsWith('DPoP') ? [400, undefined] : [401, origin])
      expect(headers['access-control-allow-credentials']).toBeUndefined()
      if (status === 401) expect(headers['access-control-expose-headers']?.toLowerCase()).toContain('www-authenticate')
    }
  })

  it('sees the 403 of a token for an API', async () => {
    const { begun, answer } = await newSignIn(server, shop, { scope: 'openid orders:read' })
    const { access_token: token } = await redeem(shop, begun, answer)
    const { status, headers } = await read(`Bearer ${token}`)
    expect([status, headers['access-control-allow-origin']]).toEqual([403, origin])
  })
})

describe('DPoP', () => {
  it('binds the tokens of an app to its key', async () => {
    const spa = await relyingPartyOf(server, 'spa')
    const { begun, answer } = await newSignIn(server, spa)
    const DPoP = client.getDPoPHandle(spa.config, await client.randomDPoPKeyPair('ES256'))
    const tokens = await client.authorizationCodeGrant(
      spa.config,
      answer,
      { pkceCodeVerifier: begun.codeVerifier, expectedNonce: begun.nonce, expectedState: begun.state },
      {},
      { DPoP },
    )
    expect(tokens.token_type).toBe('dpop')
    expect((await userinfo(`Bearer ${tokens.access_token}`)).status).toBe(401)
    const stated = await client.fetchUserInfo(spa.config, tokens.access_token, tokens.claims()?.sub ?? '', { DPoP })
    expect(stated.email).toContain('@mail.test')
    await expect(client.refreshTokenGrant(spa.config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  })
})
