/** Audiences: only APIs with a requested scope, in every kind of request. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  addUser,
  allow,
  begin,
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  signIn,
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

async function refusal(work: Promise<unknown>) {
  const error: unknown = await work.catch((cause: unknown) => cause)
  return { error: Reflect.get(Object(error), 'error'), words: String(Reflect.get(Object(error), 'error_description')) }
}

const noScope = {
  error: 'invalid_target',
  words: `resource: expected scope to hold a scope of that API (orders:read), got ${ordersApi} with the scope openid`,
}

/** Authorization requests that name an API without one of its scopes. */
const requests: readonly (readonly [string, string, readonly string[]])[] = [
  ['no scope of an API', 'openid', [ordersApi]],
  ['identity scopes alone', 'openid email profile', [stockApi]],
  ['a scope of another API it names too', 'openid stock:read', [stockApi, ordersApi]],
  ['offline access alone', 'openid offline_access', [ordersApi]],
]

function withResources(url: URL, resources: readonly string[]): URL {
  const next = new URL(url)
  for (const resource of resources) next.searchParams.append('resource', resource)
  return next
}

describe('P1: an app names an API without one of its scopes', () => {
  it.each(requests)('P1: the authorization endpoint returns invalid_target: %s', async (_what, scope, resources) => {
    const { url, state } = await begin(shop, { scope })
    const answer = await new TestBrowser(server).open(withResources(url, resources), shop.redirectUri)
    expect(Object.fromEntries(answer.url.searchParams)).toMatchObject({
      error: 'invalid_target',
      error_description: expect.stringContaining('expected scope to hold a scope of that API'),
      state,
    })
  })

  it.each(requests)('P1: a pushed request returns invalid_target: %s', async (_what, scope, resources) => {
    const parameters = new URLSearchParams({
      redirect_uri: shop.redirectUri,
      scope,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    })
    for (const resource of resources) parameters.append('resource', resource)
    expect(await refusal(client.buildAuthorizationUrlWithPAR(shop.config, parameters))).toMatchObject({
      error: 'invalid_target',
    })
  })

  it.each(requests)('P1: a device request returns invalid_target: %s', async (_what, scope, resources) => {
    const parameters = new URLSearchParams({ scope })
    for (const resource of resources) parameters.append('resource', resource)
    expect(await refusal(client.initiateDeviceAuthorization(shop.config, parameters))).toMatchObject({
      error: 'invalid_target',
    })
  })

  it('P1: the error names an app’s missing registration for the scopes', async () => {
    const { url } = await begin(other, { scope: 'openid', resource: ordersApi })
    const answer = await new TestBrowser(server).open(url, other.redirectUri)
    expect(answer.url.searchParams.get('error_description')).toContain(
      'expected an API whose scopes this app is registered for',
    )
  })

  it.each([{}, { scope: 'openid' }])(
    'P1: client_credentials returns invalid_target or invalid_scope: %j',
    async (more) => {
      const { error } = await refusal(client.clientCredentialsGrant(shop.config, { resource: ordersApi, ...more }))
      expect(['invalid_target', 'invalid_scope']).toContain(error)
    },
  )

  it('P1: the token endpoint allows no audience that the authorization request did not name', async () => {
    const { begun, answer } = await newSignIn(server, shop, { scope: 'openid email' })
    expect(await refusal(redeem(shop, begun, answer, { resource: ordersApi }))).toMatchObject({
      error: 'invalid_target',
    })
  })

  it('P1: a refresh with scope openid gets no token for the API', async () => {
    const { begun, answer } = await newSignIn(server, shop, { scope: 'openid email offline_access orders:read' })
    const { refresh_token: token = '' } = await redeem(shop, begun, answer)
    const refreshed = client.refreshTokenGrant(shop.config, token, { scope: 'openid', resource: ordersApi })
    expect(await refusal(refreshed)).toEqual(noScope)
    const next = await client.refreshTokenGrant(shop.config, token, { scope: 'openid' })
    const { aud } = await client.tokenIntrospection(shop.config, next.access_token)
    expect(aud).not.toBe(ordersApi)
  })

  it('P1: with a scope of the API it gets the token, and the consent page names the API', async () => {
    const browser = new TestBrowser(server)
    const begun = await begin(shop, { tenant: 'acme', scope: 'openid orders:read', resource: ordersApi })
    const opened = await browser.open(begun.url, shop.redirectUri)
    const page = await signIn(browser, opened, await addUser(server), shop.redirectUri)
    expect(page.body).toContain('see your orders (Orders)')
    const tokens = await redeem(shop, begun, (await allow(browser, page, shop.redirectUri)).url)
    expect(await client.tokenIntrospection(other.config, tokens.access_token)).toMatchObject({
      aud: ordersApi,
      scope: 'orders:read',
    })
  })
})
