/** Apps that request or require a second factor: acr_values, the claim acr, and `mfa: required`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linkOn, type Page, type TestBrowser } from '../../support/browser/test-browser.ts'
import { addTotp } from '../../support/gatehouse/second-factors.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import {
  begin,
  newSignIn,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'

const path = '/login/second-factor'
const mfa = 'urn:gatehouse:acr:mfa'
const pape = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor'

let server: TestGatehouse
let shop: RelyingParty
let vault: RelyingParty
beforeAll(async () => {
  server = await startProviderServer()
  shop = await relyingPartyOf(server, 'shop')
  vault = await relyingPartyOf(server, 'vault')
})
afterAll(() => server.stop())

const stated = (page: Page) => Object.fromEntries(page.url.searchParams)
const essential = (values: readonly string[]) => JSON.stringify({ id_token: { acr: { essential: true, values } } })

async function go(browser: TestBrowser, relyingParty: RelyingParty, more: Readonly<Record<string, string>> = {}) {
  const begun = await begin(relyingParty, more)
  return { begun, page: await browser.open(begun.url, relyingParty.redirectUri) }
}

/** Signed in at the shop by the password alone; then they set up an authenticator app. */
async function signedInByPassword() {
  const { browser, person } = await newSignIn(server, shop)
  return { browser, person, factor: await addTotp(server, person.email) }
}

describe('a request for a level', () => {
  it.each([
    ['acr_values', { acr_values: mfa }, mfa],
    ['the alias of PAPE', { acr_values: `urn:gold ${pape}` }, pape],
    ['an essential claim acr', { claims: essential([mfa]) }, mfa],
  ])('%s: raises the level of the same session, with a new token (SE-01)', async (_, request, acr) => {
    const { browser, factor } = await signedInByPassword()
    const before = await server.core.parts.sessions.list('acme', factor.user.userId)
    const { begun, page } = await go(browser, shop, request)
    expect(page.url.pathname).toBe(path)
    const answer = await browser.submit(page, path, { code: factor.nextCode() }, shop.redirectUri)
    const tokens = await redeem(shop, begun, answer.url)
    expect(tokens.claims()).toMatchObject({ acr, amr: ['pwd', 'otp', 'mfa'] })
    const after = await server.core.parts.sessions.list('acme', factor.user.userId)
    expect(after).toHaveLength(before.length)
    expect(after.map(({ id }) => id)).not.toEqual(before.map(({ id }) => id))
    expect(after[0]?.authenticatedAt).toEqual(before[0]?.authenticatedAt)
    // and it is not asked again
    const again = await go(browser, shop, request)
    expect((await redeem(shop, again.begun, again.page.url)).claims()?.['acr']).toBe(acr)
  })

  it('voluntary: the user may continue without, once, and the app gets the acr achieved', async () => {
    const { browser } = await signedInByPassword()
    const { begun, page } = await go(browser, shop, { acr_values: mfa })
    const answer = await browser.click(page, 'Continue without it', shop.redirectUri)
    expect((await redeem(shop, begun, answer.url)).claims()?.['acr']).toBeUndefined()
  })

  it('essential: a user who cancels returns to the app with an error', async () => {
    const { browser } = await signedInByPassword()
    const { page } = await go(browser, shop, { claims: essential([mfa]) })
    expect(linkOn(page, 'Cancel')).toContain('refused=unmet_authentication_requirements')
    const answer = await browser.click(page, 'Cancel', shop.redirectUri)
    expect(stated(answer)).toMatchObject({ error: 'unmet_authentication_requirements' })
    const { pathname } = page.url
    expect(pathname).toBe(path)
  })

  it('MF-04 essential: the page cannot be declined by its address', async () => {
    const { browser } = await signedInByPassword()
    const { page } = await go(browser, shop, { claims: essential([mfa]) })
    const consent = new URL(page.url.searchParams.get('return_to') ?? '', page.url)
    consent.searchParams.set('declined', '1')
    expect((await browser.open(consent, shop.redirectUri)).url.pathname).toBe(path)
  })

  it('prompt=none: login_required where it is essential, and the acr achieved where not', async () => {
    const { browser } = await signedInByPassword()
    const required = await go(browser, shop, { claims: essential([mfa]), prompt: 'none' })
    expect(stated(required.page)).toMatchObject({ error: 'login_required' })
    const { begun, page } = await go(browser, shop, { acr_values: mfa, prompt: 'none' })
    expect((await redeem(shop, begun, page.url)).claims()?.['acr']).toBeUndefined()
  })

  it('max_age asks for the password again, not for a factor', async () => {
    const { browser } = await newSignIn(server, shop)
    server.clock.forward(60)
    const { page } = await go(browser, shop, { max_age: '30' })
    expect(page.url.pathname).toBe('/login')
  })
})

describe('an app with mfa: required', () => {
  it('MF-04 gets no code without the factor, and one with it', async () => {
    const { browser, factor } = await signedInByPassword()
    const { begun, page } = await go(browser, vault)
    expect(page.url.pathname).toBe(path)
    expect(page.body).toContain('Vault</strong> asks for a second factor')
    expect(stated((await go(browser, vault, { prompt: 'none' })).page)).toMatchObject({ error: 'login_required' })
    const answer = await browser.submit(page, path, { code: factor.nextCode() }, vault.redirectUri)
    expect((await redeem(vault, begun, answer.url)).claims()).toMatchObject({ acr: mfa })
  })
})

it('discovery names the values', () => {
  expect(shop.config.serverMetadata().acr_values_supported).toEqual([mfa, 'urn:gatehouse:acr:phr', pape, 'phr'])
})
