/** Access tokens for APIs: scopes and resource indicators. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send, TestBrowser } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  addUser,
  allow,
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  signIn,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'

const ordersApi = 'https://api.shop.test/orders'
const stockApi = 'https://api.shop.test/stock'
const both = 'openid email offline_access orders:read stock:read'

let server: TestGatehouse
let shop: RelyingParty
let other: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  shop = await relyingPartyOf(server, 'shop')
  other = await relyingPartyOf(server, 'other')
})
afterAll(() => server.stop())

async function signedIn(more: Readonly<Record<string, string>>) {
  const { begun, answer } = await newSignIn(server, shop, more)
  return (resource?: string) => redeem(shop, begun, answer, resource === undefined ? {} : { resource })
}

async function refusal(work: Promise<unknown>) {
  const error: unknown = await work.catch((cause: unknown) => cause)
  return { error: Reflect.get(Object(error), 'error'), words: String(Reflect.get(Object(error), 'error_description')) }
}

const asked = (token: string, relyingParty = other) => client.tokenIntrospection(relyingParty.config, token)

async function userinfo(token: string) {
  const headers = { authorization: `Bearer ${token}` }
  const { status, body } = await send(server.port, new URL('/oauth2/userinfo', publicOrigin), { headers })
  return { status, told: String(body) }
}

describe('a user grants an app one API', () => {
  it.each([{}, { resource: ordersApi }])('the token is for that API (authorization request with %j)', async (more) => {
    const tokens = await (await signedIn({ scope: 'openid email orders:read', ...more }))()
    expect(tokens.scope).toBe('orders:read')
    expect(await asked(tokens.access_token)).toMatchObject({ active: true, aud: ordersApi, scope: 'orders:read' })
    expect(tokens.claims()).toHaveProperty('email')
  })

  it('OP-48 userinfo refuses that token and names the one it needs', async () => {
    const tokens = await (await signedIn({ scope: 'openid email orders:read' }))()
    const { status, told: stated } = await userinfo(tokens.access_token)
    expect(status).toBe(403)
    expect(stated).toContain(`expected one for userinfo, got one for ${ordersApi}`)
  })

  it('a refresh keeps the API, or yields a token for userinfo with scope=openid email', async () => {
    const first = await (await signedIn({ scope: 'openid email offline_access orders:read' }))()
    const next = await client.refreshTokenGrant(shop.config, first.refresh_token ?? '')
    expect(await asked(next.access_token)).toMatchObject({ aud: ordersApi })
    const own = await client.refreshTokenGrant(shop.config, next.refresh_token ?? '', { scope: 'openid email' })
    expect((await userinfo(own.access_token)).status).toBe(200)
  })

  it('a device gets a token for that API', async () => {
    const scope = 'openid orders:read'
    const begun = await client.initiateDeviceAuthorization(shop.config, { scope, tenant: 'acme' })
    const browser = new TestBrowser(server)
    const person = await addUser(server)
    const typed = await browser.submit(await browser.open(begun.verification_uri), '/oauth2/device', {
      user_code: begun.user_code,
    })
    const login = await browser.submit(typed, '/oauth2/device', { confirm: 'yes' })
    await allow(browser, await signIn(browser, login, person))
    const tokens = await client.genericGrantRequest(shop.config, 'urn:ietf:params:oauth:grant-type:device_code', {
      device_code: begun.device_code,
    })
    expect(await asked(tokens.access_token)).toMatchObject({ aud: ordersApi, scope: 'orders:read' })
  })
})

describe('a user grants an app two APIs', () => {
  it('the app selects one for the token and refreshes for the other, by resource or by scope', async () => {
    const first = await (await signedIn({ scope: both }))(ordersApi)
    expect(await asked(first.access_token)).toMatchObject({ aud: ordersApi, scope: 'orders:read' })
    const refresh = (token: string | undefined, more: Record<string, string>) =>
      client.refreshTokenGrant(shop.config, token ?? '', more)
    const stock = await refresh(first.refresh_token, { resource: stockApi })
    expect(stock.scope).toBe('stock:read')
    const orders = await refresh(stock.refresh_token, { scope: 'orders:read' })
    expect(await asked(orders.access_token)).toMatchObject({ aud: ordersApi, scope: 'orders:read' })
  })

  it('a token request without a selection is refused with the choices', async () => {
    const choice = { error: 'invalid_target', words: expect.stringContaining(`expected ${ordersApi} or ${stockApi}`) }
    expect(await refusal((await signedIn({ scope: both }))())).toEqual(choice)
    const tokens = await (await signedIn({ scope: both }))(stockApi)
    expect(await refusal(client.refreshTokenGrant(shop.config, tokens.refresh_token ?? ''))).toEqual(choice)
  })

  it('a service that requests scopes of both is refused with the choices', async () => {
    const robot = await relyingPartyOf(server, 'robot')
    expect(await refusal(client.clientCredentialsGrant(robot.config, { scope: 'orders:read stock:read' }))).toEqual({
      error: 'invalid_target',
      words: expect.stringContaining(`expected ${ordersApi} or ${stockApi}`),
    })
  })

  it('OP-48 an API that was not granted is refused with the granted ones', async () => {
    const redeemed = await signedIn({ scope: 'openid orders:read' })
    expect(await refusal(redeemed(stockApi))).toEqual({
      error: 'invalid_target',
      words: `resource: expected ${ordersApi}, got '${stockApi}'`,
    })
  })
})
