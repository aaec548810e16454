/** The page that relays a form_post answer, unsolicited answers and their rate limits. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { submitScript } from '../../../src/pages/assets.ts'
import { formsOn, type Page, referenceOn, TestBrowser } from '../../support/browser/test-browser.ts'
import {
  answerBy,
  answerOn,
  type FormPostServer,
  postAnswer,
  postFromElsewhere,
  startFormPostServer,
} from '../../support/gatehouse/form-post-server.ts'
import { isSignedIn } from '../../support/gatehouse/partner-server.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { waitOptions } from '../../support/gatehouse/test-gatehouse.ts'

let post: FormPostServer
let browser: TestBrowser
let sources = 0
beforeAll(async () => {
  post = await startFormPostServer()
})
afterAll(() => post.stop())
beforeEach(() => {
  post.apple.reset()
  post.saml.reset()
  sources += 1
  browser = new TestBrowser(post.server, `192.0.2.${sources}`)
})

const callbackOf = (connection: string, tenant = 'acme') => `${publicOrigin}/t/${tenant}/${connection}/callback`
const sameOrigin = { origin: publicOrigin, 'sec-fetch-site': 'same-origin' }
const codeOf = async (page: Page) => (await post.server.trace(referenceOn(page))).code

describe('the relay page', () => {
  it('is not cached, runs our script only and posts to this callback only', async () => {
    const { fields } = await answerBy(browser, 'saml', 'Ada of SAML')
    const page = await postFromElsewhere(browser, { address: `${callbackOf('saml')}?next=https://evil.test/`, fields })
    expect(page.status).toBe(200)
    expect(page.headers['cache-control']).toBe('no-store')
    expect(page.headers['content-security-policy']).toBe(
      "default-src 'none'; img-src 'self'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; script-src 'self'; form-action 'self'",
    )
    expect(formsOn(page).map(({ action }) => action)).toEqual(['/t/acme/saml/callback'])
    const script = await browser.ask(submitScript.path)
    expect(script.headers['content-type']).toContain('text/javascript')
    expect(script.body).toBe(submitScript.content)
  })

  it('forwards only the parameters of answers', async () => {
    const { address, fields } = await answerBy(browser, 'saml', 'Ada of SAML')
    const hostile = { 'x"><script>': '1', password: 'p', ['n'.repeat(65)]: '1', action: 'https://evil.test/' }
    const page = await postFromElsewhere(browser, { address, fields: { ...fields, ...hostile } })
    expect(Object.keys(formsOn(page)[0]?.fields ?? {}).toSorted()).toEqual([
      'RelayState',
      'SAMLResponse',
      'gatehouse_relayed',
    ])
  })

  it('keeps repeated parameters, so that the engine can reject them', async () => {
    const { address, fields } = await answerBy(browser, 'saml', 'Ada of SAML')
    const form = `${new URLSearchParams(fields)}&SAMLResponse=PHg%2BPC94Pg`
    const headers = { 'sec-fetch-site': 'cross-site' }
    const page = await browser.ask(address, { method: 'POST', form, headers })
    expect(page.body.match(/name="SAMLResponse"/g)).toHaveLength(2)
    const both = await browser.ask(address, { method: 'POST', form, headers: sameOrigin })
    expect(await codeOf(both)).toBe('callback_malformed')
  })

  it('is not shown twice: a browser without proof of origin gets an error', async () => {
    const { address, fields } = await answerBy(browser, 'apple', 'ada@apple.test')
    const again = { ...fields, gatehouse_relayed: '1' }
    expect((await postFromElsewhere(browser, { address, fields: again })).status).toBe(403)
  })

  it('is shown for answers only', async () => {
    const { address, fields } = await answerBy(browser, 'apple', 'ada@apple.test')
    const form = `${new URLSearchParams(fields)}${'&user=x'.repeat(8)}`
    expect((await browser.ask(address, { method: 'POST', form })).status).toBe(400)
    expect((await browser.ask(address, { method: 'POST', form: `${form}${'&a=b'.repeat(8)}` })).status).toBe(413)
  })

  it('accepts a response of 256 kB in any encoding, and none over 800 kB', async () => {
    const { address, fields } = await answerBy(browser, 'saml', 'Ada of SAML')
    const form = (size: number) => `RelayState=${fields['RelayState']}&SAMLResponse=${'%2B'.repeat(size)}`
    expect((await browser.ask(address, { method: 'POST', form: form(256 * 1024) })).status).toBe(200)
    expect((await browser.ask(address, { method: 'POST', form: form(280 * 1024) })).status).toBe(413)
  })
})

describe('an unsolicited answer', () => {
  it('IdP-initiated: starts a login of our own if the connection allows it, and drops the answer itself', async () => {
    const { fields } = await answerBy(browser, 'dashboard', 'Ada of SAML')
    const SAMLResponse = fields['SAMLResponse'] ?? ''
    for (const unasked of [{ SAMLResponse }, { SAMLResponse, RelayState: '' }]) {
      const someone = new TestBrowser(post.server)
      const page = await postFromElsewhere(someone, { address: callbackOf('dashboard'), fields: unasked })
      expect([page.status, page.headers.location]).toEqual([303, '/t/acme/dashboard/start'])
      expect(await isSignedIn(someone)).toBe(false)
      const own = await answerBy(someone, 'dashboard', 'Ada of SAML')
      expect((await postAnswer(someone, own)).url.pathname).toBe('/account')
    }
  })

  it.each([
    ['without a state, elsewhere', 'saml', {}],
    ['SA-86 with an address for a state', 'dashboard', { RelayState: 'https://evil.test/' }],
    ['SA-86 with 5 kB for a state', 'dashboard', { RelayState: 'x'.repeat(5000) }],
    ['SA-86 with a script for a state', 'dashboard', { RelayState: '<script>alert(1)</script>' }],
    ['with the state under another name', 'saml', { state: 'a'.repeat(43) }],
  ])('%s is unknown', async (_, connection, more) => {
    const fields = { SAMLResponse: 'PHg+PC94Pg==', ...more }
    const page = await postFromElsewhere(browser, { address: callbackOf(connection), fields })
    expect(page.status).toBe(400)
    expect(await codeOf(page)).toBe('login_unknown')
    expect(page.body).not.toMatch(/evil\.test|<script>/)
  })

  it('for an unknown connection or organization is 404', async () => {
    const fields = { SAMLResponse: 'x', RelayState: 'a'.repeat(43) }
    for (const address of [callbackOf('nothing'), callbackOf('saml', 'nobody')])
      expect((await postFromElsewhere(browser, { address, fields })).status).toBe(404)
  })
})

describe('SAML endpoints', () => {
  it('publish metadata at the entity ID', async () => {
    const page = await browser.ask('/t/acme/saml/metadata')
    expect(page.headers['content-type']).toContain('application/samlmetadata+xml')
    expect(page.body).toContain(`entityID="${publicOrigin}/t/acme/saml/metadata"`)
    expect(page.body).toContain(`Location="${callbackOf('saml')}"`)
  })

  it('return 404 for a connection without metadata', async () => {
    for (const path of ['/t/acme/okta/metadata', '/t/acme/nothing/metadata'])
      expect((await browser.ask(path)).status).toBe(404)
  })

  it('send an AuthnRequest by form to the identity provider only', async () => {
    const start = await browser.ask('/t/acme/posted/start')
    expect(start.headers['content-security-policy']).toContain(`script-src 'self';`)
    expect(start.headers['content-security-policy']).toMatch(new RegExp(`form-action ${post.saml.url}$`))
    const atSaml = await browser.submit(start, `${post.saml.url}/sso`)
    const answer = answerOn(await browser.click(atSaml, 'Ada of SAML'))
    expect((await postAnswer(browser, answer)).url.pathname).toBe('/account')
  })
})

describe('rate limits', () => {
  it('reject unknown answers, without affecting logins started here', async () => {
    const unknownCallback = (tenant = 'acme') =>
      browser.ask(callbackOf('apple', tenant), {
        method: 'POST',
        form: { state: 'zzz', code: 'x' },
        headers: sameOrigin,
      })
    const statuses: number[] = []
    for (let turn = 0; turn < 310; turn += 1) statuses.push((await unknownCallback()).status)
    expect(statuses.filter((status) => status === 400)).toHaveLength(300)
    const refused = await unknownCallback()
    expect(refused.status).toBe(429)
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect((await unknownCallback('beta')).status).toBe(400)
    const someone = new TestBrowser(post.server, browser.source)
    const answer = await answerBy(someone, 'apple', 'ada@apple.test')
    expect((await postAnswer(someone, answer)).url.pathname).toBe('/account')
    // nor whoever reloads
    expect((await postAnswer(someone, answer)).url.pathname).toBe('/account')
    post.server.clock.forward(301)
    expect((await unknownCallback()).status).toBe(400)
  })

  it('reject logins of one source after the limit', async () => {
    post.server.clock.forward(301)
    const start = async () => (await browser.ask('/t/acme/apple/start')).status
    const statuses: number[] = []
    for (let turn = 0; turn < 600; turn += 1) statuses.push(await start())
    expect(new Set(statuses)).toEqual(new Set([303]))
    expect(await start()).toBe(429)
    post.server.clock.forward(301)
    expect(await start()).toBe(303)
  })

  it('keep 20 traces of unknown answers per source', async () => {
    post.server.clock.forward(601)
    const began = post.server.clock.now()
    const fields = { state: 'a'.repeat(43), code: 'x' }
    for (let turn = 0; turn < 40; turn += 1)
      expect(
        (await browser.ask(callbackOf('apple'), { method: 'POST', form: fields, headers: sameOrigin })).status,
      ).toBe(400)
    await browser.ask('/t/acme/apple/start') // its trace is written after theirs
    const unknownCallbacks = await vi.waitFor(async () => {
      const recent = await post.server.core.storage.durable.traces.search({ limit: 100 })
      const since = recent.filter(({ startedAt }) => startedAt >= began)
      expect(since.map(({ outcome }) => outcome)).toContain('started')
      return since.filter(({ code }) => code === 'login_unknown')
    }, waitOptions)
    expect(unknownCallbacks).toHaveLength(20)
  })
})
