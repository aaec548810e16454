/** Headers as long as Node takes them cost the process next to nothing. */
import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { api } from '../../support/gatehouse/connections.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())

const long = 15_000
const fillings = ['a', '@', '%40', 'a@', ' ', '/', '.', '0', ',', ';', '=', '"', ':', '-', 'a,', 'a;', 'a=b;', '\t']
const headers = [
  'origin',
  'content-type',
  'referer',
  'user-agent',
  'cookie',
  'authorization',
  'accept',
  'accept-language',
  'if-none-match',
  'range',
  'x-forwarded-for',
  'x-forwarded-host',
  'forwarded',
  'dpop',
  'sec-fetch-site',
]
const places = [
  ['POST', '/login'],
  ['POST', '/api/v1/sessions'],
  ['GET', '/api/v1/session'],
  ['GET', '/verify?tenant=acme'],
  ['GET', '/t/acme/okta/start'],
  ['POST', '/t/acme/okta/callback'],
  ['POST', '/oauth2/token'],
  ['GET', '/oauth2/auth?client_id=x'],
  ['GET', '/static/pages.css'],
] as const

interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** The status; 0 where the connection ends without one. */
function ask(method: string, path: string, { headers: sent, body = 'a=b' }: Sent): Promise<number> {
  return new Promise((done) => {
    const options = { port: server.port, host: '127.0.0.1', method, path, agent: false }
    const host = new URL(publicOrigin).host
    const asked = request({ ...options, headers: { host, ...sent } }, (answer) => {
      answer.resume()
      answer.on('end', () => done(answer.statusCode ?? 0))
    })
    asked.on('error', () => done(0)).end(method === 'POST' ? body : undefined)
  })
}

/** CPU time of this process, where Gatehouse runs, in ms. */
async function cpuMsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** Quadratic parsing of 15 kB takes half a second; all requests together take milliseconds. */
async function expectCheap(what: string, asks: () => readonly Promise<number>[]): Promise<void> {
  const ms = await cpuMsOf(async () => {
    const [alive] = await Promise.all([api(server, '/healthz'), ...asks()])
    expect(alive.status).toBe(200)
  })
  expect(ms, what).toBeLessThan(1500)
}

const values = fillings.map((filling) => `x${filling.repeat(long).slice(0, long - 2)}x`)

describe('a request with 15 kB of a header takes little time', () => {
  it.each(places)('A2: in a header of %s %s', async (method, path) => {
    for (const name of headers)
      await expectCheap(name, () => values.map((value) => ask(method, path, { headers: { [name]: value } })))
  })

  it.each([
    ['/login', ['tenant', 'return_to', 'login_hint', 'provider']],
    ['/t/acme/okta/start', ['return_to', 'login_hint', 'code_challenge']],
    ['/t/acme/okta/callback', ['code', 'state', 'error', 'error_description', 'iss']],
    [
      '/oauth2/auth',
      ['client_id', 'redirect_uri', 'scope', 'state', 'claims', 'request', 'id_token_hint', 'acr_values'],
    ],
    ['/oauth2/logout', ['id_token_hint', 'post_logout_redirect_uri']],
    ['/verify', ['tenant', 'group', 'return_to', 'token']],
    ['/link', ['code']],
  ])('A2: in the query of %s', async (path, names) => {
    for (const name of names)
      await expectCheap(name, () =>
        values.map((value) => ask('GET', `${path}?${name}=${encodeURIComponent(value).slice(0, long)}`, {})),
      )
  })

  it.each([
    ['/login', ['email', 'password', 'tenant', 'return_to']],
    ['/forgot', ['email', 'tenant']],
    ['/sign-up', ['email', 'tenant']],
    ['/t/acme/okta/callback', ['code', 'state', 'id_token', 'SAMLResponse']],
    ['/oauth2/token', ['client_id', 'client_secret', 'code', 'refresh_token', 'client_assertion', 'scope', 'resource']],
    ['/oauth2/introspect', ['token']],
  ])('A2: in a field of a form to %s', async (path, names) => {
    const form = { 'content-type': 'application/x-www-form-urlencoded', origin: publicOrigin }
    for (const name of names)
      await expectCheap(name, () =>
        values.map((value) => ask('POST', path, { headers: form, body: `${name}=${encodeURIComponent(value)}` })),
      )
  })
})
