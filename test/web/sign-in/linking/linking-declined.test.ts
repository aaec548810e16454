/** An email verified by two connections and by no user: prove ownership, or decline linking. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { formsOn, linkOn, type Page, referenceOn, TestBrowser } from '../../../support/browser/test-browser.ts'
import { postForm } from '../../../support/gatehouse/connections.ts'
import {
  connectionsOf,
  isSignedIn,
  linkings,
  type PartnerServer,
  partnerPerson,
  password,
  post,
  signInBy,
  startPartnerServer,
  userOf,
} from '../../../support/gatehouse/partner-server.ts'
import { appOrigin } from '../../../support/gatehouse/tenants.ts'
import { type TestGatehouse, waitOptions } from '../../../support/gatehouse/test-gatehouse.ts'

let connections: PartnerServer
let server: TestGatehouse
beforeAll(async () => {
  connections = await startPartnerServer()
  server = connections.server
})
afterAll(() => connections.stop())
beforeEach(() => {
  server.okta.reset()
  connections.partner.reset()
})

let count = 0
/** Two people of the partner's Okta with the same email, whose domain is unclaimed. */
async function newExistingUser() {
  count += 1
  const { email, name } = partnerPerson(count)
  const browser = new TestBrowser(server)
  await signInBy(browser, 'partner', name)
  return { email, name, second: partnerPerson(count, 'second').name, id: (await userOf(browser)).id }
}

const arrive = (browser: TestBrowser, name: string, query = '') => signInBy(browser, 'partner', name, 'acme', query)
/** From the linking page as its holder. */
async function proveAs(name: string, browser: TestBrowser, page: Page): Promise<Page> {
  browser.jar.remove('_session') // the partner's: else it would ask to sign out first
  return browser.click(await browser.click(page, 'Sign in with the partner'), name)
}
const declineLink = (browser: TestBrowser, page: Page, stopAt?: string) => browser.submit(page, '/link', {}, stopAt)
const codeOn = (page: Page) => page.url.searchParams.get('code') ?? ''
const outcomeOf = async (page: Page) => (await server.trace(referenceOn(page))).code
const usersNow = async (email: string) =>
  (await server.core.parts.users.findByVerifiedEmail('acme', email, 50)).map(({ id }) => id)

describe('a second connection with the same verified email', () => {
  it('ID-01 ID-02 creates no second user before the page asks for proof and says why it is needed', async () => {
    const { email, second, id } = await newExistingUser()
    const browser = new TestBrowser(server)
    const page = await arrive(browser, second)
    expect([page.status, page.url.pathname]).toEqual([403, '/link'])
    expect(page.body).toContain('Okta (partner) has verified the address, but does not manage addresses at mail.test')
    expect(linkOn(page, 'Sign in with the partner')).toContain('link=')
    expect(page.body).not.toContain(id)
    expect([await isSignedIn(browser), await usersNow(email)]).toEqual([false, [id]])
    const { outcome, code, reasons } = await server.trace(referenceOn(page))
    expect([outcome, code]).toEqual(['refused', 'link_refused'])
    expect(reasons.join()).toContain('verified by their upstream but not proven')
  })

  it('leads to one user with both, once the user signs in there', async () => {
    const { email, name, second, id } = await newExistingUser()
    const browser = new TestBrowser(server)
    const page = await arrive(browser, second)
    await proveAs(name, browser, page)
    expect((await userOf(browser)).id).toBe(id)
    expect(await connectionsOf(browser)).toEqual(['partner', 'partner'])
    expect((await userOf(browser)).profile).toMatchObject({ email, email_verified: false })
    expect(await linkings(server, id)).toBe(1)
    const again = new TestBrowser(server)
    expect((await arrive(again, second)).url.pathname).toBe('/account')
    expect((await userOf(again)).id).toBe(id)
  })

  it('reveals owners of emails at most ten times an hour per identity', async () => {
    const { second } = await newExistingUser()
    const statuses: number[] = []
    for (let turn = 0; turn < 11; turn += 1) statuses.push((await arrive(new TestBrowser(server), second)).status)
    expect(statuses).toEqual([...Array(10).fill(403), 429])
  })
})

