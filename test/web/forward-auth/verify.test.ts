/** `/verify` for reverse proxies, and forged requests to it. The test acts as the proxy. */
import type { OutgoingHttpHeaders } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyIdentityHeaders } from '../../../src/web/forward-auth/identity-headers.ts'
import { sendRaw } from '../../support/browser/raw-http.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { api, browserOf, password, tokenFor } from '../../support/gatehouse/connections.ts'
import { addTotp, userOf } from '../../support/gatehouse/second-factors.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

/** An app behind the proxy: on the same host, so that the cookie reaches it. */
const endpoint = 'https://login.gatehouse.test:8443'
const home = new URL(publicOrigin)
const browser = { 'sec-fetch-mode': 'navigate', accept: 'text/html,application/xhtml+xml' }
const forwarded = (uri = '/reports?year=2026&all', host = new URL(endpoint).host) => ({
  'x-forwarded-proto': 'https',
  'x-forwarded-host': host,
  'x-forwarded-uri': uri,
  'x-forwarded-method': 'GET',
})

let server: TestGatehouse
/** Trusts no proxy. */
let direct: TestGatehouse
let okta: Awaited<ReturnType<typeof oktaFor>>
beforeAll(async () => {
  okta = await oktaFor()
  const tenants = {
    'acme.yaml': acmeYaml(okta).replace('returnOrigins: [', `returnOrigins: ['${endpoint}', `),
    'beta.yaml': betaYaml(okta),
  }
  server = await startTestGatehouse({ okta, tenants, settings: 'trustedProxies: [127.0.0.1]\n' })
  direct = await startTestGatehouse({ okta, tenants })
})
afterAll(async () => {
  await Promise.all([server.stop(), direct.stop()])
  await okta.close()
})

const verify = (query = '', headers: OutgoingHttpHeaders = {}, where = server, method = 'GET') =>
  api(where, `/verify${query}`, { method, headers })
const cookieOf = (testBrowser: TestBrowser) => ({ cookie: testBrowser.jar.headerFor(home) })
const ada = async (where = server) => cookieOf(await viaOkta(where))

async function viaOkta(where: TestGatehouse): Promise<TestBrowser> {
  const testBrowser = new TestBrowser(where)
  await testBrowser.click(await testBrowser.open('/t/acme/okta/start'), 'Ada Lovelace')
  return testBrowser
}

