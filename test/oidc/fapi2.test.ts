/** `profile: fapi2` (FAPI 2.0 Security Profile), and each of its settings alone. */
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { secretHash } from '../../src/crypto/token.ts'
import { api } from '../support/gatehouse/connections.ts'
import { publicOrigin } from '../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import {
  begin,
  fetchOf,
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
} from '../support/oidc/relying-parties.ts'
import {
  type AppKeys,
  appYaml,
  authorizeError,
  keyClient,
  keysFor,
  oauthError,
  post,
  secretClient,
  startWith,
  tokensOf,
} from '../support/oidc/settings.ts'

const secret = 'canary-secret-of-a-confidential-app-0123'
const both = (jwk: string) => `secrets: ['${secret}'], keys: [{ publicKey: '${jwk}' }]`

let server: TestGatehouse
let es256: AppKeys
let rsa: AppKeys
let bank: RelyingParty
beforeAll(async () => {
  ;[es256, rsa] = await Promise.all([keysFor('ES256'), keysFor('RS256')])
  const keyed = `keys: [{ publicKey: '${es256.publicJwk}' }, { publicKey: '${rsa.publicJwk}' }]`
  const withSecret = `secrets: ['SECRET']`
  const apps = [
    appYaml('bank', `${keyed}, profile: fapi2, scopes: [openid, email, offline_access, 'stock:read']`),
    appYaml('curve', `${keyed}, profile: fapi2, idTokenSignedResponseAlg: EdDSA`),
    appYaml('pusher', `${withSecret}, requirePushedAuthorizationRequests: true`),
    appYaml('bound', `${withSecret}, firstParty: true, dpopBoundAccessTokens: true`),
    appYaml('keyed', `${keyed}, tokenEndpointAuthMethod: private_key_jwt`),
    appYaml('strict', `${both(es256.publicJwk)}, clientAssertionAudience: issuer`),
    appYaml('lax', both(es256.publicJwk)),
    appYaml('steady', `${withSecret}, refreshTokenRotation: false, scopes: [openid, email, offline_access]`),
    appYaml('posted', `${withSecret}, responseModes: [form_post]`),
    ...['RS256', 'ES256', 'PS256', 'EdDSA'].map((alg) =>
      appYaml(`alg-${alg.toLowerCase()}`, `${withSecret}, idTokenSignedResponseAlg: ${alg}`),
    ),
  ]
  // each app has a secret of its own
  server = await startWith(
    apps
      .map((app, index) => app.replace('SECRET', secretOf(index)))
      .map(distinct)
      .join(''),
  )
  bank = await keyClient(server, 'bank', es256.privateKey)
})
afterAll(() => server.stop())

const secretOf = (index: number) => `${secret}-${index}`
const distinct = (app: string, index: number) => app.replace(`'${secret}'`, `'${secretOf(index)}'`)
const order = ['bank', 'curve', 'pusher', 'bound', 'keyed', 'strict', 'lax', 'steady', 'posted']
const algorithms = ['RS256', 'ES256', 'PS256', 'EdDSA']
const secretNamed = (id: string) =>
  secretOf([...order, ...algorithms.map((alg) => `alg-${alg.toLowerCase()}`)].indexOf(id))
const withSecret = (id: string) => secretClient(server, id, secretNamed(id))

async function pushedSignIn(relyingParty: RelyingParty, scope = 'openid email offline_access') {
  const DPoP = client.getDPoPHandle(relyingParty.config, await client.randomDPoPKeyPair('ES256'))
  const begun = await begin(relyingParty, { scope })
  const url = await client.buildAuthorizationUrlWithPAR(relyingParty.config, begun.url.searchParams)
  const { answer, browser } = await newSignIn(server, relyingParty, {}, { ...begun, url })
  const redeemBound = (more: { DPoP?: client.DPoPHandle } = { DPoP }) =>
    client.authorizationCodeGrant(
      relyingParty.config,
      answer,
      { pkceCodeVerifier: begun.codeVerifier, expectedNonce: begun.nonce, expectedState: begun.state },
      {},
      more,
    )
  return { DPoP, redeemBound, browser }
}

