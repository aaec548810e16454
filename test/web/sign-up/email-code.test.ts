/** Signing in by an emailed code or link, over HTTP, with the email read from its directory. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Page, TestBrowser } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { codeIn, emailTenants, linkIn, otherThan } from '../../support/providers/email-tenants.ts'

let server: TestGatehouse
let browser: TestBrowser
let people = 0
const newEmail = () => {
  people += 1
  return `person${people}@mail.test`
}
beforeAll(async () => {
  server = await startTestGatehouse({ tenants: emailTenants })
})
afterAll(() => server.stop())
beforeEach(() => {
  browser = new TestBrowser(server)
})

/** Types an address on the sign-in page of a tenant that has codes only. */
async function asked(who: TestBrowser, email: string, tenant = 'codes'): Promise<Page> {
  return who.submit(await who.open(`/login?tenant=${tenant}`), '/login', { email })
}
const enter = (who: TestBrowser, page: Page, code: string) => who.submit(page, '/login/code', { code })
const mailTo = async (email: string, count = 1) => (await server.mail(email, count)).text
const mailsTo = async (email: string) => (await server.mails()).filter(({ to }) => to === email).length

async function signedIn(email: string, tenant = 'codes'): Promise<TestBrowser> {
  const who = new TestBrowser(server)
  const page = await asked(who, email, tenant)
  expect((await enter(who, page, codeIn(await mailTo(email)))).url.pathname).toBe('/account')
  return who
}

describe('signing in by email', () => {
  it('works with the code of the email, which becomes the proven email of a new user', async () => {
    const email = newEmail()
    const page = await asked(browser, email)
    expect([page.status, page.url.pathname]).toEqual([200, '/login/code'])
    expect(page.body).toMatch(/inputmode="numeric"/i)
    expect(page.body).toContain('autocomplete="one-time-code"')
    const account = await enter(browser, page, codeIn(await mailTo(email)))
    expect(account.url.href).toBe(`${publicOrigin}/account`)
    expect(account.body).toContain(email)
    const [user] = await server.core.parts.users.findByProvenEmail('codes', email)
    const [session] = await server.core.parts.sessions.list('codes', user?.id ?? '')
    expect(session).toMatchObject({ kind: 'email', amr: ['email'] })
    expect(session?.acr).toBeUndefined()
  })

  it('RE-02 works with the link of the email: GET uses nothing up, the form works once', async () => {
    const email = newEmail()
    const page = await asked(browser, email)
    const mail = await mailTo(email)
    const link = linkIn(mail)
    expect(link.origin + link.pathname).toBe(`${publicOrigin}/t/codes/email/sign-in`)
    const scanner = new TestBrowser(server)
    for (let look = 0; look < 3; look += 1) expect((await scanner.open(link)).status).toBe(400)
    const shown = await browser.open(link)
    expect([shown.status, shown.body]).toEqual([200, expect.stringContaining(email)])
    expect((await browser.submit(shown, link.pathname)).url.pathname).toBe('/account')
    // either use ends both
    const late = new TestBrowser(server)
    expect((await late.open(link)).body).toContain('This code no longer works')
    expect((await enter(browser, page, codeIn(mail))).body).toContain('This code no longer works')
  })

  it('RE-02 another browser cannot use the link or the code, and its page says where to enter the code', async () => {
    const email = newEmail()
    const page = await asked(browser, email)
    const mail = await mailTo(email)
    const other = new TestBrowser(server)
    await other.open('/login?tenant=codes')
    const shown = await other.open(linkIn(mail))
    expect(shown.body).toContain('Enter the code in the browser where you started')
    expect(shown.body).not.toContain(email)
    const code = linkIn(mail).searchParams.get('code') ?? ''
    const headers = { 'sec-fetch-site': 'same-origin' }
    const posted = await other.ask(linkIn(mail).pathname, { method: 'POST', form: { code }, headers })
    expect(posted.status).toBe(400)
    const challenge = page.url.searchParams.get('challenge') ?? ''
    const form = { challenge, code: codeIn(mail) }
    expect((await other.ask('/login/code', { method: 'POST', form, headers })).status).toBe(400)
    expect((await other.open(page.url)).status).toBe(400)
    expect((await enter(browser, page, codeIn(mail))).url.pathname).toBe('/account')
  })

  it('refuses wrong codes, and after five of them also the right one', async () => {
    const email = newEmail()
    const page = await asked(browser, email)
    const code = codeIn(await mailTo(email))
    for (let turn = 0; turn < 5; turn += 1) {
      const refused = await enter(browser, page, otherThan(code))
      expect([refused.status, refused.body]).toEqual([401, expect.stringContaining('The code is wrong')])
    }
    expect((await enter(browser, page, code)).body).toContain('This code no longer works')
    expect((await browser.open(linkIn(await mailTo(email)))).body).toContain('This code no longer works')
  })

  it('accepts the code as people paste it', async () => {
    const email = newEmail()
    const page = await asked(browser, email)
    const code = codeIn(await mailTo(email))
    expect((await enter(browser, page, ` ${code.slice(0, 3)}-${code.slice(3)} `)).url.pathname).toBe('/account')
  })

  it('RE-02 expires after ten minutes', async () => {
    const email = newEmail()
    const page = await asked(browser, email)
    const code = codeIn(await mailTo(email))
    server.clock.forward(601)
    expect((await enter(browser, page, code)).body).toContain('This code no longer works')
  })

  it('RE-02 of 50 simultaneous uses of the code and the link, one signs in', async () => {
    const email = newEmail()
    const page = await asked(browser, email)
    const mail = await mailTo(email)
    const link = linkIn(mail)
    const headers = { 'sec-fetch-site': 'same-origin' }
    const challenge = page.url.searchParams.get('challenge') ?? ''
    const uses = Array.from({ length: 50 }, (_, turn) =>
      turn < 5
        ? browser.ask('/login/code', { method: 'POST', form: { challenge, code: codeIn(mail) }, headers })
        : browser.ask(link.pathname, {
            method: 'POST',
            form: { code: link.searchParams.get('code') ?? '' },
            headers,
          }),
    )
    const answers = await Promise.all(uses)
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
    const [user] = await server.core.parts.users.findByProvenEmail('codes', email)
    expect(await server.core.parts.sessions.list('codes', user?.id ?? '')).toHaveLength(1)
  })

  it('MF-02 of 50 parallel wrong codes, five are evaluated', async () => {
    const email = newEmail()
    const page = await asked(browser, email)
    const code = codeIn(await mailTo(email))
    const challenge = page.url.searchParams.get('challenge') ?? ''
    const form = { challenge, code: otherThan(code) }
    const headers = { 'sec-fetch-site': 'same-origin' }
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => browser.ask('/login/code', { method: 'POST', form, headers })),
    )
    expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(5)
    expect((await enter(browser, page, code)).body).toContain('This code no longer works')
  })

  it('sends again after 30 seconds, and then only the new code works', async () => {
    const email = newEmail()
    const page = await asked(browser, email)
    const first = codeIn(await mailTo(email))
    const early = await browser.submit(page, '/login/email')
    expect([early.status, early.body]).toEqual([429, expect.stringContaining('before you ask for another code')])
    expect(await mailsTo(email)).toBe(1)
    server.clock.forward(31)
    const next = await browser.submit(early, '/login/email')
    const second = codeIn(await mailTo(email, 2))
    expect((await enter(browser, page, first)).body).toContain('This code no longer works')
    expect((await enter(browser, next, second)).url.pathname).toBe('/account')
  })

  it('leads back to the page that asks for the email', async () => {
    const page = await asked(browser, newEmail())
    expect((await browser.click(page, /Change/)).url.pathname).toBe('/login')
  })
})