describe('/verify', () => {
  it('accepts a signed-in browser and names the user', async () => {
    const { status, headers, body } = await verify('', { ...browser, ...forwarded(), ...(await ada()) })
    expect(status).toBe(200)
    expect(body).toBe('')
    expect(headers).toMatchObject({
      'x-auth-user': expect.stringMatching(/^\S+$/),
      'x-auth-email': 'ada@okta.example',
      'x-auth-email-verified': 'true',
      'x-auth-name': 'Ada Lovelace',
      'x-auth-groups': 'Everyone',
      'x-auth-roles': '',
      'x-auth-tenant': 'acme',
      'x-auth-session': expect.stringMatching(/^\S+$/),
      'cache-control': 'no-store',
    })
  })

  it('MF-04 mfa=required leads a session without a second factor to the page that asks for it, and back', async () => {
    const testBrowser = await viaOkta(server)
    const { nextCode } = await addTotp(server, 'ada@okta.example')
    const asked = () => verify('?mfa=required', { ...browser, ...forwarded(), ...cookieOf(testBrowser) })
    const weak = await asked()
    const location = String(weak.headers.location)
    expect([weak.status, location]).toEqual([
      401,
      `${publicOrigin}/login/second-factor?${new URLSearchParams({ return_to: `${endpoint}/reports?year=2026&all` })}`,
    ])
    expect(weak.headers).toMatchObject(emptyIdentityHeaders)
    const program = await verify('?mfa=required', { ...cookieOf(testBrowser), accept: 'application/json' })
    expect([program.status, JSON.parse(program.body).code]).toEqual([401, 'mfa_required'])
    const page = await testBrowser.open(location)
    const back = await testBrowser.submit(page, '/login/second-factor', { code: nextCode() }, endpoint)
    expect(back.url.href).toBe(`${endpoint}/reports?year=2026&all`)
    expect((await asked()).status).toBe(200)
    await server.core.parts.authenticators.removeAll(await userOf(server, 'ada@okta.example'), new Date())
  })

  it('FW-01 answers 401 with every X-Auth header empty, and echoes nothing', async () => {
    const spoofed = { 'x-auth-user': 'root', 'x-auth-groups': 'admins', 'x-auth-email': 'root@acme.test' }
    const { status, headers, body } = await verify('', { ...spoofed, accept: 'application/json' })
    expect(status).toBe(401)
    expect(headers).toMatchObject({ ...emptyIdentityHeaders, 'www-authenticate': 'Bearer' })
    expect(headers.location).toBeUndefined()
    expect(JSON.parse(body)).toMatchObject({ code: 'session_invalid', fixer: 'user' })
    expect((await verify('', { ...spoofed, ...(await ada()) })).headers).toMatchObject({
      'x-auth-email': 'ada@okta.example',
      'x-auth-groups': 'Everyone',
    })
  })

  it('redirects a browser to sign in and back: 401 with Location for nginx, 302 if configured', async () => {
    const expected = new URL('/login', publicOrigin)
    expected.search = String(new URLSearchParams({ tenant: 'acme', return_to: `${endpoint}/reports?year=2026&all` }))
    const plain = await verify('?tenant=acme', { ...browser, ...forwarded() })
    expect([plain.status, plain.headers.location]).toEqual([401, expected.href])
    const redirected = await verify('?tenant=acme&login=redirect', { ...browser, ...forwarded() })
    expect([redirected.status, redirected.headers.location]).toEqual([302, expected.href])
    expect(redirected.headers).toMatchObject(emptyIdentityHeaders)

    const testBrowser = new TestBrowser(server)
    const login = await testBrowser.open(redirected.headers.location ?? '', endpoint)
    const back = await testBrowser.click(await testBrowser.click(login, 'Okta'), 'Ada Lovelace', endpoint)
    expect(back.url.href).toBe(`${endpoint}/reports?year=2026&all`)
    expect((await verify('?tenant=acme', { ...browser, ...forwarded(), ...cookieOf(testBrowser) })).status).toBe(200)
  })

  it.each([
    ['a script', { 'sec-fetch-mode': 'cors', accept: 'text/html' }],
    ['a program', { accept: 'application/json' }],
    ['who says nothing', {}],
    ['a form', { ...browser, 'x-forwarded-method': 'POST' }],
  ])('answers %s 401 instead of a redirect', async (_who, headers) => {
    const { status, headers: answered } = await verify('?login=redirect', { ...forwarded(), ...headers })
    expect([status, answered.location]).toEqual([401, undefined])
  })

  it("lists the app's cookies on request, without ours in any spelling", async () => {
    const { cookie } = await ada()
    const sent = `a=1;${cookie};GATEHOUSE_x=1; __Secure-gatehouse_y=2 ;\tgatehouse_device=3; b=gatehouse_session=4; c`
    const passed = await verify('?cookies=app', { ...browser, cookie: sent })
    expect(passed.status).toBe(200)
    expect(passed.headers.cookie).toBe('a=1; b=gatehouse_session=4; c')
    expect((await verify('', { ...browser, cookie: sent })).headers).not.toHaveProperty('cookie')
    expect((await verify('?cookies=app', { ...browser, cookie: 'a=1' })).headers).not.toHaveProperty('cookie')
  })

  it('accepts members of a group and answers others 403', async () => {
    const cookie = await ada()
    const asked = async (query: string) => (await verify(query, { ...browser, ...forwarded(), ...cookie })).status
    expect(await asked('?tenant=acme&group=Everyone')).toBe(200)
    expect(await asked('?group=admins&group=Everyone')).toBe(200)
    expect(await asked('?group=everyone')).toBe(403)
    expect(await asked('?group=Everyone&role=admin')).toBe(403)
    const refused = await verify('?group=admins&login=redirect', { ...browser, ...forwarded(), ...cookie })
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([403, 'access_refused'])
    expect(refused.headers).toMatchObject(emptyIdentityHeaders)
  })

  it('offers a browser of another tenant to sign in at this one, and answers programs 403', async () => {
    const testBrowser = await browserOf(server, 'guest@mail.test', 'beta')
    const { status, headers } = await verify('?tenant=acme&login=redirect', {
      ...browser,
      ...forwarded(),
      ...cookieOf(testBrowser),
    })
    expect([status, new URL(headers.location ?? '').searchParams.get('tenant')]).toEqual([302, 'acme'])
    const token = await tokenFor(server, 'guest@mail.test', 'beta')
    expect((await verify('?tenant=acme', { authorization: `Bearer ${token}` })).status).toBe(403)
    expect((await verify('?tenant=acme&tenant=beta', { authorization: `Bearer ${token}` })).status).toBe(200)
  })

  it.each([
    '?groups=admins',
    '?group=',
    '?tenant=',
    '?tenant=nobody',
    '?login=yes',
    '?cookies=all',
    '?Group=admins',
    '?x',
  ])('FW-01 rejects an invalid query: %s', async (query) => {
    const { status, body, headers } = await verify(query, await ada())
    expect([status, JSON.parse(body).code]).toEqual([400, 'request_invalid'])
    expect(headers).toMatchObject(emptyIdentityHeaders)
  })

  it('logs a warning for each kind of invalid query, a limited number, and no error', async () => {
    const before = server.logged.length
    for (let count = 0; count < 100; count += 1) {
      await verify('?strange=1')
      await verify(`?strange${count}=1`)
    }
    const lines = server.logged.slice(before).filter((line) => line.includes('"/verify"'))
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.length).toBeLessThanOrEqual(20)
    expect(lines.filter((line) => line.includes('an unknown parameter strange"'))).toHaveLength(1)
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(lines.map(() => 40))
  })

  it('FW-01 accepts GET and HEAD only, whatever a method override says', async () => {
    const cookie = await ada()
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await verify('', { ...cookie, 'x-http-method-override': 'GET' }, server, method)
      expect([status, headers['allow']]).toEqual([405, 'GET, HEAD'])
    }
  })

  it.each(['/verify/', '//verify', '/verify;x', '/verify%2f', '/VERIFY', '/a/../verify', '/verify/../verify'])(
    'FW-01 has one URL only: %s is not accepted',
    async (path) => {
      const { cookie } = await ada()
      const { status, text } = await sendRaw(
        server.port,
        `GET ${path} HTTP/1.1\r\nhost: x\r\ncookie: ${cookie}\r\n\r\n`,
      )
      expect(status).toBe(404)
      expect(text).not.toMatch(/x-auth/i)
    },
  )
})