describe('an app with profile: fapi2', () => {
  it('C3: signs in with PAR, DPoP and private_key_jwt and gets a PS256 ID token and key-bound tokens', async () => {
    const { DPoP, redeemBound } = await pushedSignIn(bank)
    const tokens = await redeemBound()
    expect(tokens.token_type).toBe('dpop')
    expect(decodeProtectedHeader(tokens.id_token ?? '').alg).toBe('PS256')
    const stated = await client.fetchUserInfo(bank.config, tokens.access_token, tokens.claims()?.sub ?? '', { DPoP })
    expect(stated.email).toContain('@mail.test')
  })

  it('C3: may choose EdDSA', async () => {
    const relyingParty = await keyClient(server, 'curve', es256.privateKey)
    const { redeemBound } = await pushedSignIn(relyingParty, 'openid email')
    expect(decodeProtectedHeader((await redeemBound()).id_token ?? '').alg).toBe('EdDSA')
  })

  it('C4: is refused without a pushed request, with the fix', async () => {
    expect(await authorizeError(server, bank, {})).toEqual({
      error: 'invalid_request',
      words: expect.stringContaining('this app must push its requests (PAR, RFC 9126)'),
    })
  })

  it('C5: gets no tokens without a DPoP proof and can retry its code with one', async () => {
    const { redeemBound } = await pushedSignIn(bank)
    expect(await oauthError(redeemBound({}))).toEqual({
      error: 'invalid_grant',
      words: expect.stringContaining('DPoP: expected a proof'),
    })
    expect((await redeemBound()).token_type).toBe('dpop')
  })

  it('C5: may not sign its DPoP proofs with RS256', async () => {
    const { redeemBound } = await pushedSignIn(bank)
    const weak = client.getDPoPHandle(bank.config, await client.randomDPoPKeyPair('RS256'))
    expect((await oauthError(redeemBound({ DPoP: weak }))).words).toContain('expected PS256, ES256 or EdDSA, got RS256')
  })

  it.each<[what: string, aud: unknown]>([
    ['the token endpoint', `${publicOrigin}/oauth2/token`],
    ['the called endpoint', `${publicOrigin}/oauth2/par`],
    ['the issuer in a list', [publicOrigin]],
    ['the issuer and the token endpoint', [publicOrigin, `${publicOrigin}/oauth2/token`]],
  ])('C6: is refused with %s as the audience of its assertion', async (_, aud) => {
    const relyingParty = await keyClient(server, 'bank', es256.privateKey, (payload) => Object.assign(payload, { aud }))
    const { url } = await begin(relyingParty)
    const refused = await oauthError(client.buildAuthorizationUrlWithPAR(relyingParty.config, url.searchParams))
    expect(refused.error).toBe('invalid_client')
    expect(refused.words).toMatch(/aud/)
  })

  it('C6: is refused with an RS256 assertion, even with an RSA key', async () => {
    const now = Math.floor(Date.now() / 1000)
    const claims = { iss: 'bank', sub: 'bank', aud: publicOrigin, jti: 'rs256', iat: now, exp: now + 60 }
    const page = await post(server, '/oauth2/par', {
      client_assertion: await new SignJWT(claims).setProtectedHeader({ alg: 'RS256' }).sign(rsa.privateKey),
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    })
    expect(page.status).toBe(401)
    expect(page.body).toContain('alg: expected PS256, ES256 or EdDSA, got RS256')
  })

  it.each<[what: string, alg: 'ES256' | 'RS256', aud: string | string[], status: number]>([
    ['takes the issuer signed ES256', 'ES256', publicOrigin, 200],
    ['refuses RS256', 'RS256', publicOrigin, 401],
    ['refuses the issuer in a list', 'ES256', [publicOrigin], 401],
  ])('C6: our own API %s, as the token endpoint does', async (what, alg, aud, status) => {
    const now = Math.floor(server.clock.now().getTime() / 1000)
    const claims = { iss: 'bank', sub: 'bank', aud, jti: what, iat: now, exp: now + 60 }
    const key = alg === 'ES256' ? es256.privateKey : rsa.privateKey
    const token = await new SignJWT(claims).setProtectedHeader({ alg }).sign(key)
    expect((await api(server, '/api/v1/app', {}, token)).status).toBe(status)
  })

  it('C7: keeps its refresh token, which works repeatedly and only with a proof', async () => {
    const { DPoP, redeemBound } = await pushedSignIn(bank)
    const { refresh_token: token = '' } = await redeemBound()
    for (const _ of [1, 2, 3]) {
      server.clock.forward(60)
      const again = await client.refreshTokenGrant(bank.config, token, {}, { DPoP })
      expect([again.refresh_token ?? token, again.token_type]).toEqual([token, 'dpop'])
    }
    const bare = await oauthError(client.refreshTokenGrant(bank.config, token))
    expect(bare.words).toContain('DPoP: expected a proof')
  })

  it('C3: gets JWT access tokens signed like its ID tokens, with its key in cnf; other apps get RS256', async () => {
    const { redeemBound } = await pushedSignIn(bank, 'openid stock:read')
    const { access_token: token } = await redeemBound()
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'PS256', typ: 'at+jwt' })
    expect(decodeJwt(token)).toMatchObject({ cnf: { jkt: expect.any(String) }, tenant: 'acme' })
    const shop = await relyingPartyOf(server, 'shop')
    const { tokens } = await tokensOf(server, shop, { scope: 'openid stock:read' })
    expect(decodeProtectedHeader(tokens.access_token).alg).toBe('RS256')
  })

  it('C8: must use PKCE in pushed requests', async () => {
    const { url } = await begin(bank)
    for (const name of ['code_challenge', 'code_challenge_method']) url.searchParams.delete(name)
    const refused = await oauthError(client.buildAuthorizationUrlWithPAR(bank.config, url.searchParams))
    expect(refused.words).toContain('switch on PKCE (S256) in App bank')
    expect(refused.words).not.toContain('or-nonce')
  })
})

