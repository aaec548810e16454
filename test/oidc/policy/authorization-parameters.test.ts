/** Response modes, PAR, `resource` and several tabs at the authorization endpoint. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  addUser,
  allow,
  begin,
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  shopCallback,
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

async function go(browser: TestBrowser, relyingParty: RelyingParty, more: Readonly<Record<string, string>> = {}) {
  const begun = await begin(relyingParty, more)
  return { begun, page: await browser.open(begun.url, relyingParty.redirectUri) }
}

describe('other forms of requests', () => {
  it('a pushed request works once', async () => {
    const browser = new TestBrowser(server)
    const person = await addUser(server)
    const begun = await begin(shop, { tenant: 'acme', scope: 'openid email offline_access' })
    const url = await client.buildAuthorizationUrlWithPAR(shop.config, begun.url.searchParams)
    expect(url.searchParams.has('scope')).toBe(false)
    const answer = await allow(
      browser,
      await signIn(browser, await browser.open(url, shopOrigin), person, shopOrigin),
      shopOrigin,
    )
    expect((await redeem(shop, begun, answer.url)).refresh_token).toBeDefined()
    expect((await browser.open(url, shopOrigin)).status).toBe(400)
  })

  it('a request in a form becomes a GET, which carries the session cookie', async () => {
    const { browser } = await newSignIn(server, shop)
    const begun = await begin(shop, { prompt: 'none' })
    const page = await browser.ask('/oauth2/auth', {
      method: 'POST',
      form: begun.url.search.slice(1),
      headers: { 'sec-fetch-site': 'cross-site', origin: shopOrigin },
    })
    expect(page.status).toBe(303)
    const answer = await browser.open(page.headers.location ?? '', shopOrigin)
    await redeem(shop, begun, answer.url)
    const long = await browser.ask('/oauth2/auth', { method: 'POST', form: { state: 'a'.repeat(20_000) } })
    expect(long.status).toBe(413)
  })

  it('a session that the request did not see is neither asked for endlessly nor taken as new', async () => {
    server.clock.forward(-3600)
    const { browser, person } = await newSignIn(server, shop)
    server.clock.forward(3600)
    for (const prompt of [undefined, 'login']) {
      const begun = await begin(shop, { tenant: 'acme', ...(prompt !== undefined && { prompt }) })
      // as with `sameSite: strict`, when the link stands on another site
      const first = await new TestBrowser(server).ask(begun.url)
      browser.jar.keep(new URL(publicOrigin), first.headers['set-cookie'] ?? [])
      const page = await browser.open(first.headers.location ?? '', shopOrigin)
      const answer = prompt === undefined ? page : await signIn(browser, page, person, shopOrigin)
      await redeem(shop, begun, answer.url)
    }
  })

  it('form_post: returns a form whose policy allows only the redirect URI', async () => {
    const { browser } = await newSignIn(server, shop)
    const { begun, page } = await go(browser, shop, { response_mode: 'form_post' })
    expect(page.headers['content-security-policy']).toContain('form-action https://shop.test')
    expect(page.body).toMatch(/action="https:\/\/shop\.test\/callback"/)
    const code = /name="code" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const answer = new URL(`${shopCallback}?${new URLSearchParams({ code, state: begun.state, iss: publicOrigin })}`)
    await redeem(shop, begun, answer)
  })

  it('the claims parameter returns single claims after consent', async () => {
    const browser = new TestBrowser(server)
    const person = await addUser(server)
    const claims = JSON.stringify({ userinfo: { email: null }, id_token: { email: { essential: true } } })
    const { begun, page } = await go(browser, shop, { tenant: 'acme', scope: 'openid', claims })
    const consent = await signIn(browser, page, person, shopOrigin)
    expect(consent.body).toContain('see your email address')
    const answer = await allow(browser, consent, shopOrigin)
    expect((await redeem(shop, begun, answer.url)).claims()?.['email']).toBe(person.email)
  })

  it.each([
    ['__proto__', '{"userinfo":{"__proto__":null},"__proto__":{"x":1}}'],
    ['no JSON', '{'],
    ['depth', `{"userinfo":${'{"a":'.repeat(700)}1${'}'.repeat(700)}}`],
    ['an array', '[]'],
  ])('OP-53 a claims parameter with %s is handled safely', async (_what, claims) => {
    const { browser } = await newSignIn(server, shop)
    const { page } = await go(browser, shop, { claims })
    expect([0, 200, 400]).toContain(page.status)
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
  })

  it('OP-53 100 kB of state, a 64 kB cookie and bad %-encoding are handled safely', async () => {
    const browser = new TestBrowser(server)
    const { url } = await begin(shop)
    // too long for Node: it may answer, or hang up while the rest still comes
    for (const [address, cookie] of [
      [`${url.pathname}?state=${'a'.repeat(100_000)}`, ''],
      [url.pathname, 'a'.repeat(65_000)],
    ])
      expect(
        await browser.ask(address ?? '', { headers: { cookie: `x=${cookie}` } }).then(
          ({ status }) => status,
          () => 431,
        ),
      ).toBe(431)
    expect((await browser.ask(`${url.pathname}?client_id=%E0%A4%A&redirect_uri=%`)).status).toBe(400)
    expect((await browser.ask('/healthz')).status).toBe(200)
  })
})

describe('tabs', () => {
  it('two concurrent sign-ins at one app both succeed', async () => {
    const { browser } = await newSignIn(server, shop)
    const intranet = await relyingPartyOf(server, 'intranet')
    const both = await Promise.all([go(browser, intranet), go(browser, intranet)])
    for (const { begun, page } of both) await redeem(intranet, begun, page.url)
  })

  it('an interaction works in one browser and once', async () => {
    const browser = new TestBrowser(server)
    const person = await addUser(server)
    const { page } = await go(browser, shop, { tenant: 'acme' })
    const consent = await signIn(browser, page, person, shopOrigin)
    expect((await new TestBrowser(server).open(consent.url)).status).toBe(400)
    await allow(browser, consent, shopOrigin)
    const stale = await browser.submit(consent, consent.url.pathname, { answer: 'yes' })
    expect(stale.status).toBe(400)
    expect(stale.body).toContain('Go back to the app')
  })
})
