/** Requests with scopes that an app is not registered for. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refuseUnregisteredScopes } from '../../../src/oidc/policy/requested-values.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  begin,
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'

const ordersApi = 'https://api.shop.test/orders'
const ofShop = 'openid email profile groups offline_access orders:read stock:read'
const ofOther = 'openid profile email'

let server: TestGatehouse
let shop: RelyingParty
let other: RelyingParty
let robot: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  shop = await relyingPartyOf(server, 'shop')
  other = await relyingPartyOf(server, 'other')
  robot = await relyingPartyOf(server, 'robot')
})
afterAll(() => server.stop())

async function refusal(work: Promise<unknown>) {
  const error: unknown = await work.catch((cause: unknown) => cause)
  return { error: Reflect.get(Object(error), 'error'), words: String(Reflect.get(Object(error), 'error_description')) }
}

describe('refuseUnregisteredScopes', () => {
  const api = { name: '', accessTokens: 'opaque', accessTokenSeconds: 60 } as const
  const apis = [
    { ...api, id: 'https://a.test/', scopes: { 'a.read': '', 'x.read': '' } },
    { ...api, id: 'https://b.test/', scopes: { 'b.read': '', 'x.read': '' } },
  ]
  const app = {
    id: 'shop',
    firstParty: false,
    owner: undefined,
    scopes: ['openid', 'email', 'a.read', 'b.read', 'x.read'],
  }
  const a = ['https://a.test/']
  it.each([
    ['what it holds', 'openid a.read', undefined, false, undefined],
    ['nothing', '', undefined, false, undefined],
    ['an unknown scope', 'openid admin', undefined, false, 'got admin'],
    ['an identity scope it lacks', 'openid phone', undefined, false, 'got phone'],
    ['a scope in another case', 'OpenID', undefined, false, 'got OpenID'],
    ['a scope of the API it names', 'openid a.read', a, false, undefined],
    ['a scope of another API', 'a.read b.read', a, false, 'got b.read, which is of an API that resource does not name'],
    ['a scope that API has too', 'x.read', a, false, undefined],
    ['in its own name', 'a.read', undefined, true, undefined],
    ['a person, in its own name', 'a.read openid', undefined, true, 'some of a.read b.read x.read, got openid'],
  ])('of a request for %s', (_what, scope, resources, isClientCredentials, refused) => {
    const scopes = scope === '' ? [] : scope.split(' ')
    const decide = () => refuseUnregisteredScopes(app, apis, { scopes, resources, isClientCredentials })
    if (refused === undefined) expect(decide).not.toThrow()
    else expect(decide).toThrow(expect.objectContaining({ error_description: expect.stringContaining(refused) }))
  })
})

describe('OP-44 an authorization request with unregistered scopes', () => {
  it.each([
    ['a scope of an API', 'openid orders:write', 'got orders:write'],
    ['an unknown scope', 'openid admin', 'got admin'],
    ['a scope of an API that resource does not name', 'openid orders:read stock:read', 'got stock:read, which is of'],
  ])('returns invalid_scope, which names the scope and the registered ones: %s', async (_what, scope, got) => {
    const begun = await begin(shop, { scope, ...(scope.includes('stock') && { resource: ordersApi }) })
    const { url } = await new TestBrowser(server).open(begun.url, shop.redirectUri)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      error: 'invalid_scope',
      error_description: expect.stringContaining(`expected some of ${ofShop}, ${got}`),
      state: begun.state,
    })
  })

  it('returns invalid_scope for an identity scope too', async () => {
    const begun = await begin(other, { scope: 'openid groups' })
    const { url } = await new TestBrowser(server).open(begun.url, other.redirectUri)
    expect(url.searchParams.get('error')).toBe('invalid_scope')
  })

  it('is refused as a pushed request and as a device request', async () => {
    const words = expect.stringContaining(`expected some of ${ofShop}, got admin`)
    const pushed = client.buildAuthorizationUrlWithPAR(shop.config, {
      redirect_uri: shop.redirectUri,
      scope: 'openid admin',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    })
    expect(await refusal(pushed)).toEqual({ error: 'invalid_scope', words })
    const device = client.initiateDeviceAuthorization(shop.config, { scope: 'openid admin' })
    expect(await refusal(device)).toEqual({ error: 'invalid_scope', words })
  })

  it('allows offline_access that libraries add, and returns the granted scope', async () => {
    for (const scope of [ofOther, `${ofOther} offline_access`]) {
      const { begun, answer } = await newSignIn(server, other, { scope })
      expect((await redeem(other, begun, answer)).scope).toBe(ofOther)
    }
  })
})

describe('OP-44 a client credentials request with unregistered scopes', () => {
  it.each([
    ['robot', 'orders:write', 'expected some of orders:read stock:read, got orders:write'],
    ['robot', 'openid', 'expected some of orders:read stock:read, got openid'],
    ['robot', 'orders:read openid', 'expected some of orders:read stock:read, got openid'],
    ['shop', 'openid email profile', 'expected some of orders:read stock:read, got openid'],
    ['other', 'openid', 'expected none: the app is registered for none, got openid'],
  ])('%s with %s gets invalid_scope', async (id, scope, words) => {
    const { config } = id === 'robot' ? robot : id === 'shop' ? shop : other
    expect(await refusal(client.clientCredentialsGrant(config, { scope }))).toEqual({
      error: 'invalid_scope',
      words: expect.stringContaining(words),
    })
  })
})
