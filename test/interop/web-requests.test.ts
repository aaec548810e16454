/**
 * Requests as proxies and HTTP clients write them: forwarded headers, charsets, empty parameters.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestBrowser } from '../support/browser/test-browser.ts'
import { api } from '../support/gatehouse/connections.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

const app = 'https://login.gatehouse.test:8443'
const acme = { tenant: 'acme', name: 'Acme', connections: { password: {} }, returnOrigins: [app] }

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse({
    tenants: { 'acme.yaml': JSON.stringify(acme) },
    settings: 'trustedProxies: [127.0.0.1]\n',
  })
})
afterAll(() => server.stop())

describe('B7: /verify behind several proxies', () => {
  const returnTo = async (headers: Readonly<Record<string, string>>) => {
    const plain = { 'x-forwarded-proto': 'https', 'x-forwarded-host': new URL(app).host, 'x-forwarded-uri': '/r?a=1' }
    const navigation = { 'sec-fetch-mode': 'navigate', accept: 'text/html' }
    const page = await api(server, '/verify?login=redirect', { headers: { ...navigation, ...plain, ...headers } })
    return new URL(String(page.headers.location)).searchParams.get('return_to')
  }

  it.each([
    { 'x-forwarded-proto': 'https,http' },
    { 'x-forwarded-proto': 'https, http, http' },
    { 'x-forwarded-proto': 'HTTPS' },
    { 'x-forwarded-host': new URL(app).host.toUpperCase() },
  ])('%j leads back to the requested page', async (headers) => {
    expect(await returnTo(headers)).toBe(`${app}/r?a=1`)
  })

  it.each([
    { 'x-forwarded-proto': 'wss' },
    { 'x-forwarded-proto': ',https' },
    { 'x-forwarded-host': 'https://login.gatehouse.test:8443' },
    { 'x-forwarded-host': 'login.gatehouse.test:8443, inner.cluster.local' },
  ])('%j names no page', async (headers) => {
    expect(await returnTo(headers)).toBeNull()
  })
})

describe('the API', () => {
  const login = async (type: string, body: string) => {
    const { status, body: text } = await api(server, '/api/v1/sessions', {
      method: 'POST',
      json: body,
      headers: { 'content-type': type },
    })
    return { status, detail: String(JSON.parse(text).detail) }
  }
  const body = JSON.stringify({ tenant: 'acme', email: 'ada@corp.test', password: 'a long but wrong password' })

  it.each(['application/json; charset=utf8', 'application/json;charset="UTF8"', 'application/json; charset="UTF-8"'])(
    'B7: reads %s',
    async (type) => {
      expect(await login(type, body)).toMatchObject({ status: 401 })
    },
  )

  it.each([
    ['application/json', '{"email":', /body is not valid JSON/],
    ['application/json; charset=koi8-r', body, /body must be UTF-8/],
    ['text/plain', body, /content-type: application\/json/],
  ])('B11: says what is wrong with %s', async (type, text, expected) => {
    expect(await login(type, text)).toEqual({ status: 400, detail: expect.stringMatching(expected) })
  })
})

describe('the sign-in page', () => {
  it('B8: opens with an empty tenant', async () => {
    expect((await new TestBrowser(server).open('/login?tenant=')).status).toBe(200)
  })

  it('B11: names a parameter that came twice', async () => {
    const page = await new TestBrowser(server).open('/login?tenant=acme&tenant=acme')
    expect([page.status, page.body]).toEqual([400, expect.stringContaining('The tenant must be given once.')])
  })
})
