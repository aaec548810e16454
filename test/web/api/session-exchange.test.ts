/** How an app on another site gets a session: an authorization code of /oauth2/auth, redeemed once with all it was bound to. */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Page, TestBrowser, unescaped } from '../../support/browser/test-browser.ts'
import {
  api,
  appLogin,
  browserOf,
  exchangeCode,
  password,
  portal,
  portalYaml,
} from '../../support/gatehouse/connections.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const elder = { id: 'elder', secret: 'canary-secret-of-the-elder-0123456789', redirectUri: 'https://elder.test/cb' }
const shop = { id: 'shop', secret: 'canary-secret-of-the-shop-0123456789', redirectUri: 'https://shop.test/cb' }

const looseSecret = 'canary-secret-of-the-loose-0123456789'

const apps = `${portalYaml}  signer:
    name: Signer
    kind: web
    firstParty: true
    redirectUris: ['https://signer.test/cb']
    tenants: [acme]
    keys:
      - publicKey: |
${String(keys.publicKey.export({ type: 'spki', format: 'pem' }))
  .replace(/^/gm, '          ')
  .trimEnd()}
  elder:
    name: Elder
    kind: web
    firstParty: true
    pkce: or-nonce
    redirectUris: ['${elder.redirectUri}']
    tenants: [acme]
    secrets: ['${elder.secret}']
  loose:
    name: Loose
    kind: web
    firstParty: true
    pkce: optional
    redirectUris: ['https://loose.test/cb']
    tenants: [acme]
    secrets: ['${looseSecret}']
  page:
    name: Page
    kind: single-page
    firstParty: true
    redirectUris: ['https://page.test/cb']
    tenants: [acme]
  phone:
    name: Phone
    kind: native
    firstParty: true
    redirectUris: ['com.acme.phone:/cb', 'https://phone.test/cb']
    tenants: [acme]
  shop:
    name: Shop
    kind: web
    redirectUris: ['${shop.redirectUri}']
    tenants: [acme]
    secrets: ['${shop.secret}']
`

let server: TestGatehouse
let testBrowser: TestBrowser
beforeAll(async () => {
  server = await startTestGatehouse({ settings: apps })
  testBrowser = await browserOf(server, 'app-user@mail.test')
})
afterAll(() => server.stop())

/** A signed-in user goes straight back to the app with a code. */
async function codeFor(changes: Record<string, string> = {}, browser = testBrowser) {
  const login = appLogin(changes)
  const { redirectUri, codeVerifier } = login
  const page = await browser.open(login.path, redirectUri)
  const back = page.status === 0 ? page : await browser.submit(page, page.url.pathname, { answer: 'yes' }, redirectUri)
  const code = back.url.searchParams.get('code') ?? ''
  expect(code).not.toBe('')
  return { url: back.url, json: { code, redirectUri, codeVerifier } }
}

const stated = (page: Page) => {
  const { code, detail } = JSON.parse(page.body)
  return [page.status, code, detail]
}
const isLive = async (token: string) => (await api(server, '/api/v1/session', {}, token)).status === 200
const tokenOf = (page: Page) => String(JSON.parse(page.body).token)

/** At the token endpoint. */
function redeemForTokens({ code, redirectUri, codeVerifier }: Record<string, string>): Promise<Page> {
  const form = { code: code ?? '', redirect_uri: redirectUri ?? '', code_verifier: codeVerifier ?? '' }
  return api(server, '/oauth2/token', {
    method: 'POST',
    form: { grant_type: 'authorization_code', client_id: portal.id, client_secret: portal.secret, ...form },
  })
}

