/** A login through Okta, and reloads, tabs and late callbacks on the way. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { linkOn, type Page, referenceOn, TestBrowser } from '../../support/browser/test-browser.ts'
import { appOrigin, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
let browser: TestBrowser
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())
beforeEach(() => {
  server.okta.reset()
  browser = new TestBrowser(server)
})

const callback = `${publicOrigin}/t/acme/okta/callback`

/** Up to Okta's page where one chooses who one is. */
const begin = (who: TestBrowser, query = '') => who.open(`/t/acme/okta/start${query}`)
/** The address Okta sends the browser back to, not yet asked. */
const answerFor = async (who: TestBrowser, query = '', person = 'Ada Lovelace') =>
  (await who.click(await begin(who, query), person, callback)).url

async function codeOf(page: Page): Promise<string | undefined> {
  return (await server.trace(referenceOn(page))).code
}

describe('signing in with Okta', () => {
  it('leads from the button over Okta to /account', async () => {
    const login = await browser.open('/login?tenant=acme')
    const atOkta = await browser.click(login, 'Okta')
    expect(atOkta.url.origin).toBe(new URL(server.okta.issuer).origin)
    const account = await browser.click(atOkta, 'Ada Lovelace')
    expect(account.url.href).toBe(`${publicOrigin}/account`)
    expect(account.body).toContain('ada@okta.example')
    expect(browser.jar.find('gatehouse_session')?.name).toBe('__Host-gatehouse_session')
  })

  it('is not consumed by HEAD on the callback', async () => {
    const answer = await answerFor(browser)
    expect((await browser.ask(answer.href, { method: 'HEAD' })).status).toBe(405)
    expect((await browser.open(answer.href)).url.pathname).toBe('/account')
  })

  it('is chosen by the domain of the typed email', async () => {
    const login = await browser.open('/login?tenant=acme')
    const atOkta = await browser.submit(login, '/login', { email: 'Ada@Okta.Example' })
    expect(atOkta.url.origin).toBe(new URL(server.okta.issuer).origin)
    expect(atOkta.body).toContain('autofocus class="hinted"')
  })

  it('finds the organization by email if the page names none', async () => {
    const login = await browser.open('/login')
    const atOkta = await browser.submit(login, '/login', { email: 'ada@okta.example' })
    expect(atOkta.url.origin).toBe(new URL(server.okta.issuer).origin)
    const nobody = await browser.submit(login, '/login', { email: 'someone@nowhere.test' })
    expect(nobody.status).toBe(404)
    expect(nobody.body).toContain('Organization not found')
  })

  it('OP-33 answers forms with 303 or a page, never 307', async () => {
    const login = await browser.open('/login?tenant=acme')
    const headers = { 'sec-fetch-site': 'same-origin' }
    const sent = await browser.ask('/login', {
      method: 'POST',
      form: { tenant: 'acme', email: 'a@okta.example' },
      headers,
    })
    expect([200, 303]).toContain(sent.status)
    expect(login.status).toBe(200)
  })

  it('remembers the last connection', async () => {
    await browser.click(await begin(browser), 'Ada Lovelace')
    const login = await browser.open('/login?tenant=acme&prompt=login')
    expect(login.body).toContain('Last used')
  })

  it('redirects a signed-in user at once, and asks again for prompt=login', async () => {
    await browser.click(await begin(browser), 'Ada Lovelace')
    const there = await browser.open(`/login?tenant=acme&return_to=${encodeURIComponent(`${appOrigin}/x`)}`, appOrigin)
    expect(there.url.href).toBe(`${appOrigin}/x`)
    expect((await browser.open('/login?tenant=acme&prompt=login')).body).toContain('Sign in to Acme')
  })
})

describe('several tabs', () => {
  const targets = ['one', 'two', 'three', 'four', 'five'].map((tab) => `/account?tab=${tab}`)
  const answersOf = (who: TestBrowser) =>
    Promise.all(targets.map((target) => answerFor(who, `?return_to=${encodeURIComponent(target)}`)))

  async function finishOutOfOrder(who: TestBrowser, answers: readonly URL[]): Promise<void> {
    for (const tab of [3, 0, 4, 2]) {
      const [answer, target] = [answers[tab], targets[tab]]
      if (answer === undefined || target === undefined) throw new Error('five tabs')
      const ended = await who.open(answer)
      expect(ended.url.href).toBe(publicOrigin + target)
    }
  }

  it('SE-11 five simultaneous logins in one browser reach their own destinations; a canceled one disturbs none', async () => {
    await browser.open('/login?tenant=acme')
    const answers = await answersOf(browser)
    const canceled = await browser.click(await begin(browser), 'Cancel')
    expect(canceled.url.pathname).toBe('/login')
    expect(canceled.body).toContain('The sign-in with Okta was canceled.')
    expect(await codeOf(canceled)).toBe('user_denied')
    await finishOutOfOrder(browser, answers)
  })

  it('SE-11 five tabs restored at once in a browser without our cookies reach their own destinations', async () => {
    await finishOutOfOrder(browser, await answersOf(browser))
  })

  it('SE-11 a canceled login starts again with the same destination', async () => {
    const canceled = await browser.click(await begin(browser, '?return_to=%2Faccount%3Ftab%3Dagain'), 'Cancel')
    const atOkta = await browser.click(canceled, 'Okta')
    expect((await browser.click(atOkta, 'Ada Lovelace')).url.search).toBe('?tab=again')
  })
})

