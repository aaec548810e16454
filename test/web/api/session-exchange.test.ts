/** An app on another site exchanges an authorization code for a session. */
import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/app/app.ts'
import { TestBrowser, unescaped } from '../../support/browser/test-browser.ts'
import { api, appLogin, browserOf, exchangeCode, password, portal } from '../../support/gatehouse/connections.ts'
import { apps, keys, shop, stated } from '../../support/gatehouse/exchange-apps.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

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
const isLive = async (token: string) => (await api(server, '/api/v1/session', {}, token)).status === 200

describe('a sign-in of an app on another site', () => {
  it('A3: returns by Okta to the redirect URI with code, state and iss; the code yields a session', async () => {
    const browser = new TestBrowser(server)
    const login = appLogin({ provider: 'okta' })
    const atOkta = await browser.open(login.path)
    const back = await browser.click(atOkta, 'Ada Lovelace', portal.redirectUri)
    expect(Object.fromEntries(back.url.searchParams)).toEqual({
      app: '1',
      state: 'the-state',
      iss: publicOrigin,
      code: expect.any(String),
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

  it('refuses a user whom the access rules of the app no longer allow', async () => {
    const { json } = await codeFor({ client_id: 'page', redirect_uri: 'https://page.test/cb' })
    const exchange = () => exchangeCode(server, { app: 'page', ...json }, {})
    // apps of gatehouse.yaml do not change while a process runs
    const declared = server.core.parts.appRegistry.declared as Map<string, App>
    const before = declared.get('page')
    if (before === undefined) throw new Error('no app')
    declared.set('page', { ...before, allow: { groups: ['sales'] } })
    const refused = await exchange()
    declared.set('page', before)
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([403, 'app_access_refused'])
    expect((await exchange()).status, 'the code was not used up').toBe(201)
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

  it('X2: gets an error that asks to encode a raw space in a redirect URI', async () => {
    const page = await testBrowser.ask(appLogin({ redirect_uri: 'https://portal.test/signed in' }).path)
    expect(page.status).toBe(400)
    expect(unescaped(page.body)).toContain('redirect_uri: it contains a space; encode it as %20')
    expect(page.body).not.toContain('not registered')
  })

  it('X2: gets an error that asks to encode a raw space in a return URL', async () => {
    const page = await testBrowser.ask('/login?tenant=acme&return_to=https://app.gatehouse.test/a%20b')
    expect(page.status).toBe(400)
    expect(unescaped(page.body)).toContain('The return address contains a space; encode it as %20')
    expect(page.body).not.toContain('not registered')
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
    ['its ID alone, though it has a secret', {}, { app: portal.id }],
    ['an unknown ID', {}, { app: 'nobody' }],
    ['a wrong secret', { authorization: 'Secret canary-secret-that-is-not-right' }, {}],
    ["another app's ID", { authorization: `Secret ${portal.secret}` }, { app: 'elder' }],
    ['two proofs', { authorization: `Secret ${portal.secret}` }, { clientSecret: portal.secret }],
    ['a session token', { authorization: `Bearer gth_s_${'a'.repeat(49)}` }, {}],
  ])('A3: that authenticates by %s gets 401 and does not consume the code', async (_, headers, fields) => {
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
    await server.addUser({ tenant: 'acme', email: 'by-password@mail.test', password })
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