describe('a sign-in of an app on another site', () => {
  it('A3: returns by Okta to the redirect URI with code, state and iss; the code yields a session', async () => {
    const browser = new TestBrowser(server)
    const login = appLogin({ provider: 'okta' })
    const atOkta = await browser.open(login.path)
    const back = await browser.click(atOkta, 'Ada Lovelace', portal.redirectUri)
    expect(Object.fromEntries(back.url.searchParams)).toEqual({
      ...{ app: '1', state: 'the-state', iss: publicOrigin, code: expect.any(String) },
    })
    const { codeVerifier, redirectUri } = login
    const redeemed = await exchangeCode(server, { code: back.url.searchParams.get('code'), codeVerifier, redirectUri })
    expect([redeemed.status, redeemed.headers['cache-control']]).toEqual([201, 'no-store'])
    const { token, session } = JSON.parse(redeemed.body)
    expect(session.profile).toMatchObject({ email: 'ada@okta.example', name: 'Ada Lovelace' })
    const checked = await api(server, '/api/v1/session', {}, token)
    expect(JSON.parse(checked.body)).toMatchObject({ id: session.id, authenticated: { connection: 'okta' } })
    expect((await api(server, '/api/v1/session', { method: 'DELETE' }, token)).status).toBe(204)
    expect(await isLive(token)).toBe(false)
  })

  it('A3: gets no code by return_to at a registered origin', async () => {
    const app = 'https://app.gatehouse.test/redirect?to=https://evil.test'
    for (const path of ['/login', '/t/acme/okta/start']) {
      const query = new URLSearchParams({ tenant: 'acme', return_to: app, code_challenge: 'c'.repeat(43) })
      if (path !== '/login') query.delete('tenant')
      const browser = path === '/login' ? testBrowser : new TestBrowser(server)
      const page = await browser.open(`${path}?${query}`, app)
      const landing = page.status === 0 ? page : await browser.click(page, 'Ada Lovelace', app)
      expect(landing.url.href).toBe(app)
    }
  })

  it('A3: gets no code through an open redirector of the app: the redirect URI is exact', async () => {
    for (const redirect_uri of [
      'https://portal.test/redirect?to=https://evil.test',
      'https://portal.test/signed-in',
      `${portal.redirectUri}&to=https://evil.test`,
      'https://portal.test/signed-in/?app=1',
    ]) {
      const page = await testBrowser.ask(appLogin({ redirect_uri }).path)
      expect([page.status, page.headers.location]).toEqual([400, undefined])
    }
  })

  it('A3: is rejected with return_to at a registered origin of another site', async () => {
    const okta = server.okta
    const tenant = `tenant: acme\nname: Acme\nconnections:\n  password: {}\nreturnOrigins: ['https://portal.test']\n`
    const other = await startTestGatehouse({ okta, tenants: { 'acme.yaml': tenant } })
    try {
      const page = await new TestBrowser(other).ask('/login?tenant=acme&return_to=https://portal.test/x')
      expect(page.status).toBe(400)
      expect(unescaped(page.body)).toContain('https://portal.test is on another site than https://login.gatehouse.test')
    } finally {
      await other.stop()
    }
  })

  it('X2: is told to encode a raw space in a redirect URI', async () => {
    const page = await testBrowser.ask(appLogin({ redirect_uri: 'https://portal.test/signed in' }).path)
    expect(page.status).toBe(400)
    expect(unescaped(page.body)).toContain('redirect_uri: it contains a space; encode it as %20')
    expect(page.body).not.toContain('not registered')
  })

  it('X2: is told to encode a raw space in a return URL', async () => {
    const page = await testBrowser.ask('/login?tenant=acme&return_to=https://app.gatehouse.test/a%20b')
    expect(page.status).toBe(400)
    expect(unescaped(page.body)).toContain('The return address contains a space; encode it as %20')
    expect(page.body).not.toContain('not registered')
  })
})