describe('beside a password', () => {
  it('is offered on the password step, and signs in to the user of the password', async () => {
    const email = newEmail()
    await server.addUser({ tenant: 'mixed', email, password: 'correct horse battery staple' })
    const step = await asked(browser, email, 'mixed')
    const page = await browser.submit(step, '/login/email')
    const account = await enter(browser, page, codeIn(await mailTo(email)))
    expect(account.url.pathname).toBe('/account')
    const users = await server.core.parts.users.findByProvenEmail('mixed', email)
    expect(users).toHaveLength(1)
    const identities = await server.core.parts.users.identitiesOf('mixed', users[0]?.id ?? '')
    expect(identities.map(({ connection }) => connection).toSorted()).toEqual(['email', 'password'])
  })

  it('ID-02 sends users of a domain to the connection that claims it, and emails nothing', async () => {
    const headers = { 'sec-fetch-site': 'same-origin' }
    const email = 'ann@claimed.test'
    const form = { tenant: 'mixed', email }
    const sent = await browser.ask('/login/email', { method: 'POST', form, headers })
    expect(sent.headers['refresh']).toContain('/t/mixed/okta/start')
    expect(await mailsTo(email)).toBe(0)
  })

  it('ssoOnly: sends users to their connection, and emails nothing', async () => {
    const page = await browser.open('/login?tenant=sso')
    const headers = { 'sec-fetch-site': 'same-origin' }
    const form = { tenant: 'sso', email: 'ann@enforced.test' }
    expect(page.status).toBe(200)
    const sent = await browser.ask('/login/email', { method: 'POST', form, headers })
    expect(sent.headers['refresh']).toContain('/t/sso/okta/start')
    expect(await mailsTo('ann@enforced.test')).toBe(0)
  })

  it('a blocked user is refused', async () => {
    const email = newEmail()
    await signedIn(email)
    const [user] = await server.core.parts.users.findByProvenEmail('codes', email)
    await server.core.parts.users.setStatus('codes', user?.id ?? '', 'blocked')
    const page = await asked(browser, email)
    const refused = await enter(browser, page, codeIn(await mailTo(email, 2)))
    expect([refused.status, refused.body]).toEqual([403, expect.stringContaining('Your access is blocked')])
  })
})
