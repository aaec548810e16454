/** An app signs someone in with openid-client, unchanged, and goes on from there. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { House } from '../support/gatehouse/house.ts'
import { publicOrigin } from '../support/gatehouse/tenants.ts'
import {
  begin,
  newSignIn,
  type Party,
  partyOf,
  redeem,
  shopOrigin,
  startProviderHouse,
} from '../support/oidc/parties.ts'

let house: House
let shop: Party
beforeAll(async () => {
  house = await startProviderHouse()
  shop = await partyOf(house, 'shop')
})
afterAll(() => house.stop())

describe('an app with openid-client', () => {
  it('signs a person in, who is asked for consent once, and learns what they agreed to', async () => {
    const { visitor, person, begun, answer } = await newSignIn(house, shop)
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
    const second = await visitor.open(again.url, shopOrigin)
    expect((await redeem(shop, again, second.url)).claims()?.sub).toBe(claims?.sub)
  })
})
