/** Access tokens and ID tokens: use, introspection, revocation. */
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { activateNextKeys } from '../../../src/broker/keys/key-lifecycle.ts'
import { updateKeys } from '../../../src/broker/keys/signing-keys.ts'
import { type Page, type PageRequest, send } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  begin,
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
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
  it('OP-46 is accepted only in the header', async () => {
    const { tokens } = await tokensOf()
    expect((await userinfo(`Bearer ${tokens.access_token}`)).status).toBe(200)
    expect((await ask(`/oauth2/userinfo?access_token=${tokens.access_token}`)).status).toBe(400)
  })

  it('OP-46 that is missing, changed, an ID token, expired or revoked gets 401 with a challenge', async () => {
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

  it('revoking one access token keeps the others of the grant', async () => {
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

describe('introspection', () => {
  it('OP-47+ returns the claims to the token’s app', async () => {
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

  it('OP-47 returns inactive to other apps and refuses public and unauthenticated callers', async () => {
    const { tokens } = await tokensOf()
    expect(await client.tokenIntrospection(other.config, tokens.access_token)).toEqual({ active: false })
    const spa = await ask('/oauth2/introspect', {
      method: 'POST',
      form: { token: tokens.access_token, client_id: 'spa' },
    })
    expect(members(spa)).toEqual({ active: false })
    expect((await ask('/oauth2/introspect', { method: 'POST', form: { token: tokens.access_token } })).status).toBe(400)
  })

  it('OP-47+ returns the claims to the server of the token’s API', async () => {
    const signedIn = await newSignIn(server, shop, { scope: 'openid orders:read', resource: ordersApi })
    const tokens = await redeem(shop, signedIn.begun, signedIn.answer, { resource: ordersApi })
    const stated = await client.tokenIntrospection(other.config, tokens.access_token)
    expect(stated).toMatchObject({ active: true, aud: ordersApi, scope: 'orders:read' })
  })

  it('OP-47 does not revoke the token of another app', async () => {
    const { tokens } = await tokensOf()
    await client.tokenRevocation(other.config, tokens.access_token)
    expect((await userinfo(`Bearer ${tokens.access_token}`)).status).toBe(200)
  })
})

describe('a token for an API', () => {
  it('OP-48 is refused at userinfo', async () => {
    const signedIn = await newSignIn(server, shop, { scope: 'openid orders:read', resource: ordersApi })
    const tokens = await redeem(shop, signedIn.begun, signedIn.answer, { resource: ordersApi })
    expect((await userinfo(`Bearer ${tokens.access_token}`)).status).toBe(403)
  })

  it('is a JWT if the API is configured so, with subject, issuer and audience', async () => {
    const signedIn = await newSignIn(server, shop, { scope: 'openid stock:read', resource: stockApi })
    const tokens = await redeem(shop, signedIn.begun, signedIn.answer, { resource: stockApi })
    const { payload, protectedHeader } = await jwtVerify(tokens.access_token, await published(), {
      issuer: publicOrigin,
      audience: stockApi,
    })
    expect(protectedHeader).toMatchObject({ typ: 'at+jwt', alg: 'RS256' })
    expect(payload).toMatchObject({ scope: 'stock:read', client_id: 'shop', tenant: 'acme', sub: tokens.claims()?.sub })
  })

  it('an undeclared API is refused with the declared ones', async () => {
    const begun = await begin(shop, { resource: 'https://api.shop.test/unknown' })
    const page = await ask(begun.url.pathname + begun.url.search)
    const stated = new URL(page.headers.location ?? '').searchParams
    expect(stated.get('error')).toBe('invalid_target')
    expect(stated.get('error_description')).toContain(ordersApi)
  })
})

async function published() {
  const keys: JSONWebKeySet = JSON.parse((await ask('/oauth2/jwks')).body)
  return createLocalJWKSet(keys)
}

describe('the ID token and the keys', () => {
  it('OP-49 has the required claims and lives an hour; published keys have no private part', async () => {
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

  it('C3: discovery lists each algorithm that an app may choose, with a published key; EdDSA only if used', async () => {
    const listed = members(await ask('/.well-known/openid-configuration'))['id_token_signing_alg_values_supported']
    expect(listed).toEqual(['RS256', 'ES256', 'PS256'])
    const { keys }: JSONWebKeySet = JSON.parse((await ask('/oauth2/jwks')).body)
    expect([...new Set(keys.map(({ alg }) => alg))]).toEqual(listed)
  })

  it('key rotation keeps sign-ins: the new key signs, and tokens of the old one stay valid', async () => {
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
