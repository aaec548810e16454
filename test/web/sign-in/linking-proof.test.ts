/** An email that somebody has: the person proves to be that somebody by signing in once, and nobody else gets anything by it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { GatehouseError } from '../../../src/errors.ts'
import { formsOn, linkOn, type Page, referenceOn, TestBrowser } from '../../support/browser/test-browser.ts'
import {
  by,
  byPassword,
  connectionsOf,
  isSignedIn,
  linkings,
  type PartnerServer,
  partners,
  password,
  post,
  startPartnerServer,
  strangerOf,
  userOf,
} from '../../support/gatehouse/partner-server.ts'
import { appOrigin, people, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { patience, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

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
/** Somebody new with a password, and the name of who says the same email at the partner's Okta. */
async function newExistingUser() {
  count += 1
  const { email, name } = strangerOf(count)
  return { email, name, second: strangerOf(count, 'second').name, owner: await userOf(await byPassword(server, email)) }
}

const codeOn = (page: Page) => page.url.searchParams.get('code') ?? ''
const outcomeOf = async (page: Page) => (await server.trace(referenceOn(page))).code

/** From the linking page through the password, as a person does it. */
async function proveByPassword(browser: TestBrowser, page: Page): Promise<Page> {
  const asked = await browser.click(page, 'Sign in with your password')
  return browser.submit(asked, '/login', { password })
}

describe('an email that belongs to a user', () => {
  it("ID-01 ID-02 leads to a page that asks for proof and names only that user's connections", async () => {
    const { email, name, owner } = await newExistingUser()
    const browser = new TestBrowser(server)
    const page = await by(browser, 'partner', name)
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
    const { email, name, owner } = await newExistingUser()
    connections.partner.fault('person', { email_verified: false })
    const browser = new TestBrowser(server)
    const asked = await by(
      browser,
      'partner',
      name,
      'acme',
      `?return_to=${encodeURIComponent(`${appOrigin}/deep?x=1`)}`,
    )
    const form = await browser.click(asked, 'Sign in with your password')
    expect(formsOn(form)[0]?.fields).toMatchObject({ email })
    const ended = await browser.submit(form, '/login', { password }, appOrigin)
    expect(ended.url.href).toBe(`${appOrigin}/deep?x=1`)
    const user = await userOf(browser)
    expect(user.id).toBe(owner.id)
    expect(user.profile).toMatchObject({ email, email_verified: true, locale: 'pl-PL' })
    expect(await connectionsOf(browser)).toEqual(['partner', 'password'])
    expect(await linkings(server, owner.id)).toBe(1)

    const inTheFuture = new TestBrowser(server)
    expect((await by(inTheFuture, 'partner', name)).url.pathname).toBe('/account')
    expect((await userOf(inTheFuture)).id).toBe(owner.id)
  })

  it("states in the second login's trace why it was linked", async () => {
    const { name, owner } = await newExistingUser()
    const browser = new TestBrowser(server)
    await proveByPassword(browser, await by(browser, 'partner', name))
    await vi.waitFor(async () => {
      const [trace] = await tracesOf(owner.id)
      expect(trace?.reasons).toContain('linked: the user proved to have both')
      expect(trace?.steps.map((step) => step.name)).toContain('link')
    }, patience)
  })

  it('may be proven by another upstream: Okta users sign in with Okta', async () => {
    const ada = new TestBrowser(server)
    await by(ada, 'okta', people.ada.name)
    const browser = new TestBrowser(server)
    const page = await by(browser, 'partner', partners.ada.name)
    expect(page.body).toContain('Sign in with Okta')
    expect(page.body).not.toContain('your password')
    const ended = await browser.click(await browser.click(page, 'Sign in with Okta'), people.ada.name)
    expect(ended.url.pathname).toBe('/account')
    expect((await userOf(browser)).id).toBe((await userOf(ada)).id)
    expect(await connectionsOf(browser)).toEqual(['okta', 'partner'])
  })

  it('keeps its name and verified email when an unverified identity is linked', async () => {
    const { name } = await newExistingUser()
    connections.partner.fault('person', { email_verified: false })
    const browser = new TestBrowser(server)
    await proveByPassword(browser, await by(browser, 'partner', name))
    expect((await userOf(browser)).profile).toMatchObject({ email_verified: true })
  })
})

