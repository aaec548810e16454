/** Pushed authorization requests (RFC 9126): single use, for the app that pushed them. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  begin,
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  shopOrigin,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'

let server: TestGatehouse
let shop: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  shop = await relyingPartyOf(server, 'shop')
})
afterAll(() => server.stop())

async function pushed(browser?: TestBrowser) {
  const known = browser ?? (await newSignIn(server, shop)).browser
  const begun = await begin(shop)
  return { browser: known, begun, url: await client.buildAuthorizationUrlWithPAR(shop.config, begun.url.searchParams) }
}

describe('a pushed request', () => {
  it('is used up when its URL is loaded again: the page says so without redirect URIs', async () => {
    const { browser, url } = await pushed()
    await browser.open(url, shopOrigin)
    const again = await browser.open(url, shopOrigin)
    expect(again.status).toBe(400)
    expect(again.body).toContain('This sign-in to the app is over')
    expect(again.body).toContain('expected an unused one pushed in the last minute')
    expect(again.body).not.toContain('redirect_uri')
  })

  it('of one app is refused to another with the reason', async () => {
    const { browser, url } = await pushed()
    url.searchParams.set('client_id', 'other')
    const page = await browser.open(url)
    expect(page.status).toBe(400)
    expect(page.body).toContain('expected one that this app pushed, got one of another app')
    expect(page.body).not.toContain('redirect_uri')
  })

  it('without a redirect URI is refused as a pushed request', async () => {
    const begun = await begin(shop)
    begun.url.searchParams.delete('redirect_uri')
    expect((await new TestBrowser(server).open(begun.url)).body).toContain('redirect_uri received')
  })

  it('OP-40 is not used up by HEAD, which gets no code', async () => {
    const { browser, begun, url } = await pushed()
    const looked = await browser.ask(`${url.pathname}${url.search}`, { method: 'HEAD' })
    expect([looked.status, looked.headers.allow, looked.headers.location]).toEqual([405, 'GET, POST', undefined])
    const resumed = await browser.ask('/oauth2/auth/abcdef', { method: 'HEAD' })
    expect([resumed.status, resumed.headers.allow]).toEqual([405, 'GET'])
    const answer = await browser.open(url, shopOrigin)
    expect((await redeem(shop, begun, answer.url)).access_token).toMatch(/^gth_at_/)
  })
})
