/** Parameters of an authorization request: who signs in, how, and how recently. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Page, TestBrowser } from '../../support/browser/test-browser.ts'
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

const stated = (page: Page) => Object.fromEntries(page.url.searchParams)

async function go(browser: TestBrowser, relyingParty: RelyingParty, more: Readonly<Record<string, string>> = {}) {
  const begun = await begin(relyingParty, more)
  return { begun, page: await browser.open(begun.url, relyingParty.redirectUri) }
}

describe('the requested user and tenant', () => {
  it('OP-30 id_token_hint of another user: asks to sign in, or returns an error with prompt=none', async () => {
    const other = await newSignIn(server, shop)
    const hint = (await redeem(shop, other.begun, other.answer)).id_token ?? ''
    const { browser, person } = await newSignIn(server, shop)
    expect(stated((await go(browser, shop, { id_token_hint: hint, prompt: 'none' })).page)).toMatchObject({
      error: 'login_required',
    })
    const { page } = await go(browser, shop, { id_token_hint: hint })
    expect(page.url.pathname).toBe('/login')
    // and whoever signs in as another one still is not sent round and round
    expect(stated(await signIn(browser, page, person, shopOrigin))).toMatchObject({ error: 'login_required' })
  })

  it('tenant: a user of another tenant signs in there', async () => {
    const { browser } = await newSignIn(server, shop)
    const person = await addUser(server, 'beta')
    const { begun, page } = await go(browser, shop, { tenant: 'beta' })
    expect(page.body).toContain('Beta')
    const answer = await allow(browser, await signIn(browser, page, person, shopOrigin), shopOrigin)
    expect((await redeem(shop, begun, answer.url)).claims()).toMatchObject({ tenant: 'beta', email: person.email })
  })

  it('tenant that the app does not serve: returns an error with those it serves', async () => {
    const { page } = await go(new TestBrowser(server), await relyingPartyOf(server, 'intranet'), { tenant: 'beta' })
    expect(stated(page)).toMatchObject({
      error: 'unauthorized_client',
      error_description: 'tenant: expected acme, got beta',
    })
  })

  it('no tenant: the user chooses one of several tenants and signs in there', async () => {
    const person = await addUser(server, 'beta')
    const browser = new TestBrowser(server)
    const { begun, page } = await go(browser, shop)
    expect([page.status, page.url.pathname]).toEqual([200, expect.stringMatching(/^\/consent\//)])
    const hrefs = [...page.body.matchAll(/href="(\/consent\/[^"]+\?tenant=(\w+))"/g)]
    expect(hrefs.map(([, , tenant]) => tenant).sort()).toEqual(['acme', 'beta'])
    const [, href = ''] = hrefs.find(([, , tenant]) => tenant === 'beta') ?? []
    const answer = await allow(browser, await signIn(browser, await browser.open(href), person, shopOrigin), shopOrigin)
    expect((await redeem(shop, begun, answer.url)).claims()).toMatchObject({ tenant: 'beta' })
    const foreign = await new TestBrowser(server).open(`${href.split('?')[0]}?tenant=nobody`)
    expect(foreign.body).not.toContain('nobody')
  })

  it.each([
    ['shop', { provider: 'nowhere' }, /^provider: expected .*okta.*, got nowhere$/],
    ['shop', { tenant: 'acme', provider: 'nowhere' }, /^provider: expected .*okta.*, got nowhere$/],
    ['spa', { tenant: 'nobody' }, /^tenant: expected the ID of one, got nobody$/],
    ['spa', { provider: 'nowhere' }, /^provider: expected the ID of a connection, got nowhere$/],
  ])('%s with %j: returns an error at once', async (app, asked, sentence) => {
    const { browser } = await newSignIn(server, await relyingPartyOf(server, 'spa'), { tenant: 'acme' })
    for (const who of [new TestBrowser(server), browser])
      expect(stated((await go(who, await relyingPartyOf(server, app), asked)).page)).toMatchObject({
        error: 'invalid_request',
        error_description: expect.stringMatching(sentence),
      })
  })

  it('a user of a tenant that the app does not serve is asked to sign in at another', async () => {
    const spa = await relyingPartyOf(server, 'spa')
    const { browser } = await newSignIn(server, spa, { tenant: 'beta' })
    const { page } = await go(browser, await relyingPartyOf(server, 'intranet'))
    expect(page.url.pathname).toBe('/login')
    expect(page.body).toContain('Acme')
  })

  it('login_hint selects the connection of its domain, provider the one it names', async () => {
    const atHint = await go(new TestBrowser(server), shop, { login_hint: 'ada@okta.example' }).then(({ page }) => page)
    expect(atHint.url.origin).toBe(new URL(server.okta.issuer).origin)
    const named = await go(new TestBrowser(server), shop, { tenant: 'acme', provider: 'okta' }).then(({ page }) => page)
    expect(named.url.origin).toBe(new URL(server.okta.issuer).origin)
  })

  it('provider names the password: the page asks only for the email, and the app gets its response', async () => {
    const browser = new TestBrowser(server)
    const person = await addUser(server)
    const { begun, page } = await go(browser, shop, { tenant: 'acme', provider: 'password' })
    expect(page.body).toMatch(/<input type="email" id="email"[^>]* autofocus/)
    expect(page.body).toContain('Other ways to sign in')
    expect(page.body, 'no button beside the form').not.toContain('class="connections"')
    const answer = await signIn(browser, page, person, shopOrigin)
    await redeem(shop, begun, (await allow(browser, answer, shopOrigin)).url)
  })

  it('login_hint of a user with a password prefills the form', async () => {
    const { page } = await go(new TestBrowser(server), shop, { tenant: 'acme', login_hint: 'someone@mail.test' })
    expect(page.body).toContain('value="someone@mail.test"')
  })

  it('acr_values that the sign-in does not meet: asks once more, then returns the acr achieved', async () => {
    const { browser, person } = await newSignIn(server, shop)
    const { begun, page } = await go(browser, shop, { acr_values: 'urn:gold' })
    expect(page.url.pathname).toBe('/login')
    const answer = await signIn(browser, page, person, shopOrigin)
    expect((await redeem(shop, begun, answer.url)).claims()?.['acr']).not.toBe('urn:gold')
    const silent = await go(browser, shop, { acr_values: 'urn:gold', prompt: 'none' })
    await redeem(shop, silent.begun, silent.page.url)
  })

  it('an essential acr that the sign-in does not meet: asks once more, then returns an error', async () => {
    const { browser, person } = await newSignIn(server, shop)
    const acr = (essential: boolean) => JSON.stringify({ id_token: { acr: { essential, values: ['urn:gold'] } } })
    const { page } = await go(browser, shop, { claims: acr(true) })
    expect(page.url.pathname).toBe('/login')
    const answer = stated(await signIn(browser, page, person, shopOrigin))
    expect(answer).toMatchObject({ error: 'unmet_authentication_requirements' })
    expect(answer['error_description']).toContain('acr: expected one of urn:gold')
    const requested = await go(browser, shop, { claims: acr(false) })
    const upstreamRequests = await signIn(browser, requested.page, person, shopOrigin)
    await redeem(shop, requested.begun, upstreamRequests.url)
  })
})
