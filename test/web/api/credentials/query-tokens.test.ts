/** Tokens in addresses reach no log, trace, audit event, answer or history of our pages. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from '../../../support/browser/test-browser.ts'
import { tokenApi } from '../../../support/gatehouse/api-tokens.ts'
import { api, tokenFor } from '../../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin } from '../../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
const { created } = tokenApi(() => server)
/** Live ones of a tenant that allows them in the query, and one of a tenant that does not. */
let tokens: readonly string[]
beforeAll(async () => {
  const okta = await oktaFor()
  const beta = betaYaml(okta).replace('tokenInQuery: true', 'tokenInQuery: true, tokenCookie: true')
  const tenants = { 'acme.yaml': acmeYaml(okta), 'beta.yaml': beta }
  server = await startTestGatehouse({ okta, tenants, settings: 'trustedProxies: [127.0.0.1]\n' })
  const session = await tokenFor(server, 'query@mail.test', 'beta')
  tokens = [session, (await created(session)).token, await tokenFor(server, 'query@mail.test')]
})
afterAll(async () => {
  await server.stop()
  await server.okta.close()
})

const pages = ['/', '/login', '/account', '/sign-up', '/forgot', '/developer', '/api', '/oauth2/device', '/nowhere']

describe('LK-02 a page opened with a token', () => {
  it.each(pages)('%s redirects to its address without it', async (path) => {
    for (const token of tokens) {
      const page = await api(server, `${path}?tenant=acme&token=${token}&x=%20`)
      expect([page.status, page.headers.location]).toEqual([303, `${publicOrigin}${path}?tenant=acme&x=%20`])
      expect(page.headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
      expect(page.body).toBe('')
    }
  })

  it('does not sign in, and leads to no other site', async () => {
    const [token] = tokens
    expect((await api(server, `/account?token=${token}`)).headers['set-cookie']).toBeUndefined()
    const { location } = (await api(server, `${publicOrigin}//evil.test/?token=${token}`)).headers
    expect(location).toBe(`${publicOrigin}//evil.test/`)
  })

  it('redirects from return_to too', async () => {
    const returnTo = encodeURIComponent(`/account?token=${tokens[0]}`)
    const page = await api(server, `/login?tenant=acme&return_to=${returnTo}`)
    expect(page.headers.location).toBe(`${publicOrigin}/login?tenant=acme&return_to=%2Faccount`)
  })
})

describe('LK-01 after requests with tokens in every place', () => {
  const answers: Page[] = []
  beforeAll(async () => {
    for (const token of tokens)
      for (const path of [...pages, '/api/v1/session', '/api/v1/users/me', '/api/v1/nowhere', '/verify', '/healthz'])
        for (const method of ['GET', 'POST', 'DELETE', 'HEAD']) await ask(path, token, method)
  })

  /** Also with a second credential, an invalid query and as the URL that a proxy forwards. */
  async function ask(path: string, token: string, method: string): Promise<void> {
    const other = `gth_s_${'0'.repeat(49)}`
    const uri = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'login.gatehouse.test' }
    const requests = [
      [`${path}?token=${token}`, {}],
      [`${path}?token=${token}&token=${tokens[2]}`, { cookie: `token=${tokens[1]}` }],
      [`${path}?token=${token}%00`, { authorization: `Bearer ${other}` }],
      [path, { ...uri, 'x-forwarded-uri': `/a?token=${token}`, accept: 'text/html' }],
      [path, { 'gatehouse-query-token': token, referer: `https://app.test/?token=${token}` }],
    ] as const
    for (const [address, headers] of requests) answers.push(await api(server, address, { method, headers }))
  }

  const hits = (text: string) => tokens.filter((token) => text.includes(token) || text.includes(token.slice(6, 40)))

  it('no token is in the log', () => {
    expect(server.logged.length).toBeGreaterThan(50)
    expect(hits(server.logged.join(''))).toEqual([])
  })

  it('no token is in a trace, an audit event or a file of the store', async () => {
    const traces = await server.core.storage.durable.traces.search({ limit: 500 })
    expect(hits(JSON.stringify(traces))).toEqual([])
    expect(hits((await server.storedBytes()).toString('latin1'))).toEqual([])
  })

  it('no answer repeats a token, in its body or its headers', () => {
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 204, 303, 400, 401, 403, 404, 405]))
    for (const { status, headers, body } of answers)
      expect(hits(`${JSON.stringify(headers)}${body}`), `${status}`).toEqual([])
  })
})