describe('back, reload and late callbacks', () => {
  it('SE-12 a callback reloaded while signed in redirects to its destination', async () => {
    const answer = await answerFor(browser, '?return_to=%2Faccount%3Ftab%3Done')
    await browser.open(answer)
    expect((await browser.open(answer)).url.search).toBe('?tab=one')
  })

  it('SE-12 a callback reloaded after sign-out says that it was used and offers a new login', async () => {
    const answer = await answerFor(browser, '?return_to=%2Faccount%3Ftab%3Done')
    await browser.submit(await browser.open(answer), '/account/sign-out')
    const again = await browser.open(answer)
    expect(again.status).toBe(400)
    expect(await codeOf(again)).toBe('login_used')
    expect(linkOn(again, 'Continue')).toContain('tab%3Done')
    expect((await browser.click(await browser.click(again, 'Continue'), 'Ada Lovelace')).url.search).toBe('?tab=one')
  })

  it('SE-12 the same callback twice at once signs in once and never fails', async () => {
    const answer = await answerFor(browser)
    const pages = await Promise.all([browser.ask(answer), browser.ask(answer)])
    expect(pages.map(({ status }) => status).filter((status) => status === 303)).toHaveLength(1)
    expect(pages.every(({ status }) => status < 500)).toBe(true)
  })

  it.each([601, 1900, 80_000])(
    'SE-12 a login finished after %d seconds is expired and starts again with the same destination',
    async (seconds) => {
      const late = await startTestGatehouse({ okta: server.okta })
      try {
        const slow = new TestBrowser(late)
        const answer = await answerFor(slow, '?return_to=%2Faccount%3Ftab%3Dlate')
        late.clock.forward(seconds)
        slow.jar.forward(seconds)
        const page = await slow.open(answer)
        expect(page.status).toBe(400)
        expect((await late.trace(referenceOn(page))).code).toBe('login_expired')
        expect(page.body).toContain('This sign-in has expired')
        expect(linkOn(page, 'Try again')).toContain('tab%3Dlate')
      } finally {
        await late.stop()
      }
    },
  )

  it.each([
    ['unknown', `state=${'x'.repeat(43)}&code=abc`],
    ['malformed', 'state=%22%20%C3%A9&code=abc'],
    ['absent', 'code=abc'],
    ['empty', 'state=&code='],
    ['given twice', `state=${'x'.repeat(43)}&state=${'y'.repeat(43)}&code=abc`],
    ['absent with everything else', ''],
  ])('RP-36 SE-12 a callback whose state is %s is a page with a link to the tenant', async (_, query) => {
    const page = await browser.open(`${callback}?${query}`)
    expect(page.status).toBe(400)
    expect(await codeOf(page)).toBe('login_unknown')
    const login = await browser.click(page, 'Try again')
    expect(login.body).toContain('Sign in to Acme')
  })

  it.each(['code=a&code=b', '', 'error=access_denied&code=abc', 'error=server_error', 'code=wrong'])(
    'RP-36 an answer with the right state and "%s" is rejected without a session',
    async (query) => {
      const answer = await answerFor(browser)
      const page = await browser.open(`${callback}?state=${answer.searchParams.get('state')}&${query}`)
      expect(page.status).toBeGreaterThanOrEqual(400)
      expect(page.status).toBeLessThan(503)
      expect(page.body).toContain('Try again')
      expect(browser.jar.find('gatehouse_session')).toBeUndefined()
    },
  )

  it('SE-13 caches no page of a signed-in user: no-store everywhere', async () => {
    const account = await browser.click(await begin(browser), 'Ada Lovelace')
    const pages = [account, await browser.ask('/login?tenant=acme&prompt=login'), await browser.ask('/api/v1/session')]
    for (const { headers } of pages) expect(headers['cache-control']).toBe('no-store')
  })

  it('SE-13 after sign-out /account asks to sign in at the same organization', async () => {
    const account = await browser.click(await begin(browser), 'Ada Lovelace')
    const out = await browser.submit(account, '/account/sign-out')
    expect(out.url.pathname).toBe('/login')
    expect(out.body).toContain('Sign in to Acme')
    expect(browser.jar.find('gatehouse_session')).toBeUndefined()
    expect((await browser.open('/account')).url.pathname).toBe('/login')
  })
})

