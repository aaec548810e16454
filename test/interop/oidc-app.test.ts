/** An app that waits for a sign-in which the upstream refuses: it gets an OAuth error response. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { House } from '../http/house.ts'
import { Visitor } from '../http/visitor.ts'
import { begin, type Party, partyOf, shopOrigin, startProviderHouse } from '../oidc/parties.ts'
import { clientId, clientSecret, type OpenIdProvider, startOpenIdProvider } from './openid-provider.ts'

let upstream: OpenIdProvider
let house: House
let shop: Party

beforeAll(async () => {
  upstream = await startOpenIdProvider()
  upstream.use('up', { denies: { error: 'invalid_request', error_description: 'max_age is not supported' } })
  const up = { kind: 'oidc', issuer: `${upstream.url}/up`, clientId, clientSecret }
  house = await startProviderHouse({
    tenants: {
      'acme.yaml': JSON.stringify({ tenant: 'acme', name: 'Acme', connections: { up, password: {} } }),
      'beta.yaml': JSON.stringify({ tenant: 'beta', name: 'Beta', connections: { password: {} } }),
    },
  })
  shop = await partyOf(house, 'shop')
})
afterAll(async () => {
  await house.stop()
  await upstream.close()
})

it('P4: the page of the failed sign-in leads back to the app, with an OAuth error and the state', async () => {
  const visitor = new Visitor(house)
  const begun = await begin(shop, { tenant: 'acme', provider: 'up', prompt: 'login' })
  const page = await visitor.open(begun.url)
  expect(page.status).toBe(400)
  const { url } = await visitor.click(page, 'Return to the app', shopOrigin)
  expect(url.origin).toBe(shopOrigin)
  expect(Object.fromEntries(url.searchParams)).toMatchObject({ error: 'server_error', state: begun.state })
})
