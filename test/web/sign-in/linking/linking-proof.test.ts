/** An existing user's email: one sign-in proves ownership and links the identity. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { formsOn, linkOn, referenceOn, TestBrowser } from '../../../support/browser/test-browser.ts'
import {
  codeOn,
  connectionsOf,
  isSignedIn,
  linkings,
  newExistingUser,
  type PartnerServer,
  partners,
  password,
  proveByPassword,
  signInBy,
  startPartnerServer,
  tracesOf,
  userOf,
} from '../../../support/gatehouse/partner-server.ts'
import { appOrigin, people } from '../../../support/gatehouse/tenants.ts'
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

describe('an email that belongs to a user', () => {
  it("ID-01 ID-02 leads to a page that asks for proof and names only that user's connections", async () => {
    const { email, name, owner } = await newExistingUser(server)
    const browser = new TestBrowser(server)
    const page = await signInBy(browser, 'partner', name)
    expect([page.status, page.url.pathname]).toEqual([403, '/link'])
    expect(page.body).toContain(email)
    expect(page.body).toContain('Sign in with your password')
    expect(page.body).not.toContain('Sign in with Okta')
    expect(page.body).not.toContain(owner.id)
    expect(page.headers['cache-control']).toBe('no-store')
    expect(await isSignedIn(browser)).toBe(false)
    const trace = await server.trace(referenceOn(page))
    expect([trace.outcome, trace.code]).toEqual(['refused', 'link_refused'])
    expect(trace.reasons.join()).toContain('may not speak for mail.test')
  })

  it('links the identity once to the owner who then signs in, and continues to the destination', async () => {
    const { email, name, owner } = await newExistingUser(server)
    connections.partner.fault('person', { email_verified: false })
    const browser = new TestBrowser(server)
    const asked = await signInBy(
      browser,
      'partner',
      name,
      'acme',
      `?return_to=${encodeURIComponent(`${appOrigin}/deep?x=1`)}`,
    )
    const form = await browser.click(asked, 'Sign in with your password')
    expect(formsOn(form)[0]?.fields).toMatchObject({ email })
    // only the owner's own proof is offered: the password or a passkey
    expect(form.body).toContain('to connect <strong>Okta (partner)</strong> to your account')
    expect(form.body).not.toMatch(/<a [^>]*class="connection|Sign up/)
    const connected = await browser.submit(form, '/login', { password })
    expect(connected.body).toContain('<h1>Okta (partner) is now connected</h1>')
    const ended = await browser.click(connected, `Continue to ${new URL(appOrigin).host}`, appOrigin)
    expect(ended.url.href).toBe(`${appOrigin}/deep?x=1`)
    const user = await userOf(browser)
    expect(user.id).toBe(owner.id)
    expect(user.profile).toMatchObject({ email, email_verified: true, locale: 'pl-PL' })
    expect(await connectionsOf(browser)).toEqual(['partner', 'password'])
    expect(await linkings(server, owner.id)).toBe(1)

    const inTheFuture = new TestBrowser(server)
    expect((await signInBy(inTheFuture, 'partner', name)).url.pathname).toBe('/account')
    expect((await userOf(inTheFuture)).id).toBe(owner.id)
  })

  it("states in the second login's trace why it was linked", async () => {
    const { name, owner } = await newExistingUser(server)
    const browser = new TestBrowser(server)
    await proveByPassword(browser, await signInBy(browser, 'partner', name))
    await vi.waitFor(async () => {
      const [trace] = await tracesOf(server, owner.id)
      expect(trace?.reasons).toContain('linked: the user proved to have both')
      expect(trace?.steps.map((step) => step.name)).toContain('link')
    }, waitOptions)
  })

  it('may be proven by another upstream: Okta users sign in with Okta', async () => {
    const ada = new TestBrowser(server)
    await signInBy(ada, 'okta', people.ada.name)
    const browser = new TestBrowser(server)
    const page = await signInBy(browser, 'partner', partners.ada.name)
    expect(page.body).toContain('Sign in with Okta')
    expect(page.body).not.toContain('your password')
    const ended = await browser.click(await browser.click(page, 'Sign in with Okta'), people.ada.name)
    expect(ended.url.pathname).toBe('/account/sign-in-methods')
    expect(ended.body).toContain('Okta (partner) was added. You can now sign in with it.')
    expect((await userOf(browser)).id).toBe((await userOf(ada)).id)
    expect(await connectionsOf(browser)).toEqual(['okta', 'partner'])
  })

  it('keeps its name and verified email when an unverified identity is linked', async () => {
    const { name } = await newExistingUser(server)
    connections.partner.fault('person', { email_verified: false })
    const browser = new TestBrowser(server)
    await proveByPassword(browser, await signInBy(browser, 'partner', name))
    expect((await userOf(browser)).profile).toMatchObject({ email_verified: true })
  })
})

describe('the page that asks for proof', () => {
  it('can be reloaded until the identity is linked', async () => {
    const { name } = await newExistingUser(server)
    const browser = new TestBrowser(server)
    const page = await signInBy(browser, 'partner', name)
    expect((await browser.open(page.url)).body).toContain('This email is already in use')
    await proveByPassword(browser, page)
    const gone = await browser.open(page.url)
    expect(gone.status).toBe(400)
    expect(gone.body).toContain("Sign in again, and we'll ask you again if needed.")
  })

  it('ID-08 shows nothing in another browser', async () => {
    const { email, name } = await newExistingUser(server)
    const page = await signInBy(new TestBrowser(server), 'partner', name)
    const elsewhere = await new TestBrowser(server).open(page.url)
    expect(elsewhere.status).toBe(400)
    expect(elsewhere.body).not.toContain(email)
  })

  it.each(['', 'x', `${'a'.repeat(22)}.${'b'.repeat(43)}`])('shows nothing for the code "%s"', async (code) => {
    expect((await new TestBrowser(server).open(`/link?code=${code}`)).status).toBe(400)
  })

  it('leads to the password with the email filled in', async () => {
    const { email, name } = await newExistingUser(server)
    const browser = new TestBrowser(server)
    const page = await signInBy(browser, 'partner', name)
    expect(linkOn(page, 'Sign in with your password')).toContain(`login_hint=${encodeURIComponent(email)}`)
  })

  it('keeps a pending identity per tab, and links each', async () => {
    const { name, second: secondName, owner } = await newExistingUser(server)
    const browser = new TestBrowser(server)
    const first = await signInBy(browser, 'partner', name)
    browser.jar.remove('_session') // the partner's: else it would ask to sign out first
    const second = await signInBy(browser, 'partner', secondName)
    expect(codeOn(first)).not.toBe(codeOn(second))
    await proveByPassword(browser, second)
    await proveByPassword(browser, first)
    expect(await connectionsOf(browser)).toEqual(['partner', 'partner', 'password'])
    expect((await userOf(browser)).id).toBe(owner.id)
  })

  it('reveals owners of emails at most ten times an hour per identity', async () => {
    const { name } = await newExistingUser(server)
    const statuses: number[] = []
    for (let turn = 0; turn < 11; turn += 1)
      statuses.push((await signInBy(new TestBrowser(server), 'partner', name)).status)
    expect(statuses).toEqual([...Array(10).fill(403), 429])
  })
})

/** Newest first. */