describe('an authorization code', () => {
  it('A3: is redeemed once for a session; a second time ends that session', async () => {
    const browser = await browserOf(server, 'twice@mail.test')
    const { json } = await codeFor({}, browser)
    const token = tokenOf(await exchangeCode(server, json))
    expect(await isLive(token)).toBe(true)
    expect(stated(await exchangeCode(server, json)).slice(0, 2)).toEqual([400, 'code_reused'])
    expect(await isLive(token)).toBe(false)
  })

  it('A3: redeemed for a session is rejected at the token endpoint, which ends that session', async () => {
    const browser = await browserOf(server, 'session-first@mail.test')
    const { json } = await codeFor({}, browser)
    const token = tokenOf(await exchangeCode(server, json))
    const refused = await redeemForTokens(json)
    expect([refused.status, JSON.parse(refused.body).error]).toEqual([400, 'invalid_grant'])
    expect(await isLive(token)).toBe(false)
  })

  it("A3: redeemed for tokens is rejected for a session; the tokens end and the browser's session lives", async () => {
    const browser = await browserOf(server, 'tokens-first@mail.test')
    const { json } = await codeFor({}, browser)
    const { access_token } = JSON.parse((await redeemForTokens(json)).body)
    expect(stated(await exchangeCode(server, json)).slice(0, 2)).toEqual([400, 'code_reused'])
    expect((await api(server, '/oauth2/userinfo', {}, access_token)).status).toBe(401)
    expect((await browser.ask('/api/v1/session')).status).toBe(200)
  })

  it.each([
    ['another verifier', { codeVerifier: 'x'.repeat(43) }, 'codeVerifier: expected the one whose SHA-256 was sent as'],
    ['no verifier', { codeVerifier: undefined }, 'got none.'],
    ['another redirect URI', { redirectUri: 'https://portal.test/' }, 'redirectUri: expected the redirect_uri that'],
    ['no redirect URI', { redirectUri: undefined }, 'got none.'],
    ['another nonce', { nonce: 'n' }, 'nonce: expected the one that the code was asked for with, got another'],
    ['a code nobody gave', { code: 'x'.repeat(43) }, 'code: expected one that /oauth2/auth gave this app'],
  ])(
    'A3: with %s is refused, naming what was expected and got, and still redeemed with the right one',
    async (_, wrong, text) => {
      const browser = await browserOf(server, 'bound@mail.test')
      const { json } = await codeFor({}, browser)
      const [status, code, detail] = stated(await exchangeCode(server, { ...json, ...wrong }))
      expect([status, code]).toEqual([400, 'code_refused'])
      expect(detail).toContain(text)
      expect((await exchangeCode(server, json)).status).toBe(201)
    },
  )

  it('A3: of another app is rejected', async () => {
    const { json } = await codeFor()
    const authorization = `Secret ${elder.secret}`
    const [status, code, detail] = stated(await exchangeCode(server, json, { authorization }))
    expect([status, code, detail]).toEqual([
      400,
      'code_refused',
      'code: expected one of the app elder, got one of another app.',
    ])
    expect((await exchangeCode(server, json)).status).toBe(201)
  })

  it('A3: with a nonce and no challenge requires that nonce and no verifier', async () => {
    const asked = { client_id: 'elder', redirect_uri: elder.redirectUri, code_challenge: '', code_challenge_method: '' }
    const { json } = await codeFor({ ...asked, nonce: 'the-nonce' })
    const { codeVerifier, ...rest } = json
    const authorization = `Secret ${elder.secret}`
    const answers = [
      await exchangeCode(server, rest, { authorization }),
      await exchangeCode(server, { ...rest, nonce: 'another' }, { authorization }),
      await exchangeCode(server, { ...rest, nonce: 'the-nonce', codeVerifier }, { authorization }),
    ]
    expect(answers.map((answer) => stated(answer)[1])).toEqual(['code_refused', 'code_refused', 'code_refused'])
    expect((await exchangeCode(server, { ...rest, nonce: 'the-nonce' }, { authorization })).status).toBe(201)
  })

  it('A3: with neither challenge nor nonce is rejected, since nothing binds it to the sign-in', async () => {
    const bare = { client_id: 'loose', redirect_uri: 'https://loose.test/cb' }
    const { json } = await codeFor({ ...bare, code_challenge: '', code_challenge_method: '' })
    const { codeVerifier: _, ...rest } = json
    const authorization = `Secret ${looseSecret}`
    expect(stated(await exchangeCode(server, rest, { authorization }))).toEqual([
      ...[400, 'code_refused', 'code: expected one asked for with a code_challenge or a nonce, got one with neither.'],
    ])
  })

  it('A3: bound to a DPoP key is rejected, since a session token has none', async () => {
    const { json } = await codeFor({ dpop_jkt: 'a'.repeat(43) })
    expect(stated(await exchangeCode(server, json))).toEqual([400, 'code_refused', expect.stringContaining('dpop_jkt')])
    const proof = { authorization: `Secret ${portal.secret}`, dpop: 'a.b.c' }
    expect(stated(await exchangeCode(server, json, proof))[1]).toBe('app_authentication_failed')
  })

  it('A3: is rejected once the session ended', async () => {
    const departing = await browserOf(server, 'leaving@mail.test')
    const { json } = await codeFor({}, departing)
    await departing.submit(await departing.open('/account'), '/account/sign-out')
    expect(stated(await exchangeCode(server, json))[1]).toBe('code_refused')
  })
})

