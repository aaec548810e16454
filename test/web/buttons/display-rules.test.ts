/** `browsers` and `hidden`: buttons and email routing follow them, direct links do not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { api, browserOf, postForm } from '../../support/gatehouse/connections.ts'
import { acmeYaml, oktaFor } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const safari =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15'
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'
const chromeHints = '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"'

const client = 'clientId: gatehouse, clientSecret: canary-client-secret-of-acme'
const ruled = (okta: string, domain: string) => `tenant: ruled
name: Ruled
connections:
  google: { ${client} }
  wallet: { kind: linkedin, ${client}, browsers: [safari], domains: [${domain}] }
  partners: { kind: oidc, issuer: '${okta}', ${client}, hidden: true, domains: [partners.test, ${domain}] }
  staff: { kind: okta, issuer: '${okta}', ${client}, browsers: [firefox, chrome], domains: [${domain}] }
  password: {}
`

const shop = `apps:
  shop: { name: Shop, kind: single-page, redirectUris: ['https://shop.test/back'], tenants: [ruled] }
`

let server: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = { 'acme.yaml': acmeYaml(okta), 'ruled.yaml': ruled(okta.issuer, 'staff.test') }
  server = await startTestGatehouse({ okta, tenants, settings: shop })
})
afterAll(async () => {
  await server.stop()
  await server.okta.close()
})

const get = (path: string, agent: string, more = {}) => api(server, path, { headers: { 'user-agent': agent, ...more } })
const shown = (html: string) => [...html.matchAll(/href="\/t\/ruled\/(\w+)\/start/g)].map(([, id]) => id)
const listed = (body: string) => JSON.parse(body).buttons.map(({ connection }: { connection: string }) => connection)

/** Where an email leads: a connection, or the password step. */
async function routeOf(email: string, agent: string): Promise<string | undefined> {
  const form = { tenant: 'ruled', email }
  const headers = { origin: 'null', 'sec-fetch-site': 'same-origin', 'user-agent': agent }
  const page = await new TestBrowser(server).ask('/login', { method: 'POST', form, headers })
  if (page.body.includes('name="password"')) return 'password'
  return /\/t\/ruled\/(\w+)\/start/.exec(`${page.headers['location']} ${page.body}`)?.[1]
}

describe('a connection for some browsers', () => {
  it.each([
    ['Safari', safari, {}, ['google', 'wallet']],
    ['Firefox', firefox, {}, ['google', 'staff']],
    ['Chrome, by its hints', safari, { 'sec-ch-ua': chromeHints }, ['google', 'staff']],
    ['a program', 'curl/8.5.0', {}, ['google']],
  ])('has its button on the sign-in page and in /buttons.json: %s', async (_, agent, hints, expected) => {
    const page = await get('/login?tenant=ruled', agent, hints)
    expect(shown(page.body)).toEqual(expected)
    const list = await get('/buttons.json?tenant=ruled', agent, hints)
    expect(listed(list.body)).toEqual([...expected, 'password'])
    for (const { headers } of [page, list]) expect(headers['vary']).toBe('Sec-CH-UA, User-Agent')
  })

  it('gets the emails of its domains in these browsers', async () => {
    expect(await routeOf('ada@staff.test', safari)).toBe('wallet')
    expect(await routeOf('ada@staff.test', firefox)).toBe('staff')
    expect(await routeOf('ada@staff.test', 'curl/8.5.0')).toBe('password')
  })

  it('gets the login_hint of an app in these browsers', async () => {
    const query = 'client_id=shop&response_type=code&redirect_uri=https%3A%2F%2Fshop.test%2Fback&scope=openid'
    const proof = `code_challenge=${'c'.repeat(43)}&code_challenge_method=S256&tenant=ruled`
    const path = `/oauth2/auth?${query}&${proof}&login_hint=ada%40staff.test`
    const routedTo = async (agent: string) => {
      const browser = new TestBrowser(server)
      const headers = { 'user-agent': agent }
      const consent = await browser.ask(path, { headers })
      return browser.ask(String(consent.headers['location']), { headers })
    }
    for (const [agent, connection] of [
      [firefox, 'staff'],
      [safari, 'wallet'],
    ] as const) {
      const { headers } = await routedTo(agent)
      expect(headers['location']).toMatch(new RegExp(`^/t/ruled/${connection}/start`))
      expect(headers['vary']).toBe('Sec-CH-UA, User-Agent')
    }
  })

  it('can be added on the account page in these browsers', async () => {
    const browser = await browserOf(server, 'grace@example.test', 'ruled')
    const addable = async (agent: string) => {
      const page = await browser.ask('/account/sign-in-methods', { headers: { 'user-agent': agent } })
      return [...page.body.matchAll(/name="connection" value="(\w+)"/g)].map(([, id]) => id)
    }
    expect(await addable(safari)).toEqual(['google', 'wallet'])
    expect(await addable(firefox)).toEqual(['google', 'staff'])
  })

  it('is reached by a direct link in every browser', async () => {
    const page = await get('/t/ruled/staff/start', safari)
    expect([page.status, page.headers['location']]).toEqual([303, expect.stringContaining(server.okta.issuer)])
  })
})

describe('a hidden connection', () => {
  it('has no button, and no email leads to it', async () => {
    expect(shown((await get('/login?tenant=ruled', firefox)).body)).not.toContain('partners')
    expect(await routeOf('ada@partners.test', firefox)).toBe('password')
    const unknown = await postForm(new TestBrowser(server), '/login', { email: 'ada@partners.test' })
    expect([unknown.status, unknown.body]).toEqual([404, expect.stringContaining('Organization not found')])
  })

  it('is reached by a direct link', async () => {
    const page = await get('/t/ruled/partners/start', firefox)
    expect([page.status, page.headers['location']]).toEqual([303, expect.stringContaining(server.okta.issuer)])
  })
})

it('a tenant without rules for browsers answers all alike', async () => {
  for (const path of ['/login?tenant=acme', '/buttons.json?tenant=acme'])
    expect((await get(path, safari)).headers['vary']).toBeUndefined()
})
