/** Pages of `returnOrigins` sign in with the session cookie and call the API with it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiRoutes } from '../../../../src/web/api/openapi/openapi.ts'
import { templateOf } from '../../../../src/web/api/route.ts'
import { api, browserOf, password, tokenFor } from '../../../support/gatehouse/connections.ts'
import { acmeYaml, appOrigin, betaYaml, oktaFor, publicOrigin } from '../../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'
import { type ApiReply, HeadlessPage } from '../../../support/headless/headless-page.ts'

const betaOrigin = 'https://beta.gatehouse.test'
const farOrigin = 'https://app.far.test'
const evil = 'https://evil.test'
const email = 'ada@mail.test'

let server: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  const acme = acmeYaml(okta).replace(`['${appOrigin}']`, `['${appOrigin}', '${farOrigin}']`)
  const beta = `${betaYaml(okta)}returnOrigins: ['${betaOrigin}']\n`
  server = await startTestGatehouse({ okta, tenants: { 'acme.yaml': acme, 'beta.yaml': beta } })
  await tokenFor(server, email)
})
afterAll(async () => {
  await server?.stop()
  await server?.okta.close()
})

const signIn = { tenant: 'acme', email, password }
const signInAt = async (page: HeadlessPage, more: object = {}) =>
  page.post('/api/v1/sessions', { ...signIn, cookie: true, ...more })
const corsOf = ({ headers }: ApiReply) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')))
const { sessionCookies } = HeadlessPage

describe('a sign-in with "cookie": true', () => {
  it('sets the HttpOnly cookie, which the page cannot read, and returns no token', async () => {
    const page = new HeadlessPage(server)
    const opened = await signInAt(page)
    expect([opened.status, Object.keys(opened.body)]).toEqual([201, ['session']])
    const [cookie = '', ...more] = sessionCookies(opened)
    expect(more).toEqual([])
    for (const attribute of ['HttpOnly', 'Secure', 'SameSite=Lax', 'Path=/']) expect(cookie).toContain(attribute)
    expect(cookie).not.toMatch(/Partitioned|gth_s_/)
    const session = await page.get('/api/v1/session')
    expect([session.status, session.body.id]).toEqual([200, opened.body.session.id])
  })

  it('returns the token too if asked, and only the token without "cookie"', async () => {
    const both = await signInAt(new HeadlessPage(server), { token: true })
    expect([both.body.token, sessionCookies(both)]).toEqual([expect.stringMatching(/^gth_s_/), [expect.any(String)]])
    const token = await new HeadlessPage(server).post('/api/v1/sessions', signIn)
    expect([token.body.token, sessionCookies(token)]).toEqual([expect.stringMatching(/^gth_s_/), []])
  })

  it('SE-01 replaces the session of the browser', async () => {
    const page = new HeadlessPage(server)
    const first = await signInAt(page, { token: true })
    const second = await signInAt(page)
    expect(second.body.session.id).not.toBe(first.body.session.id)
    expect((await api(server, '/api/v1/session', {}, first.body.token)).status).toBe(401)
  })

  it('works in our own pages', async () => {
    expect((await signInAt(new HeadlessPage(server, publicOrigin, 'same-site'))).status).toBe(403)
    const headers = { origin: publicOrigin, 'sec-fetch-site': 'same-origin' }
    const own = await api(server, '/api/v1/sessions', { method: 'POST', json: { ...signIn, cookie: true }, headers })
    expect(own.status).toBe(201)
  })

  it.each([evil, betaOrigin, 'null', `${appOrigin}.evil.test`, `${appOrigin}:8443`])(
    'SE-07 is refused for %s, which the tenant does not list, before the password is checked',
    async (origin) => {
      for (const attempt of [password, 'wrong']) {
        const page = new HeadlessPage(server, origin, 'cross-site')
        const refused = await signInAt(page, { password: attempt })
        expect([refused.status, refused.body.code, sessionCookies(refused)]).toEqual([403, 'origin_refused', []])
      }
    },
  )

  it('SE-07 is refused without an Origin', async () => {
    const refused = await api(server, '/api/v1/sessions', { method: 'POST', json: { ...signIn, cookie: true } })
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([403, 'origin_refused'])
  })

  it('SE-04 is refused on another site with the setting that allows it', async () => {
    const refused = await signInAt(new HeadlessPage(server, farOrigin, 'cross-site'))
    expect([refused.status, refused.body.code, sessionCookies(refused)]).toEqual([403, 'cross_site_refused', []])
    expect(refused.body.detail).toContain('sessions.crossSite: true')
    expect(corsOf(refused)).toMatchObject({ 'access-control-allow-origin': farOrigin })
  })

  it('PW-03 the owner is not locked out of the browser that signed in before', async () => {
    const person = 'known@mail.test'
    await tokenFor(server, person)
    const home = new HeadlessPage(server)
    expect((await signInAt(home, { email: person })).status).toBe(201)
    const stranger = new HeadlessPage(server)
    for (let guess = 0; guess < 6; guess += 1) await signInAt(stranger, { email: person, password: 'wrong' })
    expect((await signInAt(stranger, { email: person })).status).toBe(429)
    expect((await signInAt(home, { email: person })).status).toBe(201)
  })
})

describe('a page with the cookie', () => {
  it('lists and ends sessions, and signs out', async () => {
    const page = new HeadlessPage(server)
    await signInAt(page)
    const listed = await page.get('/api/v1/sessions')
    expect([listed.status, listed.body.sessions.length > 1]).toEqual([200, true])
    expect((await page.call('DELETE', '/api/v1/sessions')).body.ended).toBeGreaterThan(0)
    const out = await page.call('DELETE', '/api/v1/session')
    expect(out.status).toBe(204)
    expect(sessionCookies(out)).toEqual([expect.stringContaining('Expires=Thu, 01 Jan 1970')])
    expect((await page.get('/api/v1/session')).status).toBe(401)
  })

  it('keeps the cookie when it ends another session, and removes it with its own', async () => {
    const page = new HeadlessPage(server)
    const { session } = (await signInAt(page)).body
    const other = (await signInAt(new HeadlessPage(server))).body.session
    const out = await page.call('DELETE', `/api/v1/sessions/${other.id}`)
    expect([out.status, sessionCookies(out)]).toEqual([204, []])
    expect((await page.get('/api/v1/session')).status).toBe(200)
    const own = await page.call('DELETE', `/api/v1/sessions/${session.id}`)
    expect([own.status, sessionCookies(own).length]).toEqual([204, 1])
  })

  it("SE-09 another user's session is unknown", async () => {
    const page = new HeadlessPage(server)
    await signInAt(page)
    const token = await tokenFor(server, 'other@mail.test')
    const { id } = JSON.parse((await api(server, '/api/v1/session', {}, token)).body)
    expect((await page.call('DELETE', `/api/v1/sessions/${id}`)).body.code).toBe('session_unknown')
    expect((await api(server, '/api/v1/session', {}, token)).status).toBe(200)
  })

  it.each([
    ['DELETE', '/api/v1/session'],
    ['DELETE', '/api/v1/sessions'],
    ['DELETE', '/api/v1/consents/x'],
  ])('SE-07 writes nothing from an origin that is not listed: %s %s', async (method, path) => {
    const browser = await browserOf(server, 'csrf@mail.test')
    for (const headers of [
      { origin: evil, 'sec-fetch-site': 'cross-site' },
      { origin: betaOrigin },
      { origin: 'null' },
      {},
    ]) {
      const refused = await browser.ask(path, { method, headers })
      expect([refused.status, JSON.parse(refused.body).code]).toEqual([403, 'origin_refused'])
    }
    expect((await browser.ask('/api/v1/session')).status).toBe(200)
  })

  it('SE-09 of one tenant is not readable by a page of another tenant', async () => {
    const browser = await browserOf(server, 'own@mail.test')
    for (const path of ['/api/v1/session', '/api/v1/sessions', '/api/v1/users/me', '/api/v1/consents']) {
      const headers = { origin: betaOrigin, 'sec-fetch-site': 'same-site' }
      const refused = await browser.ask(path, { headers })
      expect([path, refused.status, JSON.parse(refused.body).code]).toEqual([path, 403, 'origin_refused'])
    }
  })

  it('SE-04 of our own site is not taken from a page on another site', async () => {
    const browser = await browserOf(server, 'own@mail.test')
    const refused = await browser.ask('/api/v1/users/me', {
      headers: { origin: farOrigin, 'sec-fetch-site': 'cross-site' },
    })
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([403, 'cross_site_refused'])
  })
})

describe('CORS', () => {
  const preflight = (origin: string, path: string) =>
    new HeadlessPage(server, origin).call('OPTIONS', path, undefined, {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    })
  const headless = apiRoutes.filter((route) => route.fromReturnOrigins === true)
  const paths = [...new Set(headless.map(({ path }) => path.replace(/:\w+/, 'x')))]
  const others = apiRoutes.filter(
    (route) => route.fromReturnOrigins !== true && !headless.some(({ path }) => path === route.path),
  )

  it.each(paths)('a preflight of %s allows listed origins with credentials, never a wildcard', async (path) => {
    const allowed = await preflight(appOrigin, path)
    expect([allowed.status, allowed.headers['vary']]).toEqual([204, expect.stringMatching(/origin/i)])
    expect(corsOf(allowed)).toMatchObject({
      'access-control-allow-origin': appOrigin,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'authorization, content-type',
    })
    for (const origin of [evil, 'null', '*', `${appOrigin}.evil.test`]) {
      const refused = await preflight(origin, path)
      expect([refused.status, corsOf(refused), refused.headers['vary']]).toEqual([
        204,
        {},
        expect.stringMatching(/origin/i),
      ])
    }
  })

  it('OP-54 is absent from the calls of developers, apps and administrators', async () => {
    for (const { method, path } of others.filter(({ id }) => id !== 'exchangeForSession' && id !== 'getOpenApi')) {
      const at = path.replace(/:\w+/g, 'x')
      expect([path, corsOf(await preflight(appOrigin, at))]).toEqual([path, {}])
      expect([path, corsOf(await new HeadlessPage(server).call(method.toUpperCase(), at))]).toEqual([path, {}])
    }
  })

  it('is stated by the OpenAPI document for exactly these calls', async () => {
    const { paths } = JSON.parse((await api(server, '/api/v1/openapi.json')).body)
    for (const { id, method, path, fromReturnOrigins: open } of apiRoutes) {
      const { description = '' } = paths[templateOf(path)][method]
      expect([id, description.includes("Pages of the tenant's `returnOrigins` may call this")]).toEqual([
        id,
        open === true,
      ])
    }
  })

  it('lets the page read errors, also of a request that cannot be parsed', async () => {
    const page = new HeadlessPage(server)
    for (const reply of [await page.get('/api/v1/session'), await page.post('/api/v1/sessions', '{')]) {
      expect(reply.status).toBeGreaterThanOrEqual(400)
      expect(corsOf(reply)).toEqual({
        'access-control-allow-origin': appOrigin,
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'location, retry-after, x-request-id',
      })
    }
    expect(corsOf(await new HeadlessPage(server, evil).get('/api/v1/session'))).toEqual({})
  })
})
