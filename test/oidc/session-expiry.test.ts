/** R4: the upstream limits its session by `session_expiry`, and everything made from that login ends by then. */
import { decodeJwt } from 'jose'
import * as client from 'openid-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { referenceOn, Visitor } from '../support/browser/visitor.ts'
import { appLogin, exchangeCode } from '../support/gatehouse/gates.ts'
import type { House } from '../support/gatehouse/house.ts'
import { publicOrigin } from '../support/gatehouse/tenants.ts'
import { begin, type Party, partyOf, redeem, startProviderHouse } from '../support/oidc/parties.ts'

let house: House
let spa: Party
let shop: Party
let intranet: Party
// tokens are dated by the clock of the process: one house for each test, whose clock goes ahead
beforeEach(async () => {
  house = await startProviderHouse()
  spa = await partyOf(house, 'spa')
  shop = await partyOf(house, 'shop')
  intranet = await partyOf(house, 'intranet')
})
afterEach(() => house.stop())

const nowSeconds = () => Math.floor(house.clock.now().getTime() / 1000)
const endIn = (seconds: unknown) => {
  const end = typeof seconds === 'number' ? nowSeconds() + seconds : seconds
  house.okta.fault('claims', { session_expiry: end })
  return Number(end)
}
const stopAtApp = { spa: 'https://board.test/', shop: 'https://shop.test/callback', intranet: 'https://intranet.test/' }

/** Signs Ada in at Okta for an app; the tokens it gets. */
async function signInTo(party: Party, more: Readonly<Record<string, string>> = {}) {
  const visitor = new Visitor(house)
  const begun = await begin(party, { tenant: 'acme', provider: 'okta', ...more })
  const stopAt = stopAtApp[party.id as keyof typeof stopAtApp]
  let page = await visitor.click(await visitor.open(begun.url, stopAt), 'Ada Lovelace', stopAt)
  if (page.status !== 0) page = await visitor.submit(page, page.url.pathname, { answer: 'yes' }, stopAt)
  return { visitor, tokens: await redeem(party, begun, page.url) }
}

async function signIn(): Promise<Visitor> {
  const visitor = new Visitor(house)
  await visitor.click(await visitor.open('/t/acme/okta/start'), 'Ada Lovelace')
  return visitor
}
const session = async (visitor: Visitor) => visitor.ask('/api/v1/session')
const secondsOf = (time: unknown) => Date.parse(String(time)) / 1000

