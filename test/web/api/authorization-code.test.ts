/** The authorization code: single use, bound to app, challenge and session. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page, TestBrowser } from '../../support/browser/test-browser.ts'
import { api, appLogin, browserOf, exchangeCode, portal } from '../../support/gatehouse/connections.ts'
import { apps, elder, looseSecret, stated } from '../../support/gatehouse/exchange-apps.ts'
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
const tokenOf = (page: Page) => String(JSON.parse(page.body).token)

/** At the token endpoint. */
function redeemForTokens({ code, redirectUri, codeVerifier }: Record<string, string>): Promise<Page> {
  const form = { code: code ?? '', redirect_uri: redirectUri ?? '', code_verifier: codeVerifier ?? '' }
  return api(server, '/oauth2/token', {
    method: 'POST',
    form: { grant_type: 'authorization_code', client_id: portal.id, client_secret: portal.secret, ...form },
  })
}

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
    await exchangeCode(server, json)
    const target = JSON.parse((await browser.ask('/api/v1/users/me')).body).id
    const events = await server.core.parts.audit.recent({ user: target, action: 'grant.revoked', limit: 9 })
    expect(events).toMatchObject([
      { actor: 'system', address: '127.0.0.1', details: { reason: 'its authorization code was presented again' } },
    ])
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
    'A3: with %s is rejected, naming expected and received values, and is still redeemed with the right one',
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
      400,
      'code_refused',
      'code: expected one asked for with a code_challenge or a nonce, got one with neither.',
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
