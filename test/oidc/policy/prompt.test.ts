/** `prompt` and `max_age` at the authorization endpoint. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Page, TestBrowser } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  addUser,
  allow,
  begin,
  newSignIn,
  type Person,
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

/** Signs in at an upstream that asks for no credentials, an hour after the last sign-in there. */
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
  it('OP-30 none without a session: returns an error with the state, without a page', async () => {
    const { begun, page } = await go(new TestBrowser(server), shop, { prompt: 'none' })
    expect(stated(page)).toMatchObject({ error: 'login_required', state: begun.state, iss: publicOrigin })
  })

  it('OP-30+ none with earlier consent: returns a code at once', async () => {
    const { browser } = await newSignIn(server, shop)
    const { begun, page } = await go(browser, shop, { prompt: 'none' })
    expect((await redeem(shop, begun, page.url)).claims()?.['tenant']).toBe('acme')
  })

  it('none without consent: returns consent_required', async () => {
    const { browser } = await newSignIn(server, shop)
    const { page } = await go(browser, shop, { prompt: 'none', scope: 'openid email profile' })
    expect(stated(page)).toMatchObject({ error: 'consent_required' })
  })

  it('OP-30 login: a signed-in user signs in again with a new auth_time', async () => {
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

  it('consent: asks again despite an earlier consent', async () => {
    const { browser } = await newSignIn(server, shop)
    const { begun, page } = await go(browser, shop, { prompt: 'consent' })
    expect(page.url.pathname).toMatch(/^\/consent\//)
    const answer = await allow(browser, page, shopOrigin)
    await redeem(shop, begun, answer.url)
  })

  it('select_account: the user chooses the current account', async () => {
    const { browser, person } = await newSignIn(server, shop)
    const { begun, page } = await go(browser, shop, { prompt: 'select_account' })
    expect(page.body).toContain(person.email)
    await redeem(shop, begun, (await allow(browser, page, shopOrigin)).url)
  })

  it('select_account: the user chooses another account', async () => {
    const { browser } = await newSignIn(server, shop)
    const other = await addUser(server)
    const { begun, page } = await go(browser, shop, { prompt: 'select_account' })
    const asked = await browser.click(page, 'Use another account')
    const consent = await signIn(browser, asked, other, shopOrigin)
    const answer = await allow(browser, consent, shopOrigin)
    expect((await redeem(shop, begun, answer.url)).claims()?.['email']).toBe(other.email)
  })
})

describe('the age of the sign-in', () => {
  it('OP-30 max_age asks again if the sign-in is older', async () => {
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
    '%o: the upstream must ask for credentials, even without a session',
    async (asked) => {
      const begun = await begin(shop, { tenant: 'acme', provider: 'okta', ...asked })
      const page = await new TestBrowser(server).open(begun.url, new URL(server.okta.issuer).origin)
      expect(page.url.searchParams.get('prompt')).toBe('login')
    },
  )

  it.each([{ prompt: 'login' }, { max_age: '60' }])(
    '%o: a new session with an old sign-in leads back to the login, then to an error',
    async (asked) => {
      const browser = new TestBrowser(server)
      const person = await addUser(server)
      const { page } = await go(browser, shop, { tenant: 'acme', ...asked })
      const again = await signInSilently(browser, page, person)
      expect(again.url.pathname).toBe('/login')
      expect(again.url.searchParams.get('prompt')).toBe('login')
      const answer = stated(await signInSilently(browser, again, person))
      expect(answer).toMatchObject({ error: 'login_required' })
      expect(answer['error_description']).toContain('did not ask again')
    },
  )

  it('max_age: a recent enough sign-in at the upstream is accepted', async () => {
    const browser = new TestBrowser(server)
    const person = await addUser(server)
    const { begun, page } = await go(browser, shop, { tenant: 'acme', max_age: '7200' })
    const consent = await signInSilently(browser, page, person)
    await redeem(shop, begun, (await allow(browser, consent, shopOrigin)).url)
  })

  it('max_age=0 is prompt=login', async () => {
    const { browser } = await newSignIn(server, shop)
    expect((await go(browser, shop, { max_age: '0' })).page.url.pathname).toBe('/login')
  })
})
