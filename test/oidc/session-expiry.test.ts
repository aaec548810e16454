/**
 * R4: the upstream limits its session by `session_expiry`, and so all sessions and tokens of the
 * login.
 */
import { decodeJwt } from 'jose'
import * as client from 'openid-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { referenceOn, TestBrowser } from '../support/browser/test-browser.ts'
import { appLogin, exchangeCode } from '../support/gatehouse/connections.ts'
import { publicOrigin } from '../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import {
  begin,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  startProviderServer,
} from '../support/oidc/relying-parties.ts'

let server: TestGatehouse
let spa: RelyingParty
let shop: RelyingParty
let intranet: RelyingParty
// tokens are dated by the clock of the process: one house for each test, whose clock goes ahead
beforeEach(async () => {
  server = await startProviderServer()
  spa = await relyingPartyOf(server, 'spa')
  shop = await relyingPartyOf(server, 'shop')
  intranet = await relyingPartyOf(server, 'intranet')
})
afterEach(() => server.stop())

const nowSeconds = () => Math.floor(server.clock.now().getTime() / 1000)
const endIn = (seconds: unknown) => {
  const end = typeof seconds === 'number' ? nowSeconds() + seconds : seconds
  server.okta.fault('claims', { session_expiry: end })
  return Number(end)
}
const stopAtApp = { spa: 'https://board.test/', shop: 'https://shop.test/callback', intranet: 'https://intranet.test/' }

/** Signs Ada in at Okta for an app; the tokens it gets. */
async function signInTo(relyingParty: RelyingParty, more: Readonly<Record<string, string>> = {}) {
  const browser = new TestBrowser(server)
  const begun = await begin(relyingParty, { tenant: 'acme', provider: 'okta', ...more })
  const stopAt = stopAtApp[relyingParty.id as keyof typeof stopAtApp]
  let page = await browser.click(await browser.open(begun.url, stopAt), 'Ada Lovelace', stopAt)
  if (page.status !== 0) page = await browser.submit(page, page.url.pathname, { answer: 'yes' }, stopAt)
  return { browser, tokens: await redeem(relyingParty, begun, page.url) }
}

async function signIn(): Promise<TestBrowser> {
  const browser = new TestBrowser(server)
  await browser.click(await browser.open('/t/acme/okta/start'), 'Ada Lovelace')
  return browser
}
const session = async (browser: TestBrowser) => browser.ask('/api/v1/session')
const secondsOf = (time: unknown) => Date.parse(String(time)) / 1000

