/** Consent: asked once, denial is reported to the app, and scopes are limited to it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/app/app.ts'
import { linkOn, TestBrowser } from '../../support/browser/test-browser.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  addUser,
  allow,
  begin,
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  shopOrigin,
  signIn,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'

let server: TestGatehouse
let shop: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  shop = await relyingPartyOf(server, 'shop')
})
afterAll(() => server.stop())

async function asked(more: Readonly<Record<string, string>> = {}) {
  const browser = new TestBrowser(server)
  const person = await addUser(server)
  const begun = await begin(shop, { tenant: 'acme', ...more })
  const page = await signIn(browser, await browser.open(begun.url, shopOrigin), person, shopOrigin)
  return { browser, person, begun, page }
}

describe('the consent page', () => {
  it('names the app, the user and what the app will see and do', async () => {
    const { page, person } = await asked({ scope: 'openid email offline_access orders:read' })
    expect(page.url.pathname).toMatch(/^\/consent\//)
    const text = page.body.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')
    for (const words of [
      'Shop',
      'Acme',
      person.email,
      'shop.test',
      'see your email address',
      'keep access',
      'see your orders (Orders)',
    ])
      expect(text).toContain(words)
    expect(page.body).not.toMatch(/<script(?! src="\/static\/)/)
    expect(page.headers['content-security-policy']).toMatch(/form-action 'self'(;|$)/)
    expect(page.headers['cache-control']).toBe('no-store')
  })

  it('is not shown a second time or in another session', async () => {
    const { browser, person } = await newSignIn(server, shop)
    expect((await browser.open((await begin(shop)).url, shopOrigin)).status).toBe(0)
    const other = new TestBrowser(server)
    const begun = await begin(shop, { tenant: 'acme' })
    const answer = await signIn(other, await other.open(begun.url, shopOrigin), person, shopOrigin)
    await redeem(shop, begun, answer.url)
  })

  it('asks only for new scopes', async () => {
    const { browser } = await newSignIn(server, shop)
    const page = await browser.open((await begin(shop, { scope: 'openid email groups' })).url, shopOrigin)
    expect(page.body).toContain('see which groups you are in')
    expect(page.body).not.toContain('see your email address')
  })

  it('reports access_denied to the app, and asks again the next time', async () => {
    const { browser, begun, page } = await asked()
    const answer = await browser.submit(page, page.url.pathname, { answer: 'no' }, shopOrigin)
    expect(Object.fromEntries(answer.url.searchParams)).toMatchObject({ error: 'access_denied', state: begun.state })
    expect((await browser.open((await begin(shop)).url, shopOrigin)).url.pathname).toMatch(/^\/consent\//)
  })

  it("is not asked for the organization's own app, but for staying in when the person is gone", async () => {
    const intranet = await relyingPartyOf(server, 'intranet')
    const { browser } = await newSignIn(server, intranet)
    expect((await browser.open((await begin(intranet)).url, intranet.redirectUri)).status).toBe(0)
    const page = await browser.open(
      (await begin(intranet, { scope: 'openid offline_access' })).url,
      intranet.redirectUri,
    )
    expect(page.body).toContain('keep access')
  })

  it('leads back to the app when its request was answered already', async () => {
    const { browser, page } = await asked()
    await allow(browser, page, shopOrigin)
    const over = await browser.open(page.url)
    expect(over.status).toBe(400)
    expect(linkOn(over, 'Return to Shop')).toBe(shopOrigin)
    expect(linkOn(over, 'Back to your account')).toBe('/account')
    expect(linkOn(await new TestBrowser(server).open(page.url), 'Return to Shop')).toBe(shopOrigin)
    for (const forged of ['/consent/forged?app=shop', `/consent/forged?${page.url.searchParams}`])
      expect((await browser.open(forged)).body).not.toContain('Return to')
  })

  it('ignores a form from another site', async () => {
    const { browser, page } = await asked()
    const session = /name="session" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const forged = await browser.ask(page.url, {
      method: 'POST',
      form: { answer: 'yes', session },
      headers: { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' },
    })
    expect(forged.status).toBe(403)
    expect((await browser.open((await begin(shop)).url, shopOrigin)).url.pathname).toMatch(/^\/consent\//)
  })

  it('ignores a form if another user signed in in another tab', async () => {
    const { browser, page } = await asked()
    const other = await addUser(server)
    const login = await browser.open('/login?tenant=acme&prompt=login')
    await signIn(browser, login, other)
    const shown = await allow(browser, page, shopOrigin)
    expect(shown.url.pathname).toMatch(/^\/consent\//)
    expect(shown.body).toContain(other.email)
  })

  it('OP-33 answers a form with a page that continues to the app', async () => {
    const { browser, page } = await asked()
    const session = /name="session" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const answer = await browser.ask(page.url, {
      method: 'POST',
      form: { answer: 'yes', session },
      headers: { 'sec-fetch-site': 'same-origin' },
    })
    expect(answer.status).toBe(200)
    expect(answer.headers.refresh).toMatch(/^0; url=https:\/\/login\.gatehouse\.test\/oauth2\/auth\//)
    expect(answer.headers['content-security-policy']).toMatch(/form-action 'self'(;|$)/)
  })

  it('is shown again after a revocation on /account', async () => {
    const { browser, begun, answer } = await newSignIn(server, shop, { scope: 'openid email offline_access' })
    const tokens = await redeem(shop, begun, answer)
    const apps = await browser.open('/account/apps')
    await browser.submit(await browser.click(apps, /^Revoke/), '/account/apps/revoke')
    const { config } = shop
    const { refreshTokenGrant } = await import('openid-client')
    await expect(refreshTokenGrant(config, tokens.refresh_token ?? '')).rejects.toMatchObject({
      error: 'invalid_grant',
    })
    const again = await begin(shop)
    const page = await browser.open(again.url, shopOrigin)
    expect(page.url.pathname).toMatch(/^\/consent\//)
    await redeem(shop, again, (await allow(browser, page, shopOrigin)).url)
  })
})

describe('A16: the consent page of an app that a developer registered', () => {
  it('A16: names the developer and the tenant; a declared app shows neither', async () => {
    const developer = await addUser(server)
    const [user] = await server.core.parts.users.findByProvenEmail('acme', developer.email)
    const id = 'app0000000000000000000000bb'
    const app: App = {
      id,
      name: 'Notes',
      kind: 'web',
      logoUri: undefined,
      backchannelLogoutUri: undefined,
      scopes: ['openid', 'email'],
      redirectUris: ['https://notes.test/cb'],
      postLogoutRedirectUris: [],
      tenants: ['acme'],
      firstParty: false,
      owner: { tenant: 'acme', userId: user?.id ?? '' },
      secrets: [],
      keys: [],
      createdAt: server.clock.now(),
      revision: 0,
    }
    expect(await server.core.parts.apps.create(app)).toBe(true)
    const { url } = await begin({ ...shop, redirectUri: 'https://notes.test/cb' }, { tenant: 'acme' })
    url.searchParams.set('client_id', id)
    const browser = new TestBrowser(server)
    const page = await signIn(browser, await browser.open(url), await addUser(server))
    expect(page.body.replace(/<[^>]+>/g, '')).toContain(`Registered by ${developer.email}`)
    expect(page.body.replace(/<[^>]+>/g, '')).toContain('of Acme.')
    expect((await asked()).page.body).not.toContain('Registered by')
  })
})
