/** Error descriptions state what was expected and received: on pages, to apps, to programs. */
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PageRequest, send, TestBrowser } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  begin,
  newSignIn,
  type RelyingParty,
  relyingPartyOf,
  shopCallback,
  shopSecret,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'

let server: TestGatehouse
let shop: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  shop = await relyingPartyOf(server, 'shop')
})
afterAll(() => server.stop())

const post = (path: string, form: Readonly<Record<string, string>>, headers: PageRequest['headers'] = {}) =>
  send(server.port, new URL(path, publicOrigin), { method: 'POST', form: { ...form }, headers })

async function words(path: string, form: Readonly<Record<string, string>>, headers?: PageRequest['headers']) {
  const stated: unknown = JSON.parse((await post(path, form, headers)).body)
  return String(Reflect.get(Object(stated), 'error_description'))
}

describe('an error response to the app', () => {
  it.each([
    [
      'a foreign identity scope',
      { scope: 'openid phone' },
      "expected some of openid email profile groups offline_access orders:read stock:read, got 'phone'",
    ],
    [
      'PKCE missing',
      { code_challenge: '', code_challenge_method: '' },
      'code_challenge: expected the SHA-256 of a code_verifier (PKCE), got none',
    ],
    ['plain', { code_challenge_method: 'plain' }, "code_challenge_method: expected S256, got 'plain'"],
    [
      'a method without challenge',
      { code_challenge: '' },
      'code_challenge: expected the SHA-256 of a code_verifier, got none',
    ],
    ['a challenge without method', { code_challenge_method: '' }, 'code_challenge_method: expected S256, got none'],
    ['implicit', { response_type: 'id_token' }, "response_type: expected code, got 'id_token'"],
    [
      'an unknown prompt',
      { prompt: 'create' },
      "prompt: expected none, login, consent or select_account, got 'create'",
    ],
    [
      'an unknown response mode',
      { response_mode: 'jwt' },
      "response_mode: expected query, fragment or form_post, got 'jwt'",
    ],
    ['an unknown API', { resource: 'https://nowhere.test/' }, 'resource: expected https://api.shop.test/orders or'],
  ])('OP-34 states expected and got: %s', async (_what, more, expected) => {
    const { url } = await begin(shop)
    for (const [name, value] of Object.entries(more))
      if (value === '') url.searchParams.delete(name)
      else url.searchParams.set(name, value)
    const page = await new TestBrowser(server).open(url, shopCallback)
    const stated = new URLSearchParams(page.url.search || page.url.hash.slice(1))
    expect(stated.get('error_description')).toContain(expected)
    expect(stated.get('iss')).toBe(publicOrigin)
  })

  it('has the description in form_post mode too', async () => {
    const { url } = await begin(shop, { response_mode: 'form_post', scope: 'openid phone' })
    expect((await new TestBrowser(server).open(url)).body).toMatch(/got (?:'|&#39;)phone/)
  })

  it('OP-36 names PKCE and nonce to an app that may use either', async () => {
    const query = new URLSearchParams({
      client_id: 'elder',
      redirect_uri: 'https://elder.test/callback',
      response_type: 'code',
      scope: 'openid',
    })
    const page = await new TestBrowser(server).open(`/oauth2/auth?${query}`, 'https://elder.test/callback')
    expect(page.url.searchParams.get('error_description')).toContain('or scope=openid and a nonce, got none')
  })
})

describe('an error response to a program', () => {
  it('names the unregistered redirect URI and the registered ones after a pushed request', async () => {
    const form = {
      client_id: 'shop',
      client_secret: shopSecret,
      response_type: 'code',
      redirect_uri: 'https://evil.test/',
    }
    expect(await words('/oauth2/par', form)).toBe(
      `redirect_uri: expected ${shopCallback} or https://shop.test/other, got 'https://evil.test/'`,
    )
  })

  it('names the grant types of the app', async () => {
    const form = { client_id: 'robot', client_secret: 'canary-secret-of-the-robot-01234567890', grant_type: 'password' }
    expect(await words('/oauth2/token', form)).toBe("grant_type: expected client_credentials, got 'password'")
  })

  it('OP-41 names an unknown app, however it sends its ID', async () => {
    const unknown = "client_id: expected the ID of a registered app, got 'nobody'"
    const grant = { grant_type: 'client_credentials' }
    const basic = { authorization: `Basic ${btoa('nobody:secret')}` }
    expect(await words('/oauth2/token', { ...grant, client_id: 'nobody', client_secret: 'secret' })).toBe(unknown)
    const stated = await words('/oauth2/token', grant, basic)
    expect(stated).toBe(unknown)
  })

  it('OP-41 explains an assertion of an app without keys, of two apps, of no app', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const sign = (claims: JWTPayload) => new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign(privateKey)
    const use = async (claims: JWTPayload) =>
      words('/oauth2/token', {
        grant_type: 'client_credentials',
        client_assertion: await sign(claims),
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      })
    expect(await use({ iss: 'robot', sub: 'robot' })).toBe(
      'client_assertion: expected a client secret, since this app has no key, got a client_assertion',
    )
    const two = "client_assertion: expected iss and sub to be the ID of the app, both, got 'shop' and 'robot'"
    expect(await use({ iss: 'shop', sub: 'robot' })).toBe(two)
    expect(await use({ iss: 'x', sub: 'nobody' })).toBe("client_id: expected the ID of a registered app, got 'nobody'")
    expect(await use({ iss: 'spa', sub: 'spa' })).toContain('expected none, since this app keeps no secret')
  })

  it('OP-46 explains a replayed DPoP proof and one for another request', async () => {
    const spa = await relyingPartyOf(server, 'spa')
    const keys = await generateKeyPair('ES256', { extractable: true })
    const { begun, answer } = await newSignIn(server, spa)
    const tokens = await client.authorizationCodeGrant(
      spa.config,
      answer,
      { pkceCodeVerifier: begun.codeVerifier, expectedNonce: begun.nonce, expectedState: begun.state },
      {},
      { DPoP: client.getDPoPHandle(spa.config, keys) },
    )
    const jwk = await exportJWK(keys.publicKey)
    const ath = Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(tokens.access_token))).toString(
      'base64url',
    )
    const htu = `${publicOrigin}/oauth2/userinfo`
    const proof = (claims: JWTPayload) =>
      new SignJWT({ htm: 'POST', htu, ath, iat: Math.floor(Date.now() / 1000), jti: crypto.randomUUID(), ...claims })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
        .sign(keys.privateKey)
    const use = (text: string) =>
      words('/oauth2/userinfo', {}, { authorization: `DPoP ${tokens.access_token}`, dpop: text })
    const once = await proof({})
    expect(await use(once)).toBe('undefined')
    expect(await use(once)).toBe('DPoP: expected a proof whose jti was not used before, got one that was')
    expect(await use(await proof({ htm: 'GET' }))).toBe('DPoP: expected a proof with htm POST, got one with another')
    expect(await use(await proof({ htu: publicOrigin }))).toContain(`expected a proof with htu ${htu}`)
  })
})
