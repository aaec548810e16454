/** Every endpoint with a return URL rejects unregistered origins (OP-27). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { browserOf, postForm } from '../../support/gatehouse/connections.ts'
import { appOrigin, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
let signedIn: TestBrowser
beforeAll(async () => {
  server = await startTestGatehouse()
  signedIn = await browserOf(server, 'returning@mail.test')
})
afterAll(() => server.stop())

const evil = [
  'https://evil.test/',
  'http://evil.test',
  '//evil.test',
  '///evil.test',
  '////evil.test/%2e%2e',
  '/\\evil.test',
  '\\\\evil.test',
  '\\/evil.test',
  '/\t/evil.test',
  '\t//evil.test',
  ' //evil.test',
  '/\n/evil.test',
  '\r\n//evil.test',
  '/\u0000/evil.test',
  'https:evil.test',
  'https:/evil.test',
  'https:\\\\evil.test',
  'HTTPS://evil.test',
  'hTTps:evil.test',
  'javascript:alert(1)',
  'JavaScript:alert(1)',
  'java\tscript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'file:///etc/passwd',
  'blob:https://login.gatehouse.test/x',
  'ftp://app.gatehouse.test/',
  'evil.test',
  'account',
  '?x=1',
  '#x',
  '',
  '.',
  `${publicOrigin}.evil.test/`,
  `${publicOrigin}@evil.test/`,
  `${publicOrigin}:443@evil.test/`,
  `https://user:secret@login.gatehouse.test/`,
  `${publicOrigin}:8443/`,
  'http://login.gatehouse.test/',
  `${appOrigin}.evil.test/`,
  `${appOrigin}@evil.test/`,
  `${appOrigin}:8443/`,
  'http://app.gatehouse.test/',
  'https://other.gatehouse.test/',
  'https://xapp.gatehouse.test/',
  'https://аpp.gatehouse.test/',
  'https://app.gatehouse.test\\@evil.test/',
  'https://evil.test\\@app.gatehouse.test/',
  'https://evil.test/@app.gatehouse.test/',
  'https://evil.test#@app.gatehouse.test/',
  'https://evil.test?app.gatehouse.test',
  `/${'x'.repeat(2100)}`,
]
const good = [
  ['/account', `${publicOrigin}/account`],
  ['/account?next=//evil.test', `${publicOrigin}/account?next=//evil.test`],
  ['/%2f%2fevil.test', `${publicOrigin}/%2f%2fevil.test`],
  ['/../account', `${publicOrigin}/account`],
  [`${publicOrigin}/account`, `${publicOrigin}/account`],
  [appOrigin, `${appOrigin}/`],
  [`${appOrigin}/deep?a=1&b=2`, `${appOrigin}/deep?a=1&b=2`],
  [`${appOrigin}:443/`, `${appOrigin}/`],
] as const

const query = (address: string) => `return_to=${encodeURIComponent(address)}`

describe('return URLs', () => {
  it.each(evil)(
    'OP-27 %j is rejected at the sign-in page, a connection, sign-up and reset, signed in or not',
    async (address) => {
      for (const path of ['/login?tenant=acme', '/t/acme/okta/start?x=1']) {
        for (const browser of [new TestBrowser(server), signedIn]) {
          const page = await browser.ask(`${path}&${query(address)}`)
          expect([path, page.status, page.headers.location, page.headers['refresh']]).toEqual([
            path,
            400,
            undefined,
            undefined,
          ])
          expect(page.body).toMatch(/This return address isn't registered|Invalid request/)
        }
      }
      for (const path of ['/sign-up', '/forgot', '/login']) {
        const form = { tenant: 'acme', email: 'x@mail.test', password: 'whatever it is', return_to: address }
        const page = await postForm(new TestBrowser(server), path, form)
        expect([path, page.status, page.headers.location]).toEqual([path, 400, undefined])
      }
    },
  )

  it.each(good)('%s is %s', async (address, ends) => {
    const page = await signedIn.ask(`/login?tenant=acme&${query(address)}`)
    expect([page.status, page.headers.location]).toEqual([303, ends])
  })

  it('OP-27 other parameter names are ignored', async () => {
    for (const name of ['rd', 'next', 'redirect', 'redirect_uri', 'url', 'RelayState', 'returnTo', 'return_to[]']) {
      const page = await signedIn.ask(`/login?tenant=acme&${name}=${encodeURIComponent('https://evil.test/')}`)
      expect(page.headers.location).toBe(`${publicOrigin}/account`)
    }
  })

  it('OP-27 given twice it is rejected', async () => {
    const page = await signedIn.ask(`/login?tenant=acme&${query('/account')}&${query('https://evil.test/')}`)
    expect([page.status, page.headers.location]).toEqual([400, undefined])
  })

  it('OP-27 an origin registered by one tenant is invalid for another', async () => {
    expect((await new TestBrowser(server).ask(`/login?tenant=beta&${query(appOrigin)}`)).status).toBe(400)
  })
})
