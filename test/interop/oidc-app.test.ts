/** Sign-ins that fail at an upstream: the status, and the OAuth error of the app that waits. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { referenceOn, TestBrowser } from '../support/browser/test-browser.ts'
import { publicOrigin } from '../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import {
  begin,
  type RelyingParty,
  relyingPartyOf,
  shopOrigin,
  startProviderServer,
} from '../support/oidc/relying-parties.ts'
import { clientId, clientSecret, type OpenIdProvider, startOpenIdProvider } from '../support/servers/openid-provider.ts'

let upstream: OpenIdProvider
let server: TestGatehouse
let shop: RelyingParty

beforeAll(async () => {
  upstream = await startOpenIdProvider()
  upstream.use('up', { denies: { error: 'invalid_request', error_description: 'max_age is not supported' } })
  const at = (row: string) => ({ kind: 'oidc', issuer: `${upstream.url}/${row}`, clientId, clientSecret })
  const connections = { up: at('up'), fine: at('fine'), ill: at('ill'), password: {} }
  upstream.use('ill', { raw: { token: { status: 400, body: '{"error":"invalid_grant"}' } } })
  server = await startProviderServer({
    tenants: {
      'acme.yaml': JSON.stringify({ tenant: 'acme', name: 'Acme', connections }),
      'beta.yaml': JSON.stringify({ tenant: 'beta', name: 'Beta', connections: { password: {} } }),
    },
  })
  shop = await relyingPartyOf(server, 'shop')
})
afterAll(async () => {
  await server.stop()
  await upstream.close()
})

it('P4: the page of the failed sign-in leads back to the app with an OAuth error and the state', async () => {
  const browser = new TestBrowser(server)
  const begun = await begin(shop, { tenant: 'acme', provider: 'up', prompt: 'login' })
  const page = await browser.open(begun.url)
  expect(page.status).toBe(400)
  const { url } = await browser.click(page, 'Return to the app', shopOrigin)
  expect(url.origin).toBe(shopOrigin)
  expect(Object.fromEntries(url.searchParams)).toMatchObject({ error: 'server_error', state: begun.state })
})

it.each([
  ['another issuer', (answer: URLSearchParams) => answer.set('iss', 'https://other.example'), 400, 'callback_invalid'],
  ['a code that came twice', (answer: URLSearchParams) => answer.append('code', 'x'), 400, 'callback_malformed'],
  ['no code', (answer: URLSearchParams) => answer.delete('code'), 400, 'callback_malformed'],
  ['an error of the upstream', refusedBy('server_error'), 400, 'sign_in_refused'],
  ['an upstream that is busy', refusedBy('temporarily_unavailable'), 400, 'sign_in_refused'],
  ['a no of the user', refusedBy('access_denied'), 200, 'user_denied'],
] as const)('P8: answers %s in a callback with an explanation', async (_, change, status, code) => {
  const callback = `${publicOrigin}/t/acme/fine/callback`
  const browser = new TestBrowser(server)
  const { url } = await browser.open('/t/acme/fine/start', callback)
  const answer = new URLSearchParams(url.search)
  change(answer)
  const page = await browser.open(`${callback}?${answer}`)
  expect([page.status, (await server.trace(referenceOn(page))).code]).toEqual([status, code])
})

it("P8: returns 502 for an error of the upstream's server", async () => {
  const page = await new TestBrowser(server).open('/t/acme/ill/start')
  expect([page.status, (await server.trace(referenceOn(page))).code]).toEqual([502, 'upstream_refused'])
})

function refusedBy(error: string) {
  return (answer: URLSearchParams) => {
    answer.delete('code')
    answer.set('error', error)
  }
}