describe('misdirected answers', () => {
  it('RP-39 SE-02 a login started in one browser and finished in another is login_other_browser and signs no user in', async () => {
    const answer = await answerFor(browser)
    const victim = new TestBrowser(server)
    await victim.open('/login?tenant=acme')
    const page = await victim.open(answer)
    expect(page.status).toBe(400)
    expect(await codeOf(page)).toBe('login_other_browser')
    expect(victim.jar.find('gatehouse_session')).toBeUndefined()
    const trace = await server.trace(referenceOn(page))
    expect(trace.steps.flatMap(({ checks }) => checks).find(({ ok }) => !ok)).toMatchObject({
      name: 'same browser',
      got: 'another browser',
    })
  })

  it('RP-39 a callback in a browser without our cookies is login_other_browser', async () => {
    const page = await new TestBrowser(server).open(await answerFor(browser))
    expect(await codeOf(page)).toBe('login_other_browser')
  })

  it("RP-39 a signed-in victim stays signed in when an attacker's callback is opened", async () => {
    const victim = new TestBrowser(server)
    await victim.click(await begin(victim), 'Ada Lovelace')
    await victim.open(await answerFor(browser, '', 'Bob'))
    expect((await victim.open('/account')).body).toContain('ada@okta.example')
  })

  it("RP-38 a login of one tenant at another's callback is login_connection_mismatch", async () => {
    const answer = await answerFor(browser)
    const page = await browser.open(`/t/beta/okta/callback${answer.search}`)
    expect(page.status).toBe(400)
    expect(await codeOf(page)).toBe('login_connection_mismatch')
    expect(browser.jar.find('gatehouse_session')).toBeUndefined()
    expect((await browser.open(answer)).status).toBe(400)
  })

  it("RP-37 a login at another connection's callback is login_connection_mismatch, and its code is not sent", async () => {
    const answer = await answerFor(browser)
    const asked = server.okta.counters.token
    const page = await browser.open(`/t/acme/password/callback${answer.search}`)
    expect(await codeOf(page)).toBe('login_connection_mismatch')
    expect(server.okta.counters.token).toBe(asked)
  })

  it.each([
    ['/t/nobody/okta/callback?state=x', '/login'],
    ['/t/acme/nothing/callback?state=x', '/login?tenant=acme'],
    ['/t/acme/nothing/start', '/login?tenant=acme'],
    ['/t/__proto__/okta/start', '/login'],
  ])('%s is a 404 page that leads to %s', async (path, endpoint) => {
    const page = await browser.open(path)
    expect(page.status).toBe(404)
    expect(linkOn(page, /sign-in/i)).toBe(endpoint)
  })
})

describe("a login from Okta's dashboard", () => {
  const initiate = (query: string) => browser.open(`/t/acme/okta/initiate?${query}`)
  const issuer = () => encodeURIComponent(server.okta.issuer)

  it("starts our own login for the connection's issuer and reaches the destination", async () => {
    const target = encodeURIComponent('/account?from=tile')
    const atOkta = await initiate(`iss=${issuer()}&target_link_uri=${target}&login_hint=ada@okta.example`)
    expect((await browser.click(atOkta, 'Ada Lovelace')).url.search).toBe('?from=tile')
  })

  it.each(['', 'iss=https%3A%2F%2Fevil.test', 'iss=', 'iss=a&iss=b'])('rejects "%s"', async (query) => {
    const page = await initiate(query)
    expect(page.status).toBe(400)
    expect(page.url.pathname).toBe('/t/acme/okta/initiate')
  })

  it.each(['https://evil.test/', '//evil.test', 'https://app.acme.test.evil.test/'])(
    'OP-27 rejects the target %s',
    async (target) => {
      const page = await initiate(`iss=${issuer()}&target_link_uri=${encodeURIComponent(target)}`)
      expect(page.status).toBe(400)
      expect(page.body).toContain("This return address isn't registered")
    },
  )

  it('is rejected by a connection without an issuer', async () => {
    expect((await browser.open(`/t/acme/password/initiate?iss=${issuer()}`)).status).toBe(400)
  })
})