describe('the original URL', () => {
  const locationFor = async (headers: OutgoingHttpHeaders, where = server) =>
    new URL((await verify('?tenant=acme', { ...browser, ...headers }, where)).headers.location ?? '')
  const returnTo = async (headers: OutgoingHttpHeaders, where = server) =>
    (await locationFor(headers, where)).searchParams.get('return_to')

  it('FW-01 is read from our own proxy only', async () => {
    expect(await returnTo(forwarded())).toBe(`${endpoint}/reports?year=2026&all`)
    expect(await returnTo(forwarded(), direct)).toBeNull()
    const method = { ...forwarded(), 'x-forwarded-method': 'POST' }
    expect((await verify('?login=redirect', { ...browser, ...method }, direct)).status).toBe(302)
  })

  it.each(['evil.test', 'login.gatehouse.test.evil.test', 'login.gatehouse.test:444'])(
    'OP-27 is rejected before or at the sign-in page if it is at %s',
    async (host) => {
      const asked = await verify('?tenant=acme&login=redirect', { ...browser, ...forwarded('/', host) })
      if (asked.status === 500) return expect(JSON.parse(asked.body).code).toBe('cookie_domain_mismatch')
      const page = await new TestBrowser(server).open(asked.headers.location ?? '')
      expect([page.status, page.url.origin]).toEqual([400, publicOrigin])
      expect(page.body).not.toContain('href="https://login.gatehouse.test:444')
    },
  )

  it.each([
    'evil.test@login.gatehouse.test',
    'login.gatehouse.test:8443@evil.test',
    'login.gatehouse.test:8443, evil.test',
    'evil.test/.login.gatehouse.test',
    'evil.test#login.gatehouse.test',
    'evil.test\\login.gatehouse.test',
    '',
  ])('OP-27 is not built from an invalid host: %s', async (host) => {
    expect(await returnTo(forwarded('/', host))).toBeNull()
  })

  it.each(['javascript', 'ftp', ', https', ''])('OP-27 is not built from the protocol %s', async (protocol) => {
    expect(await returnTo({ ...forwarded(), 'x-forwarded-proto': protocol })).toBeNull()
  })

  it.each([
    ['//evil.test/', `${endpoint}//evil.test/`],
    ['/\\evil.test', `${endpoint}/%5Cevil.test`],
    ['/a"b c#d', `${endpoint}/a%22b%20c%23d`],
    ['/caf\xe9', `${endpoint}/caf%E9`],
    ['/%2e%2e%2f;x', `${endpoint}/%2e%2e%2f;x`],
    ['https://evil.test/', `${endpoint}/`],
    ['evil', `${endpoint}/`],
    [`/${'x'.repeat(4000)}`, `${endpoint}/`],
  ])('OP-27 stays at the app for any path: %s', async (uri, expected) => {
    expect(await returnTo(forwarded(uri))).toBe(expected)
  })

  it('is rejected with the cause if browsers would not send the cookie there, to avoid a redirect loop', async () => {
    const { status, body } = await verify('?login=redirect', { ...browser, ...forwarded('/', 'app.acme.test') })
    expect([status, JSON.parse(body).code, JSON.parse(body).fixer]).toEqual([500, 'cookie_domain_mismatch', 'operator'])
    expect(server.logged.join('')).toContain('set cookie.domain')
    const plain = await verify('?login=redirect', { ...browser, ...forwarded(), 'x-forwarded-proto': 'http' })
    expect(plain.status).toBe(500)
  })
})

it('rejects a session that the user ended elsewhere as soon as the session check does', async () => {
  const testBrowser = await browserOf(server, 'leaves@mail.test')
  expect((await verify('', cookieOf(testBrowser))).status).toBe(200)
  const token = JSON.parse(
    (
      await api(server, '/api/v1/sessions', {
        method: 'POST',
        json: { tenant: 'acme', email: 'leaves@mail.test', password },
      })
    ).body,
  ).token
  await api(server, '/api/v1/sessions', { method: 'DELETE' }, token)
  expect((await verify('', cookieOf(testBrowser))).status).toBe(401)
})