describe('the page that asks for proof', () => {
  it('can be reloaded until the identity is linked', async () => {
    const { name } = await newExistingUser()
    const browser = new TestBrowser(server)
    const page = await by(browser, 'partner', name)
    expect((await browser.open(page.url)).body).toContain('This email is already in use')
    await proveByPassword(browser, page)
    const gone = await browser.open(page.url)
    expect(gone.status).toBe(400)
    expect(gone.body).toContain("Sign in again, and we'll ask you again if needed.")
  })

  it('ID-08 shows nothing in another browser', async () => {
    const { email, name } = await newExistingUser()
    const page = await by(new TestBrowser(server), 'partner', name)
    const elsewhere = await new TestBrowser(server).open(page.url)
    expect(elsewhere.status).toBe(400)
    expect(elsewhere.body).not.toContain(email)
  })

  it.each(['', 'x', `${'a'.repeat(22)}.${'b'.repeat(43)}`])('shows nothing for the code "%s"', async (code) => {
    expect((await new TestBrowser(server).open(`/link?code=${code}`)).status).toBe(400)
  })

  it('leads to the password with the email filled in', async () => {
    const { email, name } = await newExistingUser()
    const browser = new TestBrowser(server)
    const page = await by(browser, 'partner', name)
    expect(linkOn(page, 'Sign in with your password')).toContain(`login_hint=${encodeURIComponent(email)}`)
  })

  it('keeps a pending identity per tab, and links each', async () => {
    const { name, second: secondName, owner } = await newExistingUser()
    const browser = new TestBrowser(server)
    const first = await by(browser, 'partner', name)
    browser.jar.remove('_session') // the partner's: else it would ask to sign out first
    const second = await by(browser, 'partner', secondName)
    expect(codeOn(first)).not.toBe(codeOn(second))
    await proveByPassword(browser, second)
    await proveByPassword(browser, first)
    expect(await connectionsOf(browser)).toEqual(['partner', 'partner', 'password'])
    expect((await userOf(browser)).id).toBe(owner.id)
  })

  it('reveals owners of emails at most ten times an hour per identity', async () => {
    const { name } = await newExistingUser()
    const statuses: number[] = []
    for (let turn = 0; turn < 11; turn += 1) statuses.push((await by(new TestBrowser(server), 'partner', name)).status)
    expect(statuses).toEqual([...Array(10).fill(403), 429])
  })
})

