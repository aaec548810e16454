/** Malformed and hostile input gets a 4xx with a recovery link, and the server keeps running. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { sendRaw } from '../support/browser/raw-http.ts'
import { linkOn, TestBrowser } from '../support/browser/test-browser.ts'
import { api, browserOf, postForm, tokenFor } from '../support/gatehouse/connections.ts'
import { publicOrigin } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())
afterEach(async () => {
  expect((await api(server, '/healthz')).status).toBe(200)
  expect(server.logged.filter((line) => line.includes('"internal"'))).toEqual([])
})

const ask = (path: string, requested = {}) => new TestBrowser(server).ask(path, requested)

describe('echoed text', () => {
  const script = '"><script>alert(1)</script>\'><img src=x onerror=alert(1)>'

  it.each([
    ['tenant', `/login?tenant=${encodeURIComponent(script)}`],
    ['login_hint', `/login?tenant=acme&login_hint=${encodeURIComponent(script)}`],
    ['email at sign-up', `/sign-up?tenant=acme&email=${encodeURIComponent(script)}`],
    ['email at reset', `/forgot?tenant=acme&email=${encodeURIComponent(script)}`],
    ['state', `/t/acme/okta/callback?state=${encodeURIComponent(script)}&code=${encodeURIComponent(script)}`],
    ['error_description', `/t/acme/okta/callback?error=x&error_description=${encodeURIComponent(script)}`],
    ['the path', `/${encodeURIComponent(script)}`],
    ['a code', `/t/acme/password/verify?code=${encodeURIComponent(script)}`],
    ['iss', `/t/acme/okta/initiate?iss=${encodeURIComponent(script)}`],
    ['a return address', `/login?tenant=acme&return_to=${encodeURIComponent(`/account?x=${script}`)}`],
  ])('OP-32 %s is escaped wherever it is shown, and no script runs', async (_, path) => {
    const page = await ask(path)
    expect(page.status).toBeLessThan(500)
    expect(page.body).not.toMatch(/<script>alert|<img src=x/)
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
  })

  it('OP-32 escapes form input too', async () => {
    for (const path of ['/login', '/sign-up', '/forgot']) {
      const page = await postForm(new TestBrowser(server), path, { tenant: 'acme', email: script, name: script })
      expect(page.status).toBe(400)
      expect(page.body).not.toMatch(/<script>alert|<img src=x/)
    }
  })

  it('OP-32 escapes a name from sign-up on /account', async () => {
    const browser = await browserOf(server, 'script@mail.test')
    const token = await tokenFor(server, 'script@mail.test')
    const { user } = JSON.parse((await api(server, '/api/v1/session', {}, token)).body)
    const stored = await server.core.parts.users.find('acme', user.id)
    const [identity] = await server.core.parts.users.identitiesOf('acme', user.id)
    if (stored === null || identity === undefined) throw new Error('no user')
    await server.core.parts.users.update({ ...stored, profile: { ...stored.profile, name: script } }, identity)
    const account = await browser.open('/account')
    expect(account.body).toContain('&lt;script>')
    expect(account.body).not.toContain('<script>')
  })
})

describe('the host name', () => {
  it.each([
    { host: 'evil.test' },
    { 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'http', 'x-forwarded-port': '81' },
    { forwarded: 'host=evil.test;proto=http' },
    { 'x-original-url': '/account', 'x-rewrite-url': '/account' },
    { 'x-http-method-override': 'DELETE' },
    { host: 'evil.test', 'x-forwarded-prefix': '//evil.test' },
  ])('OP-52 CF-04 %j changes no URL and no response', async (headers) => {
    const login = await ask('/login?tenant=acme', { headers })
    expect(login.status).toBe(200)
    expect(login.body).not.toContain('evil.test')
    const start = await ask('/t/acme/okta/start', { headers })
    const callback = new URL(String(start.headers.location)).searchParams.get('redirect_uri')
    expect(callback).toBe(`${publicOrigin}/t/acme/okta/callback`)
    const signedIn = await browserOf(server, 'host@mail.test')
    expect((await signedIn.ask('/login?tenant=acme', { headers })).headers.location).toBe(`${publicOrigin}/account`)
    expect(start.headers['set-cookie']?.join()).toContain('Secure')
  })
})

describe('malformed input', () => {
  it.each([
    '/login?tenant=__proto__',
    '/login?__proto__=x&constructor=y&tenant=acme&toString=z',
    '/login?tenant=constructor',
    '/login?tenant=acme&tenant=beta',
    '/login?tenant[]=acme',
    '/login?tenant=%',
    '/login?tenant=%E0%A4%A',
    '/login?tenant=%ff%fe',
    `/login?tenant=${'x'.repeat(8000)}`,
    '/t/%/okta/start',
    '/t/%E0%A4%A/okta/start',
    '/t/..%2f..%2f/okta/start',
    '/t/acme/okta%00/start',
    '/t/acme/okta/start?login_hint=a&login_hint=b',
    '/t/acme/okta/start?return_to[x]=y',
    '/t//okta/start',
    '//evil.test/login',
    '/login;x=y',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/static/../../package.json',
    '/static/..%2f..%2fpackage.json',
    '/static/gatehouse.css',
    '/static/logos/..%2f..%2fpackage.json',
    '/static/logos/__proto__',
    '/api/v1/sessions/%',
    '/api/v1/%E0%A4%A',
    '/.env',
    '/.git/config',
  ])('OP-53 GET %s ends in a 4xx or a page, never in a 5xx', async (path) => {
    const page = await sendRaw(server.port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    expect(page.status).toBeGreaterThanOrEqual(200)
    expect(page.status).toBeLessThan(500)
    expect(page.text).not.toMatch(/at \w+ \(|node_modules|SyntaxError|URIError/)
  })

  it.each([
    'tenant=acme&email=a@mail.test&email=b@mail.test',
    'email[]=a',
    '__proto__[x]=1&email=a@mail.test',
    '%',
    'email=%ff',
    `${'a=1&'.repeat(60)}email=x`,
    `email=${'x'.repeat(300)}`,
  ])('OP-53 a form %j is a 4xx page with a recovery link', async (form) => {
    for (const path of ['/login', '/sign-up', '/forgot', '/t/acme/password/verify']) {
      const page = await ask(path, { method: 'POST', form, headers: { 'sec-fetch-site': 'same-origin' } })
      expect([path, page.status >= 400 && page.status < 500]).toEqual([path, true])
      expect(page.body).toMatch(/href="\/login|action="\/login"/)
    }
  })

  it.each([
    ['half of an object', '{"tenant":', 400],
    ['a bare word', 'secret', 400],
    ['a number', '1', 400],
    ['null', 'null', 400],
    ['nothing', '', 400],
    ['__proto__', '{"__proto__":{"tenant":"acme"},"constructor":1}', 400],
    ['a thousand levels', '['.repeat(1000) + ']'.repeat(1000), 400],
    ['33 kB', JSON.stringify({ tenant: 'x'.repeat(33_000) }), 413],
  ])('OP-53 JSON that is %s is rejected with a problem document', async (_, json, status) => {
    for (const path of ['/api/v1/sessions', '/api/v1/sessions/exchange']) {
      const refused = await api(server, path, { method: 'POST', json })
      expect([path, refused.status]).toEqual([path, status])
      expect(refused.headers['content-type']).toContain('application/problem+json')
      expect(JSON.parse(refused.body)).toMatchObject({ status })
    }
  })

  it.each([
    ['text/plain', 'Send the body as JSON, with content-type: application/json.'],
    ['application/x-www-form-urlencoded', 'Send the body as JSON, with content-type: application/json.'],
    ['application/json; charset=utf-99', 'The body must be UTF-8'],
    ['multipart/form-data; boundary=x', 'Send the body as JSON, with content-type: application/json.'],
  ])('a JSON body declared as %s is rejected with the reason', async (type, why) => {
    const json = { tenant: 'acme', email: 'a@mail.test', password: 'x' }
    const refused = await api(server, '/api/v1/sessions', { method: 'POST', json, headers: { 'content-type': type } })
    expect(refused.status).toBe(400)
    expect(JSON.parse(refused.body).detail).toContain(why)
  })

  it.each(['gzip', 'br', 'nonsense'])('a body falsely declared as %s is rejected', async (encoding) => {
    const headers = { 'content-encoding': encoding }
    const refused = await api(server, '/api/v1/sessions', { method: 'POST', json: { tenant: 'acme' }, headers })
    expect(refused.status).toBe(400)
  })

  it('FT-28 a compressed body that expands to 10 MB is rejected', async () => {
    const { gzipSync } = await import('node:zlib')
    const body = gzipSync(JSON.stringify({ tenant: 'x'.repeat(10_000_000) }))
    const response = await fetch(`http://127.0.0.1:${server.port}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body,
    })
    expect(response.status).toBe(413)
  })

  it('a form over 32 kB is a 413 page with a recovery link', async () => {
    const page = await postForm(new TestBrowser(server), '/login', { tenant: 'acme', email: 'x'.repeat(40_000) })
    expect(page.status).toBe(413)
    expect(linkOn(page, /sign-in/)).toBe('/login')
  })
})

describe('paths and methods', () => {
  it.each(['/nowhere', '/login/x', '/t/acme', '/T', '/account/x'])(
    '%s is a 404 page with a recovery link',
    async (path) => {
      const page = await ask(path)
      expect(page.status).toBe(404)
      expect(page.headers['content-type']).toContain('text/html')
      expect(linkOn(page, /sign-in/)).toBe('/login')
    },
  )

  it.each(['/api/v1/nothing', '/api/v2/session', '/api/nothing', '/API/v1/nothing'])(
    '%s is a 404 problem document',
    async (path) => {
      const refused = await ask(path)
      expect(refused.status).toBe(404)
      expect(refused.headers['content-type']).toContain('application/problem+json')
      expect(JSON.parse(refused.body)).toMatchObject({ code: 'not_found' })
    },
  )

  it.each([
    ['PUT', '/login', 'GET, POST'],
    ['DELETE', '/account', 'GET'],
    ['POST', '/account', 'GET'],
    ['PATCH', '/api/v1/sessions', 'POST, GET, DELETE'],
    ['PUT', '/api/v1/session', 'GET, DELETE'],
    ['POST', '/api/v1/session', 'GET, DELETE'],
    ['GET', '/api/v1/sessions/exchange', 'POST'],
    ['GET', '/api/v1/sessions/abc', 'DELETE'],
    ['OPTIONS', '/api/v1/apps', 'GET, POST'],
    ['TRACE', '/login', 'GET, POST'],
    ['POST', '/healthz', 'GET'],
  ])('%s %s is 405 with Allow: %s', async (method, path, allowed) => {
    const refused = await ask(path, { method })
    expect([refused.status, refused.headers['allow']]).toEqual([405, allowed])
  })

  it('HEAD works like GET', async () => {
    for (const path of ['/login?tenant=acme', '/healthz', '/readyz', '/nowhere', '/sign-up?tenant=acme']) {
      const [get, head] = [await ask(path), await ask(path, { method: 'HEAD' })]
      expect([path, head.status, head.body]).toEqual([path, get.status, ''])
    }
  })

  it('responds 404 with a link to the sign-in for the sign-up page of an unknown organization', async () => {
    const page = await ask('/sign-up?tenant=nobody')
    expect(page.status).toBe(404)
    expect(linkOn(page, /sign-in/)).toBe('/login')
  })
})
