/** Redirect URIs: compared exactly; an unregistered one gets an error page, no redirect. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { unencodedCharacter } from '../../../src/primitives/address-characters.ts'
import { sendRaw } from '../../support/browser/raw-http.ts'
import { referenceOn, TestBrowser, unescaped } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { shopCallback, startProviderServer } from '../../support/oidc/relying-parties.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startProviderServer({ settings: 'trustedProxies: [127.0.0.1]\n' })
})
afterAll(() => server.stop())

const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

function authorize(parameters: Record<string, string>, raw = ''): string {
  const query = new URLSearchParams({
    client_id: 'shop',
    response_type: 'code',
    scope: 'openid',
    state: 'the-state',
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...parameters,
  })
  return `/oauth2/auth?${query}${raw}`
}

const tricks: readonly (readonly [id: string, what: string, address: string])[] = [
  ['OP-01', 'another host', 'https://evil.test/callback'],
  ['OP-02', 'another port', 'https://shop.test:8443/callback'],
  ['OP-03', 'the default port, written out', 'https://shop.test:443/callback'],
  ['OP-04', 'another scheme', 'http://shop.test/callback'],
  ['OP-05', 'another path', 'https://shop.test/callback2'],
  ['OP-06', 'a longer path', 'https://shop.test/callback/evil'],
  ['OP-07', 'a path that climbs', 'https://shop.test/callback/../evil'],
  ['OP-07', 'a path that climbs and comes back', 'https://shop.test/x/../callback'],
  ['OP-08', 'encoded dots', 'https://shop.test/%2e%2e/callback'],
  ['OP-09', 'one more query', `${shopCallback}?next=https://evil.test`],
  ['OP-10', 'a fragment', `${shopCallback}#fragment`],
  ['OP-10', 'an empty fragment', `${shopCallback}#`],
  ['OP-11', 'a user name', 'https://shop.test@evil.test/callback'],
  ['OP-11', 'a user name at the right host', 'https://evil@shop.test/callback'],
  ['OP-12', 'a longer host', 'https://shop.test.evil.test/callback'],
  ['OP-12', 'a subdomain', 'https://www.shop.test/callback'],
  ['OP-13', 'capitals in the path', 'https://shop.test/Callback'],
  ['OP-13', 'capitals in the host', 'https://SHOP.test/callback'],
  ['OP-14', 'a slash at the end', `${shopCallback}/`],
  ['OP-15', 'a backslash and an at', 'https://evil.test\\@shop.test/callback'],
  ['OP-17', 'line breaks', `${shopCallback}\r\nSet-Cookie: evil=1`],
  ['OP-18', 'javascript:', 'javascript:alert(1)//https://shop.test/callback'],
  ['OP-18', 'data:', 'data:text/html,<script>alert(1)</script>'],
  ['OP-19', 'a wildcard', 'https://shop.test/*'],
  ['OP-19', 'no scheme', '//shop.test/callback'],
  ['OP-20', "another app's", 'https://other.test/callback'],
  ['OP-21', 'nothing', ''],
  ['OP-21', 'a space around it', ` ${shopCallback}`],
  ['OP-25', '12 kB', `${shopCallback}?${'a'.repeat(12_000)}`],
  ['OP-32', 'markup', `https://shop.test/"><script>alert(1)</script>`],
]

describe('an unregistered redirect URI', () => {
  it.each(tricks)(
    'A17 %s %s: gets an error page that names it and not the registered ones, which the trace has',
    async (_id, _what, address) => {
      // each from elsewhere: of one source only so many refusals become traces
      const headers = { 'x-forwarded-for': `198.51.100.${tricks.findIndex(([, , trick]) => trick === address)}` }
      const page = await new TestBrowser(server).ask(authorize({ redirect_uri: address }), { headers })
      expect(page.status).toBe(400)
      expect(page.headers.location).toBeUndefined()
      expect(page.headers.refresh).toBeUndefined()
      expect(page.headers['content-security-policy']).toContain("default-src 'none'")
      expect(page.body).not.toMatch(/<script(?! src="\/static\/)|href="(?:javascript|data):/i)
      expect(page.body).toContain('The developer of the app can fix this.')
      const text = unescaped(page.body)
      if (address.trim() !== shopCallback) expect(text).not.toContain(`<code>${shopCallback}</code>`)
      expect(text).not.toContain('https://shop.test/other')
      expect(text).toContain('<code>apps.shop.redirectUris in gatehouse.yaml</code>')
      // what a browser could not have sent is named instead
      if (unencodedCharacter(address) === undefined)
        expect(text).toContain('This redirect URI is not registered for the app.')
      if (/^[\x21-\x7e]{1,400}$/.test(address)) expect(text).toContain(`<code>${address}</code>`)
      const trace = await server.trace(referenceOn(page))
      expect(trace).toMatchObject({
        outcome: 'refused',
        code: 'redirect_uri_refused',
        fixer: 'app developer',
        connection: 'app shop',
      })
      expect(JSON.stringify(trace)).toContain(`${shopCallback}, https://shop.test/other`)
    },
  )

  it('OP-16 with NUL: gets an error page and no redirect', async () => {
    const page = await new TestBrowser(server).ask(authorize({ redirect_uri: `${shopCallback}\0` }))
    expect(page.status).toBe(400)
    expect(page.headers.location).toBeUndefined()
  })

  it.each([
    [
      'OP-22',
      'the right one first',
      `&redirect_uri=${encodeURIComponent('https://evil.test/')}`,
      { redirect_uri: shopCallback },
    ],
    [
      'OP-23',
      'the right one last',
      `&redirect_uri=${encodeURIComponent(shopCallback)}`,
      { redirect_uri: 'https://evil.test/' },
    ],
    ['OP-24', 'missing', '', {}],
  ])('%s twice, or %s: gets an error page and no redirect', async (_id, _what, raw, parameters) => {
    const page = await new TestBrowser(server).ask(authorize(parameters, raw))
    expect(page.status).toBe(400)
    expect(page.headers.location).toBeUndefined()
    expect(unescaped(page.body)).toMatch(/request has (no|2) redirect_uri: it must have one\./)
  })

  it('OP-25 of 64 kB is refused before it is read', async () => {
    const { status } = await sendRaw(
      server.port,
      `GET ${authorize({ redirect_uri: shopCallback + 'a'.repeat(65_536) })} HTTP/1.1\r\nHost: login.gatehouse.test\r\nConnection: close\r\n\r\n`,
    )
    expect([400, 414, 431, 0]).toContain(status)
  })

  it('OP-26 any port of a loopback address is allowed for native apps only', async () => {
    const browser = new TestBrowser(server)
    const native = await browser.ask(authorize({ client_id: 'phone', redirect_uri: 'http://127.0.0.1:53124/callback' }))
    expect(native.status).toBe(303)
    expect(native.headers.location).toMatch(/^\/consent\//)
    for (const address of [
      'http://127.0.0.1:53124/callback2',
      'http://127.0.0.2/callback',
      'http://evil.test:80/callback',
    ])
      expect((await browser.ask(authorize({ client_id: 'phone', redirect_uri: address }))).status, address).toBe(400)
    const web = await browser.ask(authorize({ redirect_uri: 'http://127.0.0.1:53124/callback' }))
    expect(web.status).toBe(400)
  })
})

describe('an invalid request', () => {
  it('OP-28 of an unknown app: gets an error page that names it', async () => {
    const page = await new TestBrowser(server).ask(
      authorize({ client_id: 'nobody', redirect_uri: 'https://evil.test/' }),
    )
    expect(page.status).toBe(400)
    expect(page.headers.location).toBeUndefined()
    expect(page.body).toContain('nobody')
    expect(page.body).toContain('The app that sent you here is not registered with this sign-in service')
    expect(page.body).not.toContain('not yours')
  })

  it.each([
    ['implicit', { response_type: 'token' }, 'unsupported_response_type'],
    ['hybrid', { response_type: 'code id_token', nonce: 'n' }, 'unsupported_response_type'],
    ['none', { response_type: 'none' }, 'unsupported_response_type'],
    ['an unknown response mode', { response_mode: 'web_message' }, 'unsupported_response_mode'],
    ['an unsigned request object', { request: 'eyJhbGciOiJub25lIn0.e30.' }, 'invalid_request_object'],
    ['a request object elsewhere', { request_uri: 'http://127.0.0.1:1/canary' }, 'request_uri_not_supported'],
    ['a scope the app may not ask for', { scope: 'openid roles' }, 'invalid_scope'],
    ['two prompts that exclude each other', { prompt: 'none login' }, 'invalid_request'],
  ])('OP-28 OP-29 %s: is answered with an error to the app', async (_what, parameters, error) => {
    const page = await new TestBrowser(server).ask(authorize({ redirect_uri: shopCallback, ...parameters }))
    const answer = new URL(page.headers.location ?? '')
    const stated = answer.hash === '' ? answer.searchParams : new URLSearchParams(answer.hash.slice(1))
    expect(answer.origin + answer.pathname).toBe(shopCallback)
    expect(Object.fromEntries(stated)).toMatchObject({ error, state: 'the-state', iss: publicOrigin })
    expect(stated.has('code') || stated.has('access_token') || stated.has('id_token')).toBe(false)
  })

  it('OP-32 with markup in every parameter: is shown as text', async () => {
    const evil = `"><img src=x onerror=alert(1)>`
    const page = await new TestBrowser(server).ask(
      authorize({
        redirect_uri: `https://evil.test/${evil}`,
        state: evil,
        login_hint: evil,
        scope: evil,
        tenant: evil,
      }),
    )
    expect(page.body).not.toContain('<img src=x')
  })
})
