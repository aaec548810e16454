/** Apple's form_post and SAML's HTTP-POST answers with SameSite=Lax cookies. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { formsOn, type Page, referenceOn, send, TestBrowser } from '../../support/browser/test-browser.ts'
import {
  answerBy,
  answerOn,
  type FormPostServer,
  postAnswer,
  postFromElsewhere,
  startFormPostServer,
} from '../../support/gatehouse/form-post-server.ts'
import { isSignedIn, userOf } from '../../support/gatehouse/partner-server.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'

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

const connections = [
  { connection: 'apple', person: 'ada@apple.test', email: 'ada@apple.test' },
  { connection: 'saml', person: 'Ada of SAML', email: 'ada@saml.test' },
] as const

const callbackOf = (connection: string, tenant = 'acme') => `${publicOrigin}/t/${tenant}/${connection}/callback`
const sameOrigin = { origin: publicOrigin, 'sec-fetch-site': 'same-origin' }
const codeOf = async (page: Page) => (await post.server.trace(referenceOn(page))).code

describe.each(connections)('a form_post answer of $connection', ({ connection, person, email }) => {
  it('signs the user in by way of a relay page', async () => {
    const page = await postAnswer(browser, await answerBy(browser, connection, person))
    expect(page.url.href).toBe(`${publicOrigin}/account`)
    expect(page.body).toContain(email)
    const { identities } = await userOf(browser)
    expect(identities.map(({ connection }) => connection)).toEqual([connection])
  })

  it('leads to /account when it is sent again', async () => {
    const answer = await answerBy(browser, connection, person)
    await postAnswer(browser, answer)
    expect((await postAnswer(browser, answer)).url.pathname).toBe('/account')
  })

  it('SA-83 is used once: sent again without a session, the page says so and continues', async () => {
    const answer = await answerBy(browser, connection, person)
    await postAnswer(browser, answer)
    browser.jar.remove('gatehouse_session')
    const again = await postAnswer(browser, answer)
    expect(await codeOf(again)).toBe('login_used')
    expect(again.body).toContain('Continue')
    expect(await isSignedIn(browser)).toBe(false)
  })

  it('SA-84 RP-39 is rejected in another browser', async () => {
    const other = new TestBrowser(post.server)
    await other.open('/login?tenant=acme')
    const refused = await postAnswer(other, await answerBy(browser, connection, person))
    expect(await codeOf(refused)).toBe('login_other_browser')
    expect(await isSignedIn(other)).toBe(false)
  })

  it('SA-85 RP-39 of an attacker, sent in the browser of a victim with a pending login, is rejected', async () => {
    const victim = new TestBrowser(post.server)
    const own = await answerBy(victim, connection, person)
    const refused = await postAnswer(victim, await answerBy(browser, connection, person))
    expect(await codeOf(refused)).toBe('login_other_browser')
    expect(await isSignedIn(victim)).toBe(false)
    expect((await postAnswer(victim, own)).url.pathname).toBe('/account')
  })

  it('SE-04 never completes directly from the other site, even with our cookies', async () => {
    const { address, fields } = await answerBy(browser, connection, person)
    for (const headers of [
      { origin: 'https://appleid.apple.com', 'sec-fetch-site': 'cross-site' },
      { origin: 'null' },
      {},
    ]) {
      const page = await browser.ask(address, { method: 'POST', form: fields, headers })
      expect(page.status).toBe(200)
      expect(page.headers['set-cookie']).toBeUndefined()
    }
    expect(await isSignedIn(browser)).toBe(false)
    expect((await postAnswer(browser, { address, fields })).url.pathname).toBe('/account')
  })

  it('SE-04 needs no cookie that other sites may send', async () => {
    const asked: Page[] = []
    const start = await browser.ask(`/t/acme/${connection}/start`)
    asked.push(start, await postFromElsewhere(browser, await answerBy(browser, connection, person)))
    const cookies = asked.flatMap(({ headers }) => headers['set-cookie'] ?? [])
    expect(cookies.length).toBeGreaterThan(0)
    for (const cookie of cookies) expect(cookie).toMatch(/SameSite=Lax/i)
  })

  it('SA-83 RP-39 sent 50 times at once opens one session', async () => {
    const { address, fields } = await answerBy(browser, connection, person)
    const form = formsOn(await postFromElsewhere(browser, { address, fields }))[0]?.fields ?? {}
    const cookie = browser.jar.headerFor(new URL(address))
    const pages = await Promise.all(
      Array.from({ length: 50 }, () =>
        send(post.server.port, new URL(address), { method: 'POST', form, headers: { ...sameOrigin, cookie } }),
      ),
    )
    const opened = pages.filter(({ headers }) =>
      headers['set-cookie']?.some((line) => line.includes('gatehouse_session=')),
    )
    expect(opened).toHaveLength(1)
    expect(pages.filter(({ status }) => status >= 500)).toEqual([])
    const limited = pages.filter(({ status }) => status === 429)
    expect(limited).toHaveLength(30)
    expect(Number(limited[0]?.headers['retry-after'])).toBeGreaterThan(0)
  })

  it('RP-38 of one organization is rejected in a login of another in the same browser', async () => {
    const ours = await answerBy(browser, connection, person)
    const theirs = await answerBy(browser, connection, person, 'beta')
    const stateName = connection === 'saml' ? 'RelayState' : 'state'
    const swapped = { ...ours.fields, [stateName]: theirs.fields[stateName] ?? '' }
    const refused = await postAnswer(browser, { address: callbackOf(connection, 'beta'), fields: swapped })
    expect(await codeOf(refused)).toMatch(/^(upstream_invalid|upstream_refused|callback_invalid)$/)
    expect(await isSignedIn(browser)).toBe(false)
  })

  it('RP-38 for a login at one organization is rejected at another', async () => {
    const { fields } = await answerBy(browser, connection, person)
    const refused = await postAnswer(browser, { address: callbackOf(connection, 'beta'), fields })
    expect(await codeOf(refused)).toBe('login_connection_mismatch')
    expect(await isSignedIn(browser)).toBe(false)
  })

  it('that was canceled upstream is reported as canceled', async () => {
    const atUpstream = await browser.open(`/t/acme/${connection}/start`)
    const page = await postAnswer(browser, answerOn(await browser.click(atUpstream, 'Cancel')))
    // a SAML status does not tell a cancel from a user who may not sign in: a page explains both
    expect(page.status).toBe(connection === 'saml' ? 403 : 200)
    expect(page.body).toContain(connection === 'saml' ? 'did not sign you in' : 'was canceled.')
    expect(await codeOf(page)).toBe('user_denied')
  })
})
