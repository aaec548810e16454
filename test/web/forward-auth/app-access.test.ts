/** `/verify?app=`: the access rules of an app. The test acts as the proxy. */
import type { OutgoingHttpHeaders } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyIdentityHeaders } from '../../../src/web/forward-auth/identity-headers.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { api, tokenFor } from '../../support/gatehouse/connections.ts'
import { addTotp, userOf } from '../../support/gatehouse/second-factors.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

/** An app behind the proxy: on the same host, so that the cookie reaches it. */
const endpoint = 'https://login.gatehouse.test:8443'
const browser = { 'sec-fetch-mode': 'navigate', accept: 'text/html,application/xhtml+xml' }
const forwarded = () => ({
  'x-forwarded-proto': 'https',
  'x-forwarded-host': new URL(endpoint).host,
  'x-forwarded-uri': '/reports?year=2026&all',
  'x-forwarded-method': 'GET',
})

const apps = `apps:
  wiki: { name: Wiki, kind: native, tenants: [acme], allow: { groups: [Everyone] } }
  ledger: { name: Ledger, kind: native, tenants: [acme], allow: { groups: [accounting], emails: [boss@acme.test] } }
  shop: { name: Shop, kind: native, tenants: [beta] }
  vault: { name: Vault, kind: native, tenants: [acme], mfa: required }
`

let server: TestGatehouse
let okta: Awaited<ReturnType<typeof oktaFor>>
beforeAll(async () => {
  okta = await oktaFor()
  const tenants = {
    'acme.yaml': acmeYaml(okta).replace('returnOrigins: [', `returnOrigins: ['${endpoint}', `),
    'beta.yaml': betaYaml(okta),
  }
  server = await startTestGatehouse({ okta, tenants, settings: `trustedProxies: [127.0.0.1]\n${apps}` })
})
afterAll(async () => {
  await server.stop()
  await okta.close()
})

const verify = (query: string, headers: OutgoingHttpHeaders = {}) => api(server, `/verify${query}`, { headers })
const cookieOf = (testBrowser: TestBrowser) => ({ cookie: testBrowser.jar.headerFor(new URL(publicOrigin)) })

async function viaOkta(): Promise<TestBrowser> {
  const testBrowser = new TestBrowser(server)
  await testBrowser.click(await testBrowser.open('/t/acme/okta/start'), 'Ada Lovelace')
  return testBrowser
}

describe('/verify?app=', () => {
  it('accepts users whom the access rules of the app allow', async () => {
    const { status, headers } = await verify('?app=wiki', { ...browser, ...forwarded(), ...cookieOf(await viaOkta()) })
    expect([status, headers['x-auth-email']]).toEqual([200, 'ada@okta.example'])
  })

  it('leads other users to a page that says whom the app is for, and logs the reason', async () => {
    const testBrowser = await viaOkta()
    const cookie = cookieOf(testBrowser)
    const page = `${publicOrigin}/access/ledger?return_to=${encodeURIComponent(`${endpoint}/reports?year=2026&all`)}`
    const plain = await verify('?app=ledger', { ...browser, ...forwarded(), ...cookie })
    expect([plain.status, plain.headers.location]).toEqual([403, page])
    expect(JSON.parse(plain.body)).toMatchObject({ code: 'app_access_refused', fixer: 'tenant admin' })
    expect(plain.body).not.toContain('boss@acme.test')
    expect(plain.headers).toMatchObject(emptyIdentityHeaders)
    const redirected = await verify('?app=ledger&login=redirect', { ...browser, ...forwarded(), ...cookie })
    expect([redirected.status, redirected.headers.location]).toEqual([302, page])
    const program = await verify('?app=ledger&login=redirect', { ...forwarded(), ...cookie })
    expect([program.status, program.headers.location]).toEqual([403, undefined])
    expect(server.logged.join('')).toContain('refused by the access rules of an app')

    const shown = await testBrowser.open(page, endpoint)
    expect(shown.status).toBe(403)
    expect(shown.body).toContain('<li>members of the group &quot;accounting&quot;</li>')
    expect(shown.body).not.toContain('boss@acme.test')
    const { audit } = server.core.parts
    const events = (await audit.recent({ tenant: 'acme', limit: 50 })).filter(({ action }) => action.startsWith('app.'))
    expect(events).toMatchObject([{ action: 'app.access_refused', target: 'ledger', details: { at: 'forward auth' } }])
  })

  it('the page goes on once the user has access, and to addresses of the tenant only', async () => {
    const testBrowser = await viaOkta()
    const target = `${endpoint}/reports`
    const open = (app: string, to: string) =>
      testBrowser.open(`${publicOrigin}/access/${app}?return_to=${encodeURIComponent(to)}`, endpoint)
    expect((await open('wiki', target)).url.href).toBe(target)
    expect((await open('wiki', 'https://evil.test/')).status).toBe(400)
    expect((await open('unknown', target)).status).toBe(404)
    expect((await open('shop', target)).status, 'an app of another tenant').toBe(404)
    const anyone = await new TestBrowser(server).open(`${publicOrigin}/access/wiki`, endpoint)
    expect(anyone.url.pathname).toBe('/login')
  })

  it('an app serves users of its tenants only', async () => {
    const token = await tokenFor(server, 'guest2@mail.test', 'beta')
    const headers = { authorization: `Bearer ${token}` }
    expect((await verify('?app=shop', headers)).status).toBe(200)
    expect((await verify('?app=wiki', headers)).status).toBe(403)
  })

  it('MF-04 an app with mfa: required leads a session without a second factor to the page that asks', async () => {
    const testBrowser = await viaOkta()
    const asked = () => verify('?app=vault', { ...browser, ...forwarded(), ...cookieOf(testBrowser) })
    const weak = await asked()
    expect([weak.status, JSON.parse(weak.body).code]).toEqual([401, 'mfa_required'])
    expect(weak.headers).toMatchObject(emptyIdentityHeaders)
    const { nextCode } = await addTotp(server, 'ada@okta.example')
    const page = await testBrowser.open(String(weak.headers.location))
    await testBrowser.submit(page, '/login/second-factor', { code: nextCode() }, endpoint)
    expect((await asked()).status).toBe(200)
    await server.core.parts.authenticators.removeAll(await userOf(server, 'ada@okta.example'), new Date())
  })

  it.each(['?app=unknown', '?app=', '?app=wiki&app=ledger'])('%s is a 400: a typo lets no user in', async (query) => {
    const refused = await verify(query, { ...browser, ...forwarded(), ...cookieOf(await viaOkta()) })
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([400, 'request_invalid'])
  })
})