describe('declining to link', () => {
  it("R4: opens a session that ends with the upstream's, also after the linking page", async () => {
    const { second } = await newExistingUser()
    const endSession = Math.floor(server.clock.now().getTime() / 1000) + 1200
    connections.partner.fault('claims', { session_expiry: endSession })
    const browser = new TestBrowser(server)
    await declineLink(browser, await arrive(browser, second))
    const { expiresAt } = JSON.parse((await browser.ask('/api/v1/session')).body)
    expect(Date.parse(expiresAt) / 1000).toBe(endSession)
  })

  it('R4: is rejected if the upstream session ended while the page was open', async () => {
    const { second } = await newExistingUser()
    connections.partner.fault('claims', { session_expiry: Math.floor(server.clock.now().getTime() / 1000) + 60 })
    const browser = new TestBrowser(server)
    const page = await arrive(browser, second)
    server.clock.forward(61)
    const refused = await declineLink(browser, page)
    expect([await isSignedIn(browser), await outcomeOf(refused)]).toEqual([false, 'login_expired'])
  })

  it('ID-03 creates a separate user, continues to the destination and signs in that user again', async () => {
    const { email, name, second, id } = await newExistingUser()
    const query = new URLSearchParams({ return_to: `${appOrigin}/deep?x=1` })
    const browser = new TestBrowser(server)
    const page = await arrive(browser, second, `?${query}`)
    const onward = (await declineLink(browser, page, appOrigin)).url
    expect(onward.href).toBe(`${appOrigin}/deep?x=1`)
    const own = await userOf(browser)
    expect(own.id).not.toBe(id)
    expect(own.profile).toMatchObject({ email, email_verified: false })
    expect(await usersNow(email)).toEqual(expect.arrayContaining([id, own.id]))
    const again = new TestBrowser(server)
    await arrive(again, second)
    expect((await userOf(again)).id).toBe(own.id)
    const holder = new TestBrowser(server)
    await signInBy(holder, 'partner', name)
    expect((await userOf(holder)).id).toBe(id)
  })

  it('has its reason in a trace of its own', async () => {
    const { second } = await newExistingUser()
    const browser = new TestBrowser(server)
    const page = await arrive(browser, second)
    await declineLink(browser, page)
    const { id } = await userOf(browser)
    const trace = await vi.waitFor(async () => {
      const traces = await server.core.storage.durable.traces.search({ tenant: 'acme', limit: 10 })
      const found = traces.find(({ userId }) => userId === id)
      if (found === undefined) throw new Error(`no trace of user ${id}`)
      return found
    }, waitOptions)
    expect(trace.reasons).toContain('the user declined to link to the existing user of this email')
    expect(JSON.stringify(trace.steps)).toContain(`declined for the login with reference ${referenceOn(page)}`)
  })

  it("keeps the session's evidence and upstream identifiers", async () => {
    const { second } = await newExistingUser()
    const direct = new TestBrowser(server)
    await arrive(direct, partnerPerson(count).name)
    const declined = new TestBrowser(server)
    await declineLink(declined, await arrive(declined, second))
    const sessionOf = async (browser: TestBrowser) => JSON.parse((await browser.ask('/api/v1/session')).body)
    const [one, other] = [await sessionOf(direct), await sessionOf(declined)]
    expect(Object.keys(other.authenticated)).toEqual(Object.keys(one.authenticated))
    expect(other.authenticated).toMatchObject({ connection: 'partner', amr: one.authenticated.amr })
    const originOf = async (id: string) => server.core.parts.sessions.origin(id)
    expect((await originOf(other.id))?.names).toHaveLength((await originOf(one.id))?.names.length ?? -1)
  })

  it('keeps the time of the upstream sign-in', async () => {
    const { second } = await newExistingUser()
    const browser = new TestBrowser(server)
    const page = await arrive(browser, second)
    server.clock.forward(120)
    await declineLink(browser, page)
    const { authenticated, createdAt } = JSON.parse((await browser.ask('/api/v1/session')).body)
    expect(Date.parse(createdAt) - Date.parse(authenticated.at)).toBeGreaterThanOrEqual(119_000)
  })

  it('ID-08 works only in the browser of the login, by a form of ours', async () => {
    const { email, second, id } = await newExistingUser()
    const browser = new TestBrowser(server)
    const page = await arrive(browser, second)
    const form = { code: codeOn(page) }
    const elsewhere = new TestBrowser(server)
    expect((await postForm(elsewhere, '/link', form)).status).toBe(400)
    expect(await isSignedIn(elsewhere)).toBe(false)
    for (const context of ['cross-site', 'same-site', 'none']) {
      const headers = { 'sec-fetch-site': context }
      expect((await browser.ask('/link', { method: 'POST', form, headers })).status).toBe(403)
    }
    expect(await usersNow(email)).toEqual([id])
    await declineLink(browser, page)
    expect(await isSignedIn(browser)).toBe(true)
  })

  it('creates one user for 50 simultaneous requests, and none later', async () => {
    const { email, second } = await newExistingUser()
    const browser = new TestBrowser(server)
    const page = await arrive(browser, second)
    const form = { code: codeOn(page) }
    const answers = await Promise.all(Array.from({ length: 50 }, () => post(browser, '/link', form)))
    expect(answers.map(({ status }) => status).filter((status) => status === 303)).toHaveLength(1)
    expect(await usersNow(email)).toHaveLength(2)
    expect((await post(browser, '/link', form)).status).toBe(400)
  })

  it('is rejected after linking, and linking is rejected after it', async () => {
    const { name, email, second } = await newExistingUser()
    const linked = new TestBrowser(server)
    const page = await arrive(linked, second)
    await proveAs(name, linked, page)
    expect((await post(linked, '/link', { code: codeOn(page) })).status).toBe(400)
    expect(await usersNow(email)).toHaveLength(1)

    const other = await newExistingUser()
    const browser = new TestBrowser(server)
    const asked = await arrive(browser, other.second)
    await declineLink(browser, asked)
    await proveAs(other.name, browser, asked)
    expect((await userOf(browser)).id).toBe(other.id)
    expect(await connectionsOf(browser)).toEqual(['partner'])
  })

  it.each(['', 'x', `${'a'.repeat(22)}.${'b'.repeat(43)}`])('declines nothing for the code "%s"', async (code) => {
    expect((await post(new TestBrowser(server), '/link', { code })).status).toBe(400)
  })
})