describe('R4 a session ends at the earliest of our limits and the upstream’s', () => {
  it('R4: the session API and the cookie show the expiry, after which the session is over', async () => {
    const end = endIn(600)
    const browser = await signIn()
    const seen = JSON.parse((await session(browser)).body)
    expect([secondsOf(seen.expiresAt), secondsOf(seen.idleExpiresAt)]).toEqual([end, end])
    server.clock.forward(595)
    expect((await session(browser)).status).toBe(200)
    server.clock.forward(6)
    expect((await session(browser)).status).toBe(401)
  })

  it('R4: the cookie ends with the session', async () => {
    const end = endIn(600)
    const browser = new TestBrowser(server)
    const callback = `${publicOrigin}/t/acme/okta/callback`
    const back = await browser.click(await browser.open('/t/acme/okta/start'), 'Ada Lovelace', callback)
    const page = await browser.ask(back.url.href)
    const cookie = [page.headers['set-cookie']].flat().find((line) => line?.startsWith('__Host-gatehouse_session='))
    expect(secondsOf(/Expires=([^;]+)/i.exec(cookie ?? '')?.[1])).toBe(end)
  })

  it('R4: use does not prolong it', async () => {
    const end = endIn(3000)
    const browser = await signIn()
    for (const seconds of [1000, 1000, 900]) {
      server.clock.forward(seconds)
      expect(secondsOf(JSON.parse((await session(browser)).body).idleExpiresAt)).toBe(end)
    }
    server.clock.forward(101)
    expect((await session(browser)).status).toBe(401)
  })

  it.each([
    ['is written as text', () => String(nowSeconds() + 600), 600],
    ['has fractions', () => nowSeconds() + 600.9, 600],
    ['is null', () => null, 30 * 86_400],
    ['is not set', () => undefined, 30 * 86_400],
    ['lies behind our own limit', () => nowSeconds() + 90 * 86_400, 30 * 86_400],
    ['is in milliseconds', () => server.clock.now().getTime() + 600_000, 600],
    ['is beyond all dates', () => 1e20, 30 * 86_400],
  ])('R4: with session_expiry %s', async (_, value, seconds) => {
    endIn(undefined)
    server.okta.fault('claims', { session_expiry: value() })
    const seen = JSON.parse((await session(await signIn())).body)
    const left = secondsOf(seen.expiresAt) - secondsOf(seen.createdAt)
    expect(Math.abs(left - seconds)).toBeLessThanOrEqual(30)
    expect(left).toBeLessThanOrEqual(seconds)
  })

  it.each([
    ['past', () => nowSeconds() - 1],
    ['no time', () => 'never'],
    ['a list', () => [1]],
    ['0', () => 0],
  ])('R4: a login is refused if session_expiry is %s', async (_, value) => {
    server.okta.fault('claims', { session_expiry: value() })
    const browser = new TestBrowser(server)
    const page = await browser.click(await browser.open('/t/acme/okta/start'), 'Ada Lovelace')
    const { code, steps } = await server.trace(referenceOn(page))
    expect(code).toBe('upstream_invalid')
    expect(steps.flatMap(({ checks }) => checks)).toContainEqual(
      expect.objectContaining({ name: 'session_expiry', ok: false }),
    )
  })

  it('R4: a code is exchanged for a token of the same session', async () => {
    const end = endIn(900)
    const browser = new TestBrowser(server)
    const redirectUri = intranet.redirectUri
    const login = appLogin({ client_id: 'intranet', redirect_uri: redirectUri, provider: 'okta' })
    const back = await browser.click(await browser.open(login.path), 'Ada Lovelace', redirectUri)
    const json = { code: back.url.searchParams.get('code'), codeVerifier: login.codeVerifier, redirectUri }
    const headers = { authorization: 'Secret canary-secret-of-the-intranet-0123456789' }
    const redeemed = await exchangeCode(server, json, headers)
    expect(secondsOf(JSON.parse(redeemed.body).session.expiresAt)).toBe(end)
  })

  it('R4: a new sign-in replaces the expiry', async () => {
    endIn(600)
    const browser = await signIn()
    const end = endIn(1200)
    await browser.click(await browser.open('/t/acme/okta/start'), 'Ada Lovelace').catch(() => undefined)
    expect(secondsOf(JSON.parse((await session(browser)).body).expiresAt)).toBe(end)
  })
})

describe('R4 apps', () => {
  it('R4: get session_expiry in ID tokens, and their tokens end then', async () => {
    const end = endIn(600)
    const { tokens } = await signInTo(spa)
    expect(tokens.claims()).toMatchObject({ session_expiry: end })
    expect(tokens.expires_in).toBeLessThanOrEqual(600)
    const renewed = await client.refreshTokenGrant(spa.config, tokens.refresh_token ?? '')
    expect(renewed.claims()).toMatchObject({ session_expiry: end })
    expect(renewed.expires_in).toBeLessThanOrEqual(600)
    server.clock.forward(601)
    await expect(client.refreshTokenGrant(spa.config, renewed.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  })

  it('R4: get no session_expiry if the upstream sets none', async () => {
    const { tokens } = await signInTo(intranet)
    expect(tokens.claims()).not.toHaveProperty('session_expiry')
    expect(tokens.expires_in).toBe(3600)
  })

  it('R4: get JWT access tokens that expire with the session, since they cannot be revoked', async () => {
    const end = endIn(300)
    const { tokens } = await signInTo(shop, { scope: 'openid stock:read' })
    const { exp = 0 } = decodeJwt(tokens.access_token)
    expect(exp).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000) + 300)
    expect(exp - end).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000) - nowSeconds() + 1)
  })

  it('R4: keep offline access with consent after the session', async () => {
    endIn(300)
    const { tokens } = await signInTo(shop, { scope: 'openid offline_access' })
    server.clock.forward(301)
    const renewed = await client.refreshTokenGrant(shop.config, tokens.refresh_token ?? '')
    expect(renewed.claims()).not.toHaveProperty('session_expiry')
  })
})