describe('an app that exchanges a code', () => {
  const assertion = (changes: object = {}) =>
    new SignJWT({ jti: randomUUID(), ...changes })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer('signer')
      .setSubject('signer')
      .setAudience(publicOrigin)
      .setExpirationTime('60s')
      .sign(keys.privateKey)
  const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`

  it("A3: authenticates by secret, Basic, a body field or the token endpoint's parameters", async () => {
    const browser = await browserOf(server, 'proofs@mail.test')
    const proofs: readonly (readonly [Record<string, string>, Record<string, string>])[] = [
      [{ authorization: `Secret ${portal.secret}` }, {}],
      [{ authorization: basic(portal.id, portal.secret) }, {}],
      [{}, { app: portal.id, clientSecret: portal.secret }],
    ]
    for (const [headers, fields] of proofs) {
      const { json } = await codeFor({}, browser)
      expect((await exchangeCode(server, { ...json, ...fields }, headers)).status).toBe(201)
    }
    const { json } = await codeFor({}, browser)
    const { code, redirectUri: redirect_uri, codeVerifier: code_verifier } = json
    const asLibrary = { client_id: portal.id, client_secret: portal.secret, code, redirect_uri, code_verifier }
    expect((await exchangeCode(server, asLibrary, {})).status).toBe(201)
  })

  it('A3: authenticates by a JWT of its key, as Bearer or in the body', async () => {
    const asked = { client_id: 'signer', redirect_uri: 'https://signer.test/cb' }
    const { json: first } = await codeFor(asked)
    expect((await exchangeCode(server, first, { authorization: `Bearer ${await assertion()}` })).status).toBe(201)
    const { json: second } = await codeFor(asked)
    expect((await exchangeCode(server, { ...second, clientAssertion: await assertion() }, {})).status).toBe(201)
  })

  it.each([
    ['nothing', {}, {}],
    ['its id alone, though it has a secret', {}, { app: portal.id }],
    ['an unknown id', {}, { app: 'nobody' }],
    ['a wrong secret', { authorization: 'Secret canary-secret-that-is-not-right' }, {}],
    ["another app's id", { authorization: `Secret ${portal.secret}` }, { app: 'elder' }],
    ['two proofs', { authorization: `Secret ${portal.secret}` }, { clientSecret: portal.secret }],
    ['a session token', { authorization: `Bearer gth_s_${'a'.repeat(49)}` }, {}],
  ])('A3: that proves itself by %s gets a 401 and leaves the code alone', async (_, headers, fields) => {
    const browser = await browserOf(server, 'unproven@mail.test')
    const { json } = await codeFor({}, browser)
    expect(
      stated(await exchangeCode(server, { ...json, ...fields }, headers as Record<string, string>)).slice(0, 2),
    ).toEqual([401, 'app_authentication_failed'])
    expect((await exchangeCode(server, json)).status).toBe(201)
  })

  it('A3: without being first-party gets no session, and redeems its code for tokens', async () => {
    const browser = await browserOf(server, 'third-party@mail.test')
    const { json } = await codeFor({ client_id: 'shop', redirect_uri: shop.redirectUri }, browser)
    const refused = await exchangeCode(server, json, { authorization: `Secret ${shop.secret}` })
    expect(stated(refused).slice(0, 2)).toEqual([403, 'app_not_first_party'])
    const form = { grant_type: 'authorization_code', client_id: 'shop', client_secret: shop.secret }
    const { code, redirectUri: redirect_uri, codeVerifier: code_verifier } = json
    const tokens = await api(server, '/oauth2/token', {
      method: 'POST',
      form: { ...form, code, redirect_uri, code_verifier },
    })
    expect(tokens.status).toBe(200)
  })

  it('A3: as a public client redeems with PKCE from a page of its redirect URI, which can read the response', async () => {
    const asked = { client_id: 'page', redirect_uri: 'https://page.test/cb' }
    const preflight = (origin: string) =>
      api(server, '/api/v1/sessions/exchange', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      })
    const origins = ['https://page.test', 'https://portal.test', 'https://evil.test']
    const allowed = await Promise.all(
      origins.map(async (each) => (await preflight(each)).headers['access-control-allow-origin']),
    )
    expect(allowed).toEqual(['https://page.test', undefined, undefined])
    for (const [origin, readable] of [
      ['https://page.test', 'https://page.test'],
      ['https://evil.test', undefined],
    ] as const) {
      const { json } = await codeFor(asked, await browserOf(server, 'page-user@mail.test'))
      const refused = await exchangeCode(server, { app: 'page', ...json, codeVerifier: 'wrong' }, { origin })
      expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([400, readable])
      const done = await exchangeCode(server, { app: 'page', ...json }, { origin })
      expect([done.status, done.headers['access-control-allow-origin']]).toEqual([201, readable])
    }
  })

  it('A3: as a native app gets a session at its claimed https URL only', async () => {
    for (const [redirect_uri, status] of [
      ['https://phone.test/cb', 201],
      ['com.acme.phone:/cb', 400],
    ] as const) {
      const { json } = await codeFor(
        { client_id: 'phone', redirect_uri },
        await browserOf(server, 'phone-user@mail.test'),
      )
      expect((await exchangeCode(server, { app: 'phone', ...json }, {})).status).toBe(status)
    }
  })

  it.each([
    [undefined, 'x'],
    ['', ''],
    [['a', 'b'], 'x'],
    [{ $gt: '' }, 'x'],
    [1, 2],
    ['x'.repeat(300), 'y'.repeat(43)],
    [null, null],
  ])('OP-53 a request with the code %j and the verifier %j is a 400', async (code, codeVerifier) => {
    expect((await exchangeCode(server, { code, codeVerifier, redirectUri: portal.redirectUri })).status).toBe(400)
  })
})

describe('a form that ends at an app', () => {
  it('redirects by a page, since form-action forbids a redirect to another origin', async () => {
    await server.enrol({ tenant: 'acme', email: 'by-password@mail.test', password })
    const browser = new TestBrowser(server)
    const login = appLogin()
    const email = 'by-password@mail.test'
    const second = await browser.submit(await browser.open(login.path), '/login', { email })
    const back = await browser.submit(second, '/login', { email, password }, portal.redirectUri)
    const { codeVerifier, redirectUri } = login
    const code = back.url.searchParams.get('code')
    expect((await exchangeCode(server, { code, codeVerifier, redirectUri })).status).toBe(201)
  })
})

describe('the lifetime of a code', () => {
  it('A3: is 60 seconds', async () => {
    const browser = await browserOf(server, 'slow@mail.test')
    const { json: early } = await codeFor({}, browser)
    const { json: late } = await codeFor({}, browser)
    server.clock.forward(50)
    expect((await exchangeCode(server, early)).status).toBe(201)
    server.clock.forward(15)
    expect(stated(await exchangeCode(server, late))[1]).toBe('code_refused')
  })
})
