/** Refusals before oidc-provider: a page for users, JSON for programs, one log reference. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { enforceDeviceCodeLimit, enforceSourceLimit } from '../../../src/broker/limits/rate-limits.ts'
import { wantsPage } from '../../../src/oidc/endpoint/refuse-request.ts'
import { linkOn, type Page, type PageRequest, send } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { startProviderServer } from '../../support/oidc/relying-parties.ts'

const chromium = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8'

let server: TestGatehouse
beforeAll(async () => {
  server = await startProviderServer()
})
afterAll(() => server.stop())

const ask = (path: string, { headers, ...requested }: PageRequest = {}, accept = chromium): Promise<Page> =>
  send(server.port, new URL(path, publicOrigin), { ...requested, headers: { accept, ...headers } })

/** One line of the log, and the trace, are found by what the page shows. */
async function expectReference(page: Page, code: string): Promise<void> {
  const reference = String(page.headers['x-request-id'])
  expect(page.body).toContain(`<code>${reference}</code>`)
  const lines = server.logged.map((line) => JSON.parse(line)).filter((line) => line.reference === reference)
  expect(lines).toEqual([expect.objectContaining({ code, msg: 'the OpenID Provider refused a request' })])
  expect((await server.trace(reference)).code).toBe(code)
}

describe('an authorization request over the rate limit', () => {
  const request = '/oauth2/auth?client_id=shop&state=%22%3E%3Cb%3E&scope=openid'
  beforeEach(async () => {
    server.clock.forward(301)
    for (let time = 0; time < 1200; time += 1)
      await enforceSourceLimit(server.core.parts.counters, 'openid-authorization', '127.0.0.1')
  })

  it('shows a user what happened, when to retry, a reference and a link to retry', async () => {
    const page = await ask(request)
    expect([page.status, page.headers['content-type']]).toEqual([429, 'text/html; charset=utf-8'])
    expect(Number(page.headers['retry-after'])).toBeGreaterThan(0)
    expect(page.headers['cache-control']).toBe('no-store')
    expect(page.headers['content-security-policy']).toContain("default-src 'none'")
    expect(page.body).toContain('<h1>Too many attempts</h1>')
    expect(page.body).not.toContain('<b>')
    expect(linkOn(page, 'Try again')).toBe(request)
    await expectReference(page, 'too_many_attempts')
  })

  it('answers a program with JSON and the reference in a header', async () => {
    const page = await ask(request, {}, '*/*')
    expect([page.status, page.headers['content-type']]).toEqual([429, 'application/json'])
    expect(JSON.parse(page.body)).toEqual({ error: 'temporarily_unavailable', error_description: 'Too many attempts' })
    expect(Number(page.headers['retry-after'])).toBeGreaterThan(0)
    const reference = page.headers['x-request-id']
    expect(server.logged.filter((line) => line.includes(`"reference":"${reference}"`))).toHaveLength(1)
  })
})

describe('a user code', () => {
  const typed = { user_code: 'BBBB-CCCC', xsrf: 'same-origin' }

  it('over the rate limit shows a page that leads back to the form', async () => {
    const typedBy = { source: '127.0.0.1', session: undefined }
    for (let time = 0; time < 300; time += 1) await enforceDeviceCodeLimit(server.core.parts.counters, typedBy)
    const headers = { origin: 'null', 'sec-fetch-site': 'same-origin' }
    const page = await ask('/oauth2/device', { method: 'POST', form: typed, headers })
    expect([page.status, page.headers['content-type']]).toEqual([429, 'text/html; charset=utf-8'])
    expect(linkOn(page, 'Back to the code')).toBe('/oauth2/device')
    await expectReference(page, 'too_many_attempts')
  })

  it('from a form of another site shows a page', async () => {
    const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    const page = await ask('/oauth2/device', { method: 'POST', form: typed, headers })
    expect([page.status, page.headers['content-type']]).toEqual([403, 'text/html; charset=utf-8'])
    await expectReference(page, 'origin_refused')
  })
})

it('an endpoint for programs answers with JSON even to a browser', async () => {
  const page = await ask('/oauth2/par')
  expect([page.status, page.headers['content-type'], page.headers['allow']]).toEqual([
    405,
    'application/json',
    'POST, OPTIONS',
  ])
  expect(JSON.parse(page.body)).toEqual({ error: 'invalid_request', error_description: 'only POST, OPTIONS here' })
})

it.each(['/oauth2/token', '/oauth2/userinfo', '/oauth2/jwks', '/.well-known/openid-configuration'])(
  'OPTIONS at %s lists the methods',
  async (path) => {
    const answer = await ask(path, { method: 'OPTIONS' })
    expect([answer.status, answer.body]).toEqual([204, ''])
    expect(answer.headers['allow']).toContain('OPTIONS')
  },
)

it('an impossible sign-out shows a page', async () => {
  const page = await ask('/oauth2/logout?client_id=nobody')
  expect([page.status, page.headers['content-type']]).toEqual([400, 'text/html; charset=utf-8'])
})

it.each([
  ['/oauth2/auth', chromium, true],
  ['/oauth2/auth/some-uid', chromium, true],
  ['/oauth2/device', 'text/html', true],
  ['/oauth2/device/some-uid', 'TEXT/HTML;q=0.9', true],
  ['/oauth2/device_authorization', chromium, false],
  ['/oauth2/auth', '*/*', false],
  ['/oauth2/auth', 'application/json', false],
  ['/oauth2/auth', undefined, false],
  ['/oauth2/token', chromium, false],
  ['/oauth2/jwks', chromium, false],
  ['/.well-known/openid-configuration', chromium, false],
])('%s with Accept %s: shows a page: %s', (path, accept, expected) => {
  expect(wantsPage(path, accept)).toBe(expected)
})
