/** Requests of apps that write parameters, headers and forms in unusual ways. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { send, type TestBrowser } from '../support/browser/test-browser.ts'
import { publicOrigin } from '../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import {
  begin,
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  shopCallback,
  shopOrigin,
  shopSecret,
  startProviderServer,
} from '../support/oidc/relying-parties.ts'

let server: TestGatehouse
let shop: RelyingParty
let browser: TestBrowser
beforeAll(async () => {
  server = await startProviderServer()
  shop = await relyingPartyOf(server, 'shop')
  browser = (await newSignIn(server, shop)).browser
})
afterAll(() => server.stop())

async function authorize(change: (query: URLSearchParams) => void) {
  const begun = await begin(shop, { tenant: 'acme' })
  const url = new URL(begun.url)
  change(url.searchParams)
  return { begun, page: await browser.open(url, shopOrigin) }
}

describe('an authorization request', () => {
  it.each([
    '{}',
    'null',
    '{"userinfo":null,"id_token":null}',
    '{"access_token":{}}',
    '{"userinfo":{"email":null},"id_token":null,"ext":1}',
    '{"id_token":{"email":{"essential":"true"},"unknown":null}}',
  ])('B2: signs in with claims=%s (Core 5.5)', async (claims) => {
    const { begun, page } = await authorize((query) => query.set('claims', claims))
    await expect(redeem(shop, begun, page.url)).resolves.toBeDefined()
  })

  it.each<[string, string, string]>([
    ['claims', '{bad', 'could not parse the claims parameter JSON'],
    ['claims', '[]', 'claims parameter should be a JSON object'],
    ['scope', 'openid,email', "scope: expected openid among words that are separated by spaces, got 'openid,email'"],
    ['scope', 'OpenID email', "got 'OpenID email'"],
  ])('B11: gets an error that names the fault of %s=%s', async (name, value, expected) => {
    const { page } = await authorize((query) => query.set(name, value))
    expect(page.url.searchParams.get('error_description')).toContain(expected)
  })

  it.each<[string, (query: URLSearchParams) => void, RegExp]>([
    ['no redirect_uri', (query) => query.delete('redirect_uri'), /request has no redirect_uri: it must have one/],
    ['two', (query) => query.append('redirect_uri', shopCallback), /request has 2 redirect_uri: it must have one/],
    ['no client_id', (query) => query.delete('client_id'), /missing required parameter 'client_id'/],
  ])('B11: gets a page that names the fault of %s', async (_, change, expected) => {
    const { page } = await authorize(change)
    expect(page.status).toBe(400)
    expect(page.body).toMatch(expected)
    expect(page.body).not.toContain('This redirect URI is not registered for the app')
  })
})

const credentials = Buffer.from(`shop:${encodeURIComponent(shopSecret)}`).toString('base64')

async function tokenStatus(headers: Readonly<Record<string, string>>): Promise<number> {
  const { begun, answer } = await newSignIn(server, shop)
  const code = answer.searchParams.get('code') ?? ''
  const form = { grant_type: 'authorization_code', code, redirect_uri: shopCallback, code_verifier: begun.codeVerifier }
  return (await send(server.port, new URL('/oauth2/token', publicOrigin), { method: 'POST', form, headers })).status
}

describe('a token request', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['two spaces after Basic', { authorization: `Basic  ${credentials}` }],
    ['basic in lower case and no padding', { authorization: `basic ${credentials.replace(/=+$/, '')}` }],
    ['no content type', { authorization: `Basic ${credentials}`, 'content-type': '' }],
    [
      'a charset',
      {
        authorization: `Basic ${credentials}`,
        'content-type': 'application/x-www-form-urlencoded; charset=ISO-8859-1',
      },
    ],
    ['an Accept of another type', { authorization: `Basic ${credentials}`, accept: 'application/xml' }],
  ])('B7: works with %s', async (_, headers) => {
    expect(await tokenStatus(headers)).toBe(200)
  })

  it('B11: with an Origin gets an error that says who may send one', async () => {
    const headers = { authorization: `Basic ${credentials}`, origin: 'null' }
    const { status, body } = await send(server.port, new URL('/oauth2/token', publicOrigin), {
      method: 'POST',
      form: { grant_type: 'client_credentials' },
      headers,
    })
    expect([status, body]).toEqual([400, expect.stringMatching(/Origin: expected none from a server.*got 'null'/)])
  })

  it('B7: is refused as JSON', async () => {
    expect(await tokenStatus({ authorization: `Basic ${credentials}`, 'content-type': 'application/json' })).toBe(400)
  })
})

it.each(['id_token_hint=', 'client_id=', 'client_id=shop&post_logout_redirect_uri=', 'logout_hint=&ui_locales='])(
  'B8: a sign-out with %s asks the user',
  async (query) => {
    const page = await browser.open(`/oauth2/logout?${query}`, shopOrigin)
    expect(page.status).toBe(200)
    expect(page.body).toContain('Sign out?')
  },
)