describe('a pending identity', () => {
  it('ID-08 is not linked to a user lured to its link in another browser, who may sign in without it', async () => {
    const { email, name, owner } = await newExistingUser()
    const attacker = new TestBrowser(server)
    const page = await by(attacker, 'partner', name)
    const victim = await byPassword(server, email)
    const lured = await post(victim, '/login', { tenant: 'acme', email, password, link: codeOn(page) })
    expect(lured.status).toBe(400)
    expect(await outcomeOf(lured)).toBe('login_other_browser')
    const start = await victim.open(`/t/acme/okta/start?link=${encodeURIComponent(codeOn(page))}`)
    expect(await outcomeOf(start)).toBe('login_other_browser')
    expect(linkOn(start, 'Try again')).not.toContain('link=')
    expect(linkOn(start, 'Choose another way')).not.toContain('link=')
    expect(await linkings(server, owner.id)).toBe(0)
    expect(await connectionsOf(victim)).toEqual(['password'])
  })

  it('is not linked to a different user, who gets an explanation and a link back', async () => {
    const { name, owner } = await newExistingUser()
    const browser = new TestBrowser(server)
    const page = await by(browser, 'partner', name)
    await byPassword(server, 'bystander@mail.test')
    const asked = await browser.click(page, 'Sign in with your password')
    const other = await browser.submit(asked, '/login', { email: 'bystander@mail.test', password })
    expect([other.status, await outcomeOf(other)]).toEqual([403, 'link_mismatch'])
    expect(other.body).toContain('You signed in as another user')
    expect(await isSignedIn(browser)).toBe(false)
    expect(await connectionsOf(await byPassword(server, 'bystander@mail.test'))).toEqual(['password'])

    const back = await browser.click(other, 'Back')
    expect(linkOn(back, 'Sign in with your password')).toContain('prompt=login')
    await proveByPassword(browser, back)
    expect((await userOf(browser)).id).toBe(owner.id)
    expect(await linkings(server, owner.id)).toBe(1)
  })

  it('creates no new user for a sign-in with the wrong connection', async () => {
    const { name } = await newExistingUser()
    const browser = new TestBrowser(server)
    const page = await by(browser, 'partner', name)
    const other = await by(browser, 'okta', people.carol.name, 'acme', `?link=${encodeURIComponent(codeOn(page))}`)
    expect(await outcomeOf(other)).toBe('link_mismatch')
    expect(await server.core.parts.users.findByIdentity('acme', server.okta.issuer, people.carol.sub)).toBeNull()
  })

  it('is useless in another organization', async () => {
    const { email, name } = await newExistingUser()
    const browser = new TestBrowser(server)
    const page = await by(browser, 'partner', name)
    await server.enrol({ tenant: 'beta', email, password })
    const answer = await post(browser, '/login', { tenant: 'beta', email, password, link: codeOn(page) })
    expect(await outcomeOf(answer)).toBe('login_other_browser')
  })

  it('expires after ten minutes; the sign-in itself succeeds', async () => {
    const { name, owner } = await newExistingUser()
    const browser = new TestBrowser(server)
    const asked = await browser.click(await by(browser, 'partner', name), 'Sign in with your password')
    server.clock.forward(601)
    expect((await browser.submit(asked, '/login', { password })).url.pathname).toBe('/account')
    expect((await userOf(browser)).id).toBe(owner.id)
    expect(await connectionsOf(browser)).toEqual(['password'])
  })

  it('is linked once: its replayed code only signs in', async () => {
    const { email, name, owner } = await newExistingUser()
    const browser = new TestBrowser(server)
    const page = await by(browser, 'partner', name)
    await proveByPassword(browser, page)
    const again = await post(browser, '/login', { tenant: 'acme', email, password, link: codeOn(page) })
    expect(again.status).toBe(303)
    expect(await linkings(server, owner.id)).toBe(1)
    await vi.waitFor(async () => {
      const [trace] = await tracesOf(owner.id)
      expect(trace?.reasons.at(-1)).toContain('not linked')
    }, patience)
  })

  it('survives a database failure during linking and is linked at the next sign-in', async () => {
    const { email, name, owner } = await newExistingUser()
    const browser = new TestBrowser(server)
    const page = await by(browser, 'partner', name)
    // nothing else can make a real database fail for one statement only
    const link = vi.spyOn(server.core.parts.users, 'link')
    link.mockRejectedValueOnce(new GatehouseError('store_unavailable', 'the database went away'))
    await proveByPassword(browser, page)
    link.mockRestore()
    expect(await connectionsOf(browser)).toEqual(['password'])
    await vi.waitFor(async () => {
      const [trace] = await tracesOf(owner.id)
      expect(trace?.reasons.at(-1)).toBe('not linked: store_unavailable')
    }, patience)
    await post(browser, '/login', { tenant: 'acme', email, password, link: codeOn(page) })
    expect(await connectionsOf(browser)).toEqual(['partner', 'password'])
    expect(await linkings(server, owner.id)).toBe(1)
  })

  it('is linked once by 50 simultaneous logins, and each signs in', async () => {
    const owner = new TestBrowser(server)
    await by(owner, 'okta', people.bob.name)
    const { id } = await userOf(owner)
    const browser = new TestBrowser(server)
    const page = await by(browser, 'partner', partners.bob.name)
    const callbacks: URL[] = []
    for (let turn = 0; turn < 50; turn += 1) {
      browser.jar.remove('_session') // Okta's: it has one login at a time in each of its sessions
      const asked = await browser.click(page, 'Sign in with Okta')
      const stopped = await browser.click(asked, people.bob.name, `${publicOrigin}/t/acme/okta/callback`)
      callbacks.push(stopped.url)
    }
    const ends = await Promise.all(callbacks.map((url) => browser.ask(url)))
    expect(new Set(ends.map(({ status, headers }) => `${status} ${headers.location}`))).toEqual(
      new Set([`303 ${publicOrigin}/account`]),
    )
    expect(await linkings(server, id)).toBe(1)
    expect(await server.core.parts.users.identitiesOf('acme', id)).toHaveLength(2)
  })

  it('LK-03 is stored encrypted: neither email nor subject nor code is readable', async () => {
    const { name, owner } = await newExistingUser()
    const page = await by(new TestBrowser(server), 'partner', name)
    const bytes = await server.storedBytes()
    expect(bytes.includes(strangerOf(count).sub)).toBe(false)
    expect(bytes.includes(codeOn(page).split('.')[1] ?? 'x')).toBe(false)
    expect(server.logged.join()).not.toContain(codeOn(page).split('.')[1])
    expect(await linkings(server, owner.id)).toBe(0)
  })
})

/** Newest first. */
async function tracesOf(userId: string) {
  const traces = await server.core.storage.durable.traces.recent({ tenant: 'acme', limit: 50 })
  return traces.filter((trace) => trace.userId === userId)
}