describe('R4 a session ends at the earliest of our limits and that of the upstream', () => {
  it('R4: the session API and the cookie tell the end, and then the session is over', async () => {
    const end = endIn(600)
    const visitor = await signIn()
    const seen = JSON.parse((await session(visitor)).body)
    expect([secondsOf(seen.expiresAt), secondsOf(seen.idleExpiresAt)]).toEqual([end, end])
    house.clock.forward(595)
    expect((await session(visitor)).status).toBe(200)
    house.clock.forward(6)
    expect((await session(visitor)).status).toBe(401)
  })

  it('R4: the cookie ends with the session', async () => {
    const end = endIn(600)
    const visitor = new Visitor(house)
    const callback = `${publicOrigin}/t/acme/okta/callback`
    const back = await visitor.click(await visitor.open('/t/acme/okta/start'), 'Ada Lovelace', callback)
    const page = await visitor.ask(back.url.href)
    const cookie = [page.headers['set-cookie']].flat().find((line) => line?.startsWith('__Host-gatehouse_session='))
    expect(secondsOf(/Expires=([^;]+)/i.exec(cookie ?? '')?.[1])).toBe(end)
  })

  it('R4: use does not prolong it', async () => {
    const end = endIn(3000)
    const visitor = await signIn()
    for (const seconds of [1000, 1000, 900]) {
      house.clock.forward(seconds)
      expect(secondsOf(JSON.parse((await session(visitor)).body).idleExpiresAt)).toBe(end)
    }
    house.clock.forward(101)
    expect((await session(visitor)).status).toBe(401)
  })

  it.each([
    ['is written as text', () => String(nowSeconds() + 600), 600],
    ['has fractions', () => nowSeconds() + 600.9, 600],
    ['is null', () => null, 30 * 86_400],
    ['is not set', () => undefined, 30 * 86_400],
    ['lies behind our own limit', () => nowSeconds() + 90 * 86_400, 30 * 86_400],
    ['is in milliseconds', () => house.clock.now().getTime() + 600_000, 600],
    ['is beyond all dates', () => 1e20, 30 * 86_400],
  ])('R4: where session_expiry %s', async (_, value, seconds) => {
    endIn(undefined)
    house.okta.fault('claims', { session_expiry: value() })
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
  ])('R4: a login is refused where session_expiry is %s', async (_, value) => {
    house.okta.fault('claims', { session_expiry: value() })
    const visitor = new Visitor(house)
    const page = await visitor.click(await visitor.open('/t/acme/okta/start'), 'Ada Lovelace')
    const { code, steps } = await house.trace(referenceOn(page))
    expect(code).toBe('upstream_invalid')
    expect(steps.flatMap(({ checks }) => checks)).toContainEqual(
      expect.objectContaining({ name: 'session_expiry', ok: false }),
    )
  })

  it('R4: a code is exchanged for a token of the same session', async () => {
    const end = endIn(900)
    const visitor = new Visitor(house)
    const redirectUri = intranet.redirectUri
    const login = appLogin({ client_id: 'intranet', redirect_uri: redirectUri, provider: 'okta' })
    const back = await visitor.click(await visitor.open(login.path), 'Ada Lovelace', redirectUri)
    const json = { code: back.url.searchParams.get('code'), codeVerifier: login.codeVerifier, redirectUri }
    const headers = { authorization: 'Secret canary-secret-of-the-intranet-0123456789' }
    const redeemed = await exchangeCode(house, json, headers)
    expect(secondsOf(JSON.parse(redeemed.body).session.expiresAt)).toBe(end)
  })

  it('R4: a new sign-in brings the end of its own login, and the old end counts no more', async () => {
    endIn(600)
    const visitor = await signIn()
    const end = endIn(1200)
    await visitor.click(await visitor.open('/t/acme/okta/start'), 'Ada Lovelace').catch(() => undefined)
    expect(secondsOf(JSON.parse((await session(visitor)).body).expiresAt)).toBe(end)
  })
})

describe('R4 apps', () => {
  it('R4: learn the end by session_expiry in ID tokens, and their tokens end then too', async () => {
    const end = endIn(600)
    const { tokens } = await signInTo(spa)
    expect(tokens.claims()).toMatchObject({ session_expiry: end })
    expect(tokens.expires_in).toBeLessThanOrEqual(600)
    const renewed = await client.refreshTokenGrant(spa.config, tokens.refresh_token ?? '')
    expect(renewed.claims()).toMatchObject({ session_expiry: end })
    expect(renewed.expires_in).toBeLessThanOrEqual(600)
    house.clock.forward(601)
    await expect(client.refreshTokenGrant(spa.config, renewed.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    })
  })

  it('R4: get no session_expiry where the upstream sets none', async () => {
    const { tokens } = await signInTo(intranet)
    expect(tokens.claims()).not.toHaveProperty('session_expiry')
    expect(tokens.expires_in).toBe(3600)
  })

  it('R4: a JWT access token, which nobody can end early, expires with the session', async () => {
    const end = endIn(300)
    const { tokens } = await signInTo(shop, { scope: 'openid stock:read' })
    const { exp = 0 } = decodeJwt(tokens.access_token)
    expect(exp).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000) + 300)
    expect(exp - end).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000) - nowSeconds() + 1)
  })

  it('R4: offline access, which the user agreed to, outlives the session', async () => {
    endIn(300)
    const { tokens } = await signInTo(shop, { scope: 'openid offline_access' })
    house.clock.forward(301)
    const renewed = await client.refreshTokenGrant(shop.config, tokens.refresh_token ?? '')
    expect(renewed.claims()).not.toHaveProperty('session_expiry')
  })
})
