/** What an app may say about who should sign in, how, and how lately; and that it is done. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Page, TestBrowser } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  allow,
  begin,
  enrolPerson,
  newSignIn,
  type Person,
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

const stated = (page: Page) => Object.fromEntries(page.url.searchParams)

async function go(browser: TestBrowser, relyingParty: RelyingParty, more: Readonly<Record<string, string>> = {}) {
  const begun = await begin(relyingParty, more)
  return { begun, page: await browser.open(begun.url, relyingParty.redirectUri) }
}

/** As at an upstream that asks nobody who signed in there an hour ago, for whoever took `prompt=login` from the link to it. */
async function signInSilently(browser: TestBrowser, page: Page, person: Person): Promise<Page> {
  const { sessions } = server.core.parts
  const { put } = sessions
  const hourAgo = vi.spyOn(sessions, 'put').mockImplementationOnce((session, ...origin) => {
    return put({ ...session, authenticatedAt: new Date(session.createdAt.getTime() - 3_600_000) }, ...origin)
  })
  const next = await signIn(browser, page, person, shopOrigin)
  hourAgo.mockRestore()
  return next
}

describe('prompt', () => {
  it('OP-30 none, with nobody signed in: the app is told, with its state, and nobody sees a page', async () => {
    const { begun, page } = await go(new TestBrowser(server), shop, { prompt: 'none' })
    expect(stated(page)).toMatchObject({ error: 'login_required', state: begun.state, iss: publicOrigin })
  })

  it('OP-30+ none, with someone who agreed before: the answer comes at once', async () => {
    const { browser } = await newSignIn(server, shop)
    const { begun, page } = await go(browser, shop, { prompt: 'none' })
    expect((await redeem(shop, begun, page.url)).claims()?.['tenant']).toBe('acme')
  })

  it('none, for what nobody agreed to: consent_required', async () => {
    const { browser } = await newSignIn(server, shop)
    const { page } = await go(browser, shop, { prompt: 'none', scope: 'openid email profile' })
    expect(stated(page)).toMatchObject({ error: 'consent_required' })
  })

  it('OP-30 login: whoever is signed in does it again, and auth_time moves', async () => {
    const { browser, person, begun, answer } = await newSignIn(server, shop)
    const before = (await redeem(shop, begun, answer)).claims()
    server.clock.forward(30)
    const again = await go(browser, shop, { prompt: 'login' })
    expect(again.page.url.pathname).toBe('/login')
    // going back to where the request waits does not help
    const pending = String(new URLSearchParams(again.page.url.search).get('return_to'))
    expect((await browser.open(pending)).url.pathname).toBe('/login')
    const page = await signIn(browser, again.page, person, shopOrigin)
    const after = (await redeem(shop, again.begun, page.url)).claims()
    expect(after?.sub).toBe(before?.sub)
    expect(Number(after?.['auth_time'])).toBeGreaterThanOrEqual(Number(before?.['auth_time']) + 30)
  })

  it('consent: asked once more, though it was given', async () => {
    const { browser } = await newSignIn(server, shop)
    const { begun, page } = await go(browser, shop, { prompt: 'consent' })
    expect(page.url.pathname).toMatch(/^\/consent\//)
    const answer = await allow(browser, page, shopOrigin)
    await redeem(shop, begun, answer.url)
  })

  it('select_account: the person says as whom to go on', async () => {
    const { browser, person } = await newSignIn(server, shop)
    const { begun, page } = await go(browser, shop, { prompt: 'select_account' })
    expect(page.body).toContain(person.email)
    await redeem(shop, begun, (await allow(browser, page, shopOrigin)).url)
  })

  it('select_account: or as somebody else', async () => {
    const { browser } = await newSignIn(server, shop)
    const other = await enrolPerson(server)
    const { begun, page } = await go(browser, shop, { prompt: 'select_account' })
    const asked = await browser.click(page, 'Use another account')
    const consent = await signIn(browser, asked, other, shopOrigin)
    const answer = await allow(browser, consent, shopOrigin)
    expect((await redeem(shop, begun, answer.url)).claims()?.['email']).toBe(other.email)
  })
})

describe('how lately', () => {
  it('OP-30 max_age asks again when the sign-in is older', async () => {
    const { browser, person } = await newSignIn(server, shop)
    server.clock.forward(120)
    expect((await go(browser, shop, { max_age: '3600' })).page.url.origin).toBe(shopOrigin)
    const { begun, page } = await go(browser, shop, { max_age: '60' })
    expect(page.url.pathname).toBe('/login')
    const answer = await signIn(browser, page, person, shopOrigin)
    const tokens = await redeem(shop, begun, answer.url)
    expect(tokens.claims()?.['auth_time']).toBeDefined()
  })

  it.each([{ prompt: 'login' }, { max_age: '60' }])(
    '%o: the gate is told to ask, also when nobody is signed in yet',
    async (asked) => {
      const begun = await begin(shop, { tenant: 'acme', provider: 'okta', ...asked })
      const page = await new TestBrowser(server).open(begun.url, new URL(server.okta.issuer).origin)
      expect(page.url.searchParams.get('prompt')).toBe('login')
    },
  )

  it.each([{ prompt: 'login' }, { max_age: '60' }])(
    '%o: a new session of an old sign-in leads back to the login, and the second time the app is told',
    async (asked) => {
      const browser = new TestBrowser(server)
      const person = await enrolPerson(server)
      const { page } = await go(browser, shop, { tenant: 'acme', ...asked })
      const again = await signInSilently(browser, page, person)
      expect(again.url.pathname).toBe('/login')
      expect(again.url.searchParams.get('prompt')).toBe('login')
      const answer = stated(await signInSilently(browser, again, person))
      expect(answer).toMatchObject({ error: 'login_required' })
      expect(answer['error_description']).toContain('did not ask again')
    },
  )

  it('max_age: a sign-in at the gate that is as young as that will do', async () => {
    const browser = new TestBrowser(server)
    const person = await enrolPerson(server)
    const { begun, page } = await go(browser, shop, { tenant: 'acme', max_age: '7200' })
    const consent = await signInSilently(browser, page, person)
    await redeem(shop, begun, (await allow(browser, consent, shopOrigin)).url)
  })

  it('max_age=0 is prompt=login', async () => {
    const { browser } = await newSignIn(server, shop)
    expect((await go(browser, shop, { max_age: '0' })).page.url.pathname).toBe('/login')
  })
})

describe('who', () => {
  it('OP-30 id_token_hint of somebody else: asked to sign in; with prompt=none the app is told', async () => {
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

  it('tenant: someone of another organization signs in there', async () => {
    const { browser } = await newSignIn(server, shop)
    const person = await enrolPerson(server, 'beta')
    const { begun, page } = await go(browser, shop, { tenant: 'beta' })
    expect(page.body).toContain('Beta')
    const answer = await allow(browser, await signIn(browser, page, person, shopOrigin), shopOrigin)
    expect((await redeem(shop, begun, answer.url)).claims()).toMatchObject({ tenant: 'beta', email: person.email })
  })

  it('tenant the app does not serve: it is told which it may', async () => {
    const { page } = await go(new TestBrowser(server), await relyingPartyOf(server, 'intranet'), { tenant: 'beta' })
    expect(stated(page)).toMatchObject({
      error: 'unauthorized_client',
      error_description: 'tenant: expected acme, got beta',
    })
  })

  it('no tenant: of several organizations the person chooses, with no word to the app, and signs in there', async () => {
    const person = await enrolPerson(server, 'beta')
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
    ['spa', { tenant: 'nobody' }, /^tenant: expected the id of one, got nobody$/],
    ['spa', { provider: 'nowhere' }, /^provider: expected the id of a connection, got nowhere$/],
  ])('%s with %j hears at once that there is none', async (app, asked, sentence) => {
    const { browser } = await newSignIn(server, await relyingPartyOf(server, 'spa'), { tenant: 'acme' })
    for (const who of [new TestBrowser(server), browser])
      expect(stated((await go(who, await relyingPartyOf(server, app), asked)).page)).toMatchObject({
        error: 'invalid_request',
        error_description: expect.stringMatching(sentence),
      })
  })

  it('someone of an organization the app does not serve is asked to sign in at one it does', async () => {
    const spa = await relyingPartyOf(server, 'spa')
    const { browser } = await newSignIn(server, spa, { tenant: 'beta' })
    const { page } = await go(browser, await relyingPartyOf(server, 'intranet'))
    expect(page.url.pathname).toBe('/login')
    expect(page.body).toContain('Acme')
  })

  it('login_hint leads to the gate of its domain, provider to the gate it names', async () => {
    const atHint = await go(new TestBrowser(server), shop, { login_hint: 'ada@okta.example' }).then(({ page }) => page)
    expect(atHint.url.origin).toBe(new URL(server.okta.issuer).origin)
    const named = await go(new TestBrowser(server), shop, { tenant: 'acme', provider: 'okta' }).then(({ page }) => page)
    expect(named.url.origin).toBe(new URL(server.okta.issuer).origin)
  })

  it('login_hint of someone with a password stands in the form', async () => {
    const { page } = await go(new TestBrowser(server), shop, { tenant: 'acme', login_hint: 'someone@mail.test' })
    expect(page.body).toContain('value="someone@mail.test"')
  })

  it('acr_values that this sign-in cannot reach: asked once more, then the app is told what there was', async () => {
    const { browser, person } = await newSignIn(server, shop)
    const { begun, page } = await go(browser, shop, { acr_values: 'urn:gold' })
    expect(page.url.pathname).toBe('/login')
    const answer = await signIn(browser, page, person, shopOrigin)
    expect((await redeem(shop, begun, answer.url)).claims()?.['acr']).not.toBe('urn:gold')
    const silent = await go(browser, shop, { acr_values: 'urn:gold', prompt: 'none' })
    await redeem(shop, silent.begun, silent.page.url)
  })

  it('an essential acr that this sign-in cannot reach: asked once more, then the app is refused', async () => {
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

describe('other ways to ask', () => {
  it('a pushed request works once', async () => {
    const browser = new TestBrowser(server)
    const person = await enrolPerson(server)
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

  it('a request in a form is taken as a link, which brings the cookies of who is signed in', async () => {
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

  it('someone whom the request did not see, since no cookie came with it, is not asked for ever nor believed anew', async () => {
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

  it('form_post: the answer comes as a form, under a policy that lets it go there alone', async () => {
    const { browser } = await newSignIn(server, shop)
    const { begun, page } = await go(browser, shop, { response_mode: 'form_post' })
    expect(page.headers['content-security-policy']).toContain('form-action https://shop.test')
    expect(page.body).toMatch(/action="https:\/\/shop\.test\/callback"/)
    const code = /name="code" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
    const answer = new URL(`${shopCallback}?${new URLSearchParams({ code, state: begun.state, iss: publicOrigin })}`)
    await redeem(shop, begun, answer)
  })

  it('the claims parameter gets single claims, after consent to them', async () => {
    const browser = new TestBrowser(server)
    const person = await enrolPerson(server)
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
  ])('OP-53 a claims parameter with %s does no harm', async (_what, claims) => {
    const { browser } = await newSignIn(server, shop)
    const { page } = await go(browser, shop, { claims })
    expect([0, 200, 400]).toContain(page.status)
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
  })

  it('OP-53 100 kB of state, a 64 kB cookie and bad %-encoding do no harm', async () => {
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
  it('two that sign in to one app at once both get there', async () => {
    const { browser } = await newSignIn(server, shop)
    const intranet = await relyingPartyOf(server, 'intranet')
    const both = await Promise.all([go(browser, intranet), go(browser, intranet)])
    for (const { begun, page } of both) await redeem(intranet, begun, page.url)
  })

  it('an interaction is of one browser, and is over once', async () => {
    const browser = new TestBrowser(server)
    const person = await enrolPerson(server)
    const { page } = await go(browser, shop, { tenant: 'acme' })
    const consent = await signIn(browser, page, person, shopOrigin)
    expect((await new TestBrowser(server).open(consent.url)).status).toBe(400)
    await allow(browser, consent, shopOrigin)
    const stale = await browser.submit(consent, consent.url.pathname, { answer: 'yes' })
    expect(stale.status).toBe(400)
    expect(stale.body).toContain('Go back to the app')
  })
})
