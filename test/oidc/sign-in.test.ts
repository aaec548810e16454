/** An app signs a user in with openid-client. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { publicOrigin } from '../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import {
  begin,
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  shopOrigin,
  startProviderServer,
} from '../support/oidc/relying-parties.ts'

let server: TestGatehouse
let shop: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  shop = await relyingPartyOf(server, 'shop')
})
afterAll(() => server.stop())

describe('an app with openid-client', () => {
  it('signs a user in, asks for consent once and gets the claims of the granted scopes', async () => {
    const { browser, person, begun, answer } = await newSignIn(server, shop)
    const tokens = await redeem(shop, begun, answer)
    const claims = tokens.claims()
    expect(claims).toMatchObject({
      iss: publicOrigin,
      aud: 'shop',
      email: person.email,
      email_verified: true,
      tenant: 'acme',
    })
    const stated = await client.fetchUserInfo(shop.config, tokens.access_token, claims?.sub ?? '')
    expect(stated).toMatchObject({ sub: claims?.sub, email: person.email, tenant: 'acme' })
    expect(Object.keys(stated)).not.toContain('name')

    const again = await begin(shop)
    const second = await browser.open(again.url, shopOrigin)
    expect((await redeem(shop, again, second.url)).claims()?.sub).toBe(claims?.sub)
  })
})