describe('a single setting of an app', () => {
  it.each(algorithms)('C3: idTokenSignedResponseAlg %s signs its ID tokens with a published key', async (alg) => {
    const relyingParty = await withSecret(`alg-${alg.toLowerCase()}`)
    const { tokens } = await tokensOf(server, await algorithmParty(relyingParty, alg))
    expect(decodeProtectedHeader(tokens.id_token ?? '').alg).toBe(alg)
  })

  it('C4: requirePushedAuthorizationRequests accepts pushed requests only', async () => {
    const relyingParty = await withSecret('pusher')
    expect((await authorizeError(server, relyingParty, {})).words).toContain('must push its requests')
    const begun = await begin(relyingParty)
    const url = await client.buildAuthorizationUrlWithPAR(relyingParty.config, begun.url.searchParams)
    const { answer } = await newSignIn(server, relyingParty, {}, { ...begun, url })
    expect((await redeem(relyingParty, begun, answer)).access_token).toMatch(/^gth_at_/)
  })

  it('C5: dpopBoundAccessTokens refuses a code without a proof', async () => {
    const relyingParty = await withSecret('bound')
    const { begun, answer } = await newSignIn(server, relyingParty)
    expect((await oauthError(redeem(relyingParty, begun, answer))).words).toContain('DPoP: expected a proof')
  })

  it('C5: dpopBoundAccessTokens refuses a session token in place of bound tokens', async () => {
    const relyingParty = await withSecret('bound')
    const { begun, answer } = await newSignIn(server, relyingParty)
    const json = {
      code: answer.searchParams.get('code'),
      codeVerifier: begun.codeVerifier,
      redirectUri: relyingParty.redirectUri,
    }
    const authorization = `Secret ${secretNamed('bound')}`
    const page = await api(server, '/api/v1/sessions/exchange', { method: 'POST', json, headers: { authorization } })
    expect([page.status, page.body]).toEqual([
      400,
      expect.stringContaining('expected one without dpopBoundAccessTokens'),
    ])
  })

  it('V4: tokenEndpointAuthMethod private_key_jwt refuses the secret at the API too', async () => {
    const app = await server.core.parts.appRegistry.find('keyed')
    if (app === null) throw new Error('no app')
    const hash = secretHash('canary-secret-of-an-app-with-a-key')
    const secrets = [{ id: 's', sealed: '', hash, createdAt: app.createdAt, expiresAt: undefined }]
    const owner = { tenant: 'acme', userId: 'u' }
    const id = 'appfedcba9876543210fedcba98'
    expect(await server.core.parts.apps.create({ ...app, id, secrets, owner })).toBe(true)
    const authorization = 'Secret canary-secret-of-an-app-with-a-key'
    const stored = await server.core.parts.apps.findBySecret(hash)
    expect(stored?.tokenEndpointAuthMethod).toBe('private_key_jwt')
    expect((await api(server, '/api/v1/app', { headers: { authorization } })).status).toBe(401)
  })

  it('V4: tokenEndpointAuthMethod private_key_jwt accepts its key and refuses its secret', async () => {
    const form = { grant_type: 'refresh_token', refresh_token: 'gth_rt_none', client_id: 'keyed' }
    const refused = await post(server, '/oauth2/token', { ...form, client_secret: secretNamed('keyed') })
    expect([refused.status, refused.body]).toEqual([
      401,
      expect.stringContaining('(private_key_jwt), got a client secret'),
    ])
    const { tokens } = await tokensOf(server, await keyClient(server, 'keyed', es256.privateKey))
    expect(tokens.access_token).toMatch(/^gth_at_/)
  })

  it('C6: clientAssertionAudience issuer refuses the token endpoint as audience, which other apps may use', async () => {
    const aud = `${publicOrigin}/oauth2/token`
    const named = (id: string) => keyClient(server, id, es256.privateKey, (payload) => Object.assign(payload, { aud }))
    expect((await tokensOf(server, await named('lax'))).tokens.access_token).toMatch(/^gth_at_/)
    expect((await oauthError(tokensOf(server, await named('strict')))).words).toContain('expected the issuer alone')
  })

  it('C7: refreshTokenRotation false keeps the refresh token, which needs the client secret', async () => {
    const relyingParty = await withSecret('steady')
    const { tokens } = await tokensOf(server, relyingParty, { scope: 'openid offline_access' })
    const token = tokens.refresh_token ?? ''
    for (const _ of [1, 2]) {
      server.clock.forward(60)
      expect((await client.refreshTokenGrant(relyingParty.config, token)).refresh_token ?? token).toBe(token)
    }
    const form = { grant_type: 'refresh_token', refresh_token: token, client_id: 'steady' }
    expect((await post(server, '/oauth2/token', form)).status).toBe(401)
  })

  it('V4: responseModes accepts the listed mode and refuses others by name', async () => {
    const relyingParty = await withSecret('posted')
    expect((await authorizeError(server, relyingParty, {})).words).toBe('response_mode: expected form_post, got query')
    const { url } = await begin(relyingParty, { response_mode: 'form_post' })
    expect((await post(server, '/oauth2/auth', Object.fromEntries(url.searchParams))).status).toBe(303)
  })
})

async function algorithmParty(relyingParty: RelyingParty, alg: string): Promise<RelyingParty> {
  const { id } = relyingParty
  const metadata = { id_token_signed_response_alg: alg }
  const config = new client.Configuration(
    relyingParty.config.serverMetadata(),
    id,
    metadata,
    client.ClientSecretBasic(secretNamed(id)),
  )
  config[client.customFetch] = fetchOf(server)
  client.enableNonRepudiationChecks(config)
  return { ...relyingParty, config }
}