describe('a verified email', () => {
  it('ID-01 ID-02 leaves no such choice, even to a forged form', async () => {
    const { email } = partnerPerson(30)
    await server.addUser({ tenant: 'acme', email, password })
    const browser = new TestBrowser(server)
    const page = await signInBy(browser, 'partner', partnerPerson(30).name)
    expect(formsOn(page).map(({ action }) => action)).not.toContain('/link')
    expect((await post(browser, '/link', { code: codeOn(page) })).status).toBe(403)
    expect(await isSignedIn(browser)).toBe(false)
    expect(linkOn(await browser.open(page.url), 'Sign in with your password')).toContain('link=')
  })

  it('ID-03 verified while the page was open: declining leads to the question again, without the choice', async () => {
    const { email, second } = await newExistingUser()
    const browser = new TestBrowser(server)
    const page = await arrive(browser, second)
    await server.addUser({ tenant: 'acme', email, password })
    const again = await declineLink(browser, page)
    expect([again.status, again.url.pathname]).toEqual([403, '/link'])
    expect(formsOn(again).map(({ action }) => action)).not.toContain('/link')
    expect(await isSignedIn(browser)).toBe(false)
    const asked = await browser.click(again, 'Sign in with your password')
    await browser.submit(asked, '/login', { password })
    expect(await connectionsOf(browser)).toEqual(['partner', 'password'])
  })

  it('ID-03 ID-04 of a later sign-up by emailed link joins no squatter, and no squatter blocks it', async () => {
    const { email, id } = await newExistingUser()
    const browser = new TestBrowser(server)
    const page = await signUp(browser, email)
    expect([page.status, page.url.pathname]).toEqual([403, '/link'])
    expect(page.body).toContain('address was never verified')
    expect(linkOn(page, 'Sign in with the partner')).toContain('link=')
    await declineLink(browser, page)
    const owner = await userOf(browser)
    expect(owner.id).not.toBe(id)
    expect(owner.profile).toMatchObject({ email, email_verified: true })
    expect((await server.core.parts.users.findByProvenEmail('acme', email)).map((user) => user.id)).toEqual([owner.id])
  })

  it('RE-03 with a password reset while the page was open rejects the old password', async () => {
    const { email } = await newExistingUser()
    const thief = new TestBrowser(server)
    const page = await signUp(thief, email)
    await server.core.parts.passwords.put(
      'acme',
      { subject: 'kept', email, hash: '$argon2id$another' },
      server.clock.now(),
    )
    const refused = await declineLink(thief, page)
    expect(await outcomeOf(refused)).toBe('link_invalid')
    expect(await isSignedIn(thief)).toBe(false)
  })
})

async function signUp(browser: TestBrowser, email: string): Promise<Page> {
  await postForm(browser, '/sign-up', { tenant: 'acme', email })
  const link = /https:\S+\/verify\?code=\S+/.exec((await server.mail(email)).text)?.[0] ?? ''
  const form = await browser.open(new URL(link))
  return browser.submit(form, form.url.pathname, { password: 'an unusual canary password' })
}
