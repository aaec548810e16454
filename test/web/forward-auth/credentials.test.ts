/** Credentials at `/verify`, and what of them the app behind the proxy receives. */
import type { OutgoingHttpHeaders } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyIdentityHeaders } from '../../../src/web/forward-auth/identity-headers.ts'
import { api, browserOf, tokenFor } from '../../support/gatehouse/connections.ts'
import { appOrigin, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const endpoint = 'https://login.gatehouse.test:8443'
const browser = { 'sec-fetch-mode': 'navigate', accept: 'text/html,application/xhtml+xml' }
const forwarded = (uri: string) => ({
  'x-forwarded-proto': 'https',
  'x-forwarded-host': new URL(endpoint).host,
  'x-forwarded-uri': uri,
})

let server: TestGatehouse
/** Trusts no proxy. */
let direct: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  server = await startTestGatehouse({ okta, settings: 'trustedProxies: [127.0.0.1]\n' })
  direct = await startTestGatehouse({ okta, folder: server.folder })
})
afterAll(async () => {
  await direct.stop()
  await server.stop()
  await server.okta.close()
})

const verify = (query = '', headers: OutgoingHttpHeaders = {}, where = server, method = 'GET') =>
  api(where, `/verify${query}`, { method, headers })

const signedIn = async () => ({
  cookie: (await browserOf(server, 'cookie@mail.test')).jar.headerFor(new URL(publicOrigin)),
})

describe('/verify', () => {
  it('accepts a Bearer token, with HEAD too, until the session ends', async () => {
    const token = await tokenFor(server, 'program@mail.test')
    const headers = { authorization: `Bearer ${token}` }
    expect((await verify('', headers)).status).toBe(200)
    expect((await verify('', headers, server, 'HEAD')).headers['x-auth-email']).toBe('program@mail.test')
    await api(server, '/api/v1/session', { method: 'DELETE' }, token)
    expect((await verify('', headers)).status).toBe(401)
  })

  it("uses the cookie if Authorization is the app's own, and refuses two credentials of ours", async () => {
    const cookie = await signedIn()
    expect((await verify('', { ...cookie, authorization: 'Basic YTpi' })).status).toBe(200)
    expect((await verify('', { ...cookie, authorization: 'Bearer of-the-app' })).status).toBe(200)
    const ended = await tokenFor(server, 'ended@mail.test')
    await api(server, '/api/v1/session', { method: 'DELETE' }, ended)
    expect((await verify('', { authorization: `Bearer ${ended}` })).status).toBe(401)
    expect((await verify('', { ...cookie, authorization: `Bearer ${ended}` })).status).toBe(400)
  })

  it("returns the app's Authorization on request, but no token of ours", async () => {
    const cookie = await signedIn()
    const returned = async (authorization: string, query = '?authorization=app') =>
      (await verify(query, { ...cookie, authorization })).headers['authorization']
    expect(await returned('Basic YTpi')).toBe('Basic YTpi')
    expect(await returned('Basic YTpi', '')).toBeUndefined()
    const bearer = { authorization: `Bearer ${await tokenFor(server, 'program@mail.test')}` }
    expect((await verify('?authorization=app', bearer)).headers['authorization']).toBeUndefined()
  })

  it('SE-07 refuses a write with a cookie from a foreign origin', async () => {
    const cookie = await signedIn()
    const write = (headers: OutgoingHttpHeaders, method = 'POST', where = server) =>
      verify('', { ...forwarded('/orders'), 'x-forwarded-method': method, ...headers }, where)
    const foreign = { ...cookie, origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    const sibling = { ...cookie, origin: 'https://evil.gatehouse.test', 'sec-fetch-site': 'same-site' }
    for (const headers of [foreign, sibling, cookie, { ...cookie, origin: 'null' }])
      for (const method of ['POST', 'PUT', 'DELETE', 'post', 'GET, POST']) {
        const refused = await write(headers, method)
        expect([refused.status, JSON.parse(refused.body).code]).toEqual([403, 'origin_refused'])
        expect(refused.headers).toMatchObject(emptyIdentityHeaders)
      }
    for (const method of ['GET', 'HEAD', 'OPTIONS']) expect((await write(foreign, method)).status, method).toBe(200)
    for (const origin of [endpoint, publicOrigin, appOrigin])
      expect((await write({ ...cookie, origin })).status, origin).toBe(200)
    expect((await write({ ...cookie, origin: 'null', 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  })

  it('SE-07 leaves writes with Bearer alone, and believes methods of a trusted proxy only', async () => {
    const post = { ...forwarded('/orders'), 'x-forwarded-method': 'POST', origin: 'https://evil.test' }
    const authorization = `Bearer ${await tokenFor(server, 'program@mail.test')}`
    expect((await verify('', { ...post, authorization })).status).toBe(200)
    expect((await verify('', { ...post, ...(await signedIn()) }, direct)).status).toBe(200)
  })

  it('FW-01 LK-02 accepts a token from the requested URL, not from its own, and puts none into Location', async () => {
    const token = await tokenFor(server, 'query@mail.test', 'beta')
    const asked = forwarded(`/a?b=1&token=${token}&c`)
    expect((await verify(`?token=${token}`)).status).toBe(400)
    expect((await verify('', asked, direct)).status).toBe(401)
    expect((await verify('', asked)).headers).toMatchObject({ 'x-auth-email': 'query@mail.test' })
    await api(server, '/api/v1/session', { method: 'DELETE' }, token)
    const ended = await verify('?login=redirect', { ...browser, ...asked })
    expect(new URL(ended.headers.location ?? '').searchParams.get('return_to')).toBe(`${endpoint}/a?b=1&c`)
    expect(JSON.stringify([ended.headers, ended.body])).not.toContain(token)
  })
})
