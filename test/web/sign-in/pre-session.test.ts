/** What only looking at our pages leaves behind, and what it takes to begin a login. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linkOn, type Page, TestBrowser, unescaped } from '../../support/browser/test-browser.ts'
import { appLogin, portal, portalYaml, postForm } from '../../support/gatehouse/connections.ts'
import { appOrigin, people } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse

/**
 * Each group has its own server: traces and audit events of an earlier group would be written
 * during its count.
 */
function startServer() {
  beforeAll(async () => {
    server = await startTestGatehouse({ settings: portalYaml })
  })
  afterAll(() => server.stop())
}

/** Rows of every table of the embedded store, by its name. */
function rows(): Record<string, unknown> {
  const database = new DatabaseSync(join(server.folder, 'gatehouse.db'), { readOnly: true })
  try {
    const tables = database.prepare("select name from sqlite_master where type = 'table'").all()
    return Object.fromEntries(
      tables.map(({ name }) => [String(name), database.prepare(`select count(*) as n from "${name}"`).get()?.['n']]),
    )
  } finally {
    database.close()
  }
}

const fromElsewhere = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
const isAtOkta = ({ headers }: Page) => String(headers.location).startsWith(server.okta.issuer)

describe('a plain GET of a page', () => {
  startServer()

  it('A13: stores nothing, 3,000 times', async () => {
    expect((await new TestBrowser(server).ask('/oauth2/jwks')).status).toBe(200) // makes the keys
    const before = rows()
    const pages = [
      '/login?tenant=acme',
      '/login',
      '/sign-up?tenant=acme',
      '/forgot?tenant=acme',
      '/account',
      '/developer',
    ]
    for (let round = 0; round < 30; round += 1)
      await Promise.all(
        Array.from({ length: 100 }, (_, turn) => new TestBrowser(server).ask(pages[turn % pages.length] ?? '/login')),
      )
    expect(rows()).toEqual(before)
  })

  it('A13: sets a cookie that binds the following login to the browser, in tabs and forms too', async () => {
    const browser = new TestBrowser(server)
    const login = await browser.open('/login?tenant=acme')
    expect(browser.jar.find('gatehouse_pre_session')).toBeDefined()
    const tabs = [await browser.click(login, 'Okta'), await browser.click(login, 'Okta')]
    for (const tab of tabs) expect((await browser.click(tab, people.ada.name)).url.pathname).toBe('/account')

    const answer = await browser.click(
      await browser.open('/t/acme/okta/start?prompt=login'),
      people.ada.name,
      'https://login.gatehouse.test/t/acme/okta/callback',
    )
    const other = new TestBrowser(server)
    await other.open('/login?tenant=acme')
    expect((await other.open(answer.url)).status).toBe(400)
  })

  it('A13: a wrong password without a cookie leaves no browser record', async () => {
    const { browsers } = rows()
    const form = { tenant: 'acme', email: 'stranger@mail.test', password: 'a wrong password' }
    for (let turn = 0; turn < 8; turn += 1)
      expect((await postForm(new TestBrowser(server), '/login', form)).status).toBeGreaterThanOrEqual(400)
    expect(rows()['browsers']).toEqual(browsers)
  })

  it('A13: a foreign ID counts as none', async () => {
    const browser = new TestBrowser(server)
    const headers = { cookie: '__Host-gatehouse_pre_session=forged' }
    const page = await browser.ask('/login?tenant=acme', { headers })
    expect(page.headers['set-cookie']?.join()).toContain('__Host-gatehouse_pre_session=')
  })
})

describe('a login started by a link of another site', () => {
  startServer()

  it('V2: waits for a click on our page, which names tenant and connection, and stores nothing before', async () => {
    const browser = new TestBrowser(server)
    const before = rows()
    const path = '/t/acme/okta/start?return_to=%2Faccount%3Ftab%3Done&login_hint=ada%40okta.example'
    const page = await browser.ask(path, { headers: fromElsewhere })
    expect([page.status, page.headers.location, page.headers['set-cookie']]).toEqual([200, undefined, undefined])
    expect(unescaped(page.body)).toContain('Sign in to Acme?')
    expect(rows()).toEqual(before)
    const href = linkOn(page, 'Continue with Okta')
    expect(href).toBe(path)
    const begun = await browser.ask(href, { headers: { 'sec-fetch-site': 'same-origin' } })
    expect(isAtOkta(begun)).toBe(true)
    const endSession = await browser.click(await browser.open(String(begun.headers.location)), people.ada.name)
    expect(endSession.url.pathname + endSession.url.search).toBe('/account?tab=one')
  })

  it.each([
    ['typed or from a bookmark', { 'sec-fetch-site': 'none' }],
    ['of our own page', { 'sec-fetch-site': 'same-origin' }],
    ['of an app on our site', { 'sec-fetch-site': 'same-site' }],
    ['of a program that says nothing', {}],
    ['of an app on our site, in an old browser', { referer: `${appOrigin}/x` }],
  ])('V2: a URL %s starts at once', async (_, headers) => {
    expect(isAtOkta(await new TestBrowser(server).ask('/t/acme/okta/start', { headers }))).toBe(true)
  })

  it('V2: waits in an old browser too, if Referer names the other site', async () => {
    const page = await new TestBrowser(server).ask('/t/acme/okta/start', { headers: { referer: 'https://evil.test/' } })
    expect([page.status, page.headers.location]).toEqual([200, undefined])
  })

  it('V2: rejects an invalid return URL or connection at once', async () => {
    for (const [path, status] of [
      ['/t/acme/okta/start?return_to=https://evil.test/', 400],
      ['/t/acme/nothing/start', 404],
      ['/t/nobody/okta/start', 404],
    ] as const)
      expect((await new TestBrowser(server).ask(path, { headers: fromElsewhere })).status).toBe(status)
  })

  it('V2: an app on another site reaches the requested connection directly by /oauth2/auth', async () => {
    const browser = new TestBrowser(server)
    const asked = await browser.ask(appLogin({ provider: 'okta' }).path, { headers: fromElsewhere })
    const begun = await browser.ask(String(asked.headers.location), { headers: fromElsewhere })
    expect(isAtOkta(begun)).toBe(true)
    const endSession = await browser.click(
      await browser.open(String(begun.headers.location)),
      people.ada.name,
      portal.redirectUri,
    )
    expect(endSession.url.searchParams.get('code')).not.toBeNull()
  })

  it('V2: a password form from another site is rejected', async () => {
    const form = { tenant: 'acme', email: 'a@mail.test', password: 'whatever it is' }
    const browser = new TestBrowser(server)
    expect((await postForm(browser, '/login', form)).status).not.toBe(403)
    expect((await browser.ask('/login', { method: 'POST', form, headers: fromElsewhere })).status).toBe(403)
  })

  it("V2: IdP-initiated login starts at once from the identity provider's pages, and after a click from elsewhere", async () => {
    const path = `/t/acme/okta/initiate?iss=${encodeURIComponent(server.okta.issuer)}`
    const from = (referer: string) => new TestBrowser(server).ask(path, { headers: { ...fromElsewhere, referer } })
    expect(isAtOkta(await from(`${new URL(server.okta.issuer).origin}/dashboard`))).toBe(true)
    for (const referer of ['https://evil.test/', 'http://localhost.evil.test/']) {
      const page = await from(referer)
      expect([page.status, page.headers.location]).toEqual([200, undefined])
      expect(linkOn(page, 'Continue with Okta')).toBe('/t/acme/okta/start')
    }
    expect(isAtOkta(await new TestBrowser(server).ask(path))).toBe(true)
  })
})
