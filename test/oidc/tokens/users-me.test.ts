/** `GET /api/v1/users/me` with access tokens of apps. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { blockUser, usersNamed } from '../../../src/broker/identity/block-user.ts'
import { api, tokenFor } from '../../support/gatehouse/connections.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'

let server: TestGatehouse
let shop: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  shop = await relyingPartyOf(server, 'shop')
})
afterAll(() => server.stop())

const me = (token: string) => api(server, '/api/v1/users/me', {}, token)

async function tokensOf(scope = 'openid email') {
  const signedIn = await newSignIn(server, shop, { scope })
  return { ...signedIn, tokens: await redeem(shop, signedIn.begun, signedIn.answer) }
}

describe('an access token at /api/v1/users/me', () => {
  it('gets the claims of its scopes and nothing else', async () => {
    const { tokens, person } = await tokensOf()
    const { status, body } = await me(tokens.access_token)
    const userinfo = await client.fetchUserInfo(shop.config, tokens.access_token, client.skipSubjectCheck)
    expect(status).toBe(200)
    expect(JSON.parse(body)).toEqual({
      id: userinfo.sub,
      tenant: 'acme',
      profile: { email: person.email, email_verified: true },
    })
    const { tokens: bare } = await tokensOf('openid')
    expect(JSON.parse((await me(bare.access_token)).body).profile).toEqual({})
  })

  it('needs the scope openid', async () => {
    const { tokens } = await tokensOf('openid email offline_access')
    const narrower = await client.refreshTokenGrant(shop.config, tokens.refresh_token ?? '', { scope: 'email' })
    const { status, body } = await me(narrower.access_token)
    expect([status, JSON.parse(body).code]).toEqual([403, 'permission_refused'])
    expect(JSON.parse(body).detail).toContain('openid')
  })

  it('OP-48 is refused if it is for an API, opaque or a JWT', async () => {
    for (const scope of ['openid orders:read', 'openid stock:read']) {
      const { tokens } = await tokensOf(scope)
      expect((await me(tokens.access_token)).status, scope).toBe(401)
    }
  })

  it('OP-46 is refused if it is changed, an ID token, a refresh token or of no user', async () => {
    const { tokens } = await tokensOf('openid offline_access')
    const ofApp = await client.clientCredentialsGrant(shop.config, { scope: 'stock:read' })
    const { access_token: token, id_token: idToken = '', refresh_token: refreshToken = '' } = tokens
    for (const wrong of [`${token.slice(0, -1)}~`, idToken, refreshToken, ofApp.access_token, 'gth_at_', 'gth_at_x'])
      expect((await me(wrong)).status, wrong.slice(0, 8)).toBe(401)
    expect((await me(token)).status).toBe(200)
  })

  it('is refused once it is revoked, its session ended or its user is blocked', async () => {
    const [revoked, ended, blocked] = [await tokensOf(), await tokensOf(), await tokensOf()]
    await client.tokenRevocation(shop.config, revoked.tokens.access_token)
    const headers = { 'sec-fetch-site': 'same-origin' }
    await ended.browser.ask('/account/sign-out', { method: 'POST', form: {}, headers })
    const { parts } = server.core
    for (const user of await usersNamed(parts, 'acme', blocked.person.email)) await blockUser(parts, user, 'cli')
    for (const { tokens } of [revoked, ended, blocked]) expect((await me(tokens.access_token)).status).toBe(401)
  })

  it('AP-02 is accepted at no other call, and cannot write', async () => {
    const { access_token: token } = (await tokensOf()).tokens
    for (const path of ['/api/v1/session', '/api/v1/sessions', '/api/v1/consents', '/api/v1/apps', '/verify'])
      expect((await api(server, path, {}, token)).status, path).toBe(401)
    expect((await api(server, '/api/v1/sessions', { method: 'DELETE' }, token)).status).toBe(401)
  })

  it('gives way to the cookie if it is invalid, and is a second credential if it is valid', async () => {
    const { browser, tokens } = await tokensOf()
    const withToken = (token: string) =>
      browser.ask('/api/v1/users/me', { headers: { authorization: `Bearer ${token}` } })
    expect(JSON.parse((await withToken('gth_at_unknown')).body).identities).toHaveLength(1)
    const { status, body } = await withToken(tokens.access_token)
    expect([status, JSON.parse(body).code]).toEqual([400, 'credentials_conflict'])
    expect(body).toContain('Authorization: Bearer and the cookie')
    expect((await me(await tokenFor(server, 'own@mail.test'))).status).toBe(200)
  })
})
