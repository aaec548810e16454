/** OP-30: a user removes the request for a new sign-in from the URLs on the way. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Page, TestBrowser } from '../../support/browser/test-browser.ts'
import { type BrandUpstreams, gus, lin, startBrandUpstreams } from '../../support/gatehouse/brand-upstreams.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import {
  allow,
  begin,
  type RelyingParty,
  redeem,
  relyingPartyOf,
  shopOrigin,
} from '../../support/oidc/relying-parties.ts'

let connections: BrandUpstreams
let shop: RelyingParty
beforeAll(async () => {
  connections = await startBrandUpstreams()
  shop = await relyingPartyOf(connections.server, 'shop')
})
afterAll(() => connections.stop())
beforeEach(() => {
  connections.google.reset()
  connections.linkedin.reset()
})

const stated = (page: Page) => Object.fromEntries(page.url.searchParams)
const startOf = (connection: string) => `${publicOrigin}/t/acme/${connection}/start`

/** Stops at the start link of the connection. */
async function ask(browser: TestBrowser, connection: string, requested: Readonly<Record<string, string>>) {
  const begun = await begin(shop, { tenant: 'acme', provider: connection, ...requested })
  const page = await browser.open(begun.url, startOf(connection))
  expect(page.url.searchParams.get('prompt')).toBe('login')
  return { begun, page }
}

function stripped({ url }: Page): URL {
  const link = new URL(url)
  link.searchParams.delete('prompt')
  return link
}

/** Signs in by this link; what the app is told. */
async function signInBy(browser: TestBrowser, link: URL, name: string): Promise<Page> {
  const back = await browser.click(await browser.open(link), name, `${publicOrigin}/consent/`)
  return browser.open(back.url, shopOrigin)
}

const requests = [{ prompt: 'login' }, { max_age: '3600' }]

describe.each([
  ['google', gus.name],
  ['linkedin', lin.name],
])('OP-30 a start link of %s', (connection, name) => {
  it.each(requests)('without the prompt=login of %o opens no new sign-in: returns an error', async (requested) => {
    const browser = new TestBrowser(connections.server)
    const { begun, page } = await ask(browser, connection, requested)
    const end = await signInBy(browser, stripped(page), name)
    expect(stated(end)).toMatchObject({ error: 'login_required', state: begun.state })
    expect(stated(end)['error_description']).toContain('does not say when the user signed in')
  })
})

describe('OP-30 a new sign-in for an app', () => {
  it.each(requests)('counts at Google, which asserts auth_time (%o)', async (requested) => {
    const browser = new TestBrowser(connections.server)
    const { begun, page } = await ask(browser, 'google', requested)
    const consent = await browser.click(await browser.open(page.url), gus.name, shopOrigin)
    const answer = consent.status === 0 ? consent : await allow(browser, consent, shopOrigin)
    expect((await redeem(shop, begun, answer.url)).claims()?.['auth_time']).toBeGreaterThan(Date.now() / 1000 - 60)
  })

  it('does not count at Google if the parameter is removed from the URL of Google', async () => {
    const browser = new TestBrowser(connections.server)
    const { begun, page } = await ask(browser, 'google', { prompt: 'login' })
    const google = (await browser.open(page.url, connections.google.endpoints.authorization)).url
    for (const name of ['prompt', 'max_age', 'claims']) google.searchParams.delete(name)
    const end = await signInBy(browser, google, gus.name)
    expect(stated(end)).toMatchObject({ error: 'login_required', state: begun.state })
  })

  it('does not count at LinkedIn, which cannot force a sign-in: returns an error', async () => {
    const browser = new TestBrowser(connections.server)
    const { begun, page } = await ask(browser, 'linkedin', { prompt: 'login' })
    const end = await signInBy(browser, page.url, lin.name)
    expect(stated(end)).toMatchObject({ error: 'login_required', state: begun.state })
  })

  it('is required by max_age after a recent LinkedIn sign-in, and no unasserted auth_time is released', async () => {
    const browser = new TestBrowser(connections.server)
    const claims = JSON.stringify({ id_token: { auth_time: null } })
    const begun = await begin(shop, { tenant: 'acme', provider: 'linkedin', claims })
    const consent = await browser.click(await browser.open(begun.url), lin.name, shopOrigin)
    const answer = consent.status === 0 ? consent : await allow(browser, consent, shopOrigin)
    expect((await redeem(shop, begun, answer.url)).claims()?.['auth_time']).toBeUndefined()
    await ask(browser, 'linkedin', { max_age: '3600' })
    const silent = await browser.open((await begin(shop, { max_age: '3600', prompt: 'none' })).url, shopOrigin)
    expect(stated(silent)).toMatchObject({ error: 'login_required' })
  })
})
