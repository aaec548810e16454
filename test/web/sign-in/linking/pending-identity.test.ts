/** An identity that waits for proof: bound to browser, user and tenant, expiring, linked once. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { GatehouseError } from '../../../../src/errors.ts'
import { linkOn, type Page, referenceOn, TestBrowser } from '../../../support/browser/test-browser.ts'
import {
  codeOn,
  connectionsOf,
  isSignedIn,
  linkings,
  newExistingUser,
  type PartnerServer,
  partners,
  password,
  post,
  proveByPassword,
  signInBy,
  signInByPassword,
  startPartnerServer,
  tracesOf,
  userOf,
} from '../../../support/gatehouse/partner-server.ts'
import { people, publicOrigin } from '../../../support/gatehouse/tenants.ts'
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

const outcomeOf = async (page: Page) => (await server.trace(referenceOn(page))).code

describe('a pending identity', () => {
  it('ID-08 is not linked to a user lured to its link in another browser, who may sign in without it', async () => {
    const { email, name, owner } = await newExistingUser(server)
    const attacker = new TestBrowser(server)
    const page = await signInBy(attacker, 'partner', name)
    const victim = await signInByPassword(server, email)
    const lured = await post(victim, '/login', { tenant: 'acme', email, password, link: codeOn(page) })
    expect(lured.status).toBe(400)
    expect(await outcomeOf(lured)).toBe('login_other_browser')
    const start = await victim.open(`/t/acme/okta/start?link=${encodeURIComponent(codeOn(page))}`)
    expect(await outcomeOf(start)).toBe('login_other_browser')
    expect(linkOn(start, 'Try again')).not.toContain('link=')
    expect(linkOn(start, 'Use another way')).not.toContain('link=')
    expect(await linkings(server, owner.id)).toBe(0)
    expect(await connectionsOf(victim)).toEqual(['password'])
  })

  it('is not linked to a different user, who gets an explanation and a link back', async () => {
    const { name, owner } = await newExistingUser(server)
    const browser = new TestBrowser(server)
    const page = await signInBy(browser, 'partner', name)
    await signInByPassword(server, 'bystander@mail.test')
    const asked = await browser.click(page, 'Sign in with your password')
    const other = await browser.submit(asked, '/login', { email: 'bystander@mail.test', password })
    expect([other.status, await outcomeOf(other)]).toEqual([403, 'link_mismatch'])
    expect(other.body).toContain('You signed in as another user')
    expect(await isSignedIn(browser)).toBe(false)
    expect(await connectionsOf(await signInByPassword(server, 'bystander@mail.test'))).toEqual(['password'])

    const back = await browser.click(other, 'Back')
    expect(linkOn(back, 'Sign in with your password')).toContain('prompt=login')
    await proveByPassword(browser, back)
    expect((await userOf(browser)).id).toBe(owner.id)
    expect(await linkings(server, owner.id)).toBe(1)
  })

  it('creates no new user for a sign-in with the wrong connection', async () => {
    const { name } = await newExistingUser(server)
    const browser = new TestBrowser(server)
    const page = await signInBy(browser, 'partner', name)
    const other = await signInBy(
      browser,
      'okta',
      people.carol.name,
      'acme',
      `?link=${encodeURIComponent(codeOn(page))}`,
    )
    expect(await outcomeOf(other)).toBe('link_mismatch')
    expect(await server.core.parts.users.findByIdentity('acme', server.okta.issuer, people.carol.sub)).toBeNull()
  })

  it('is useless in another organization', async () => {
    const { email, name } = await newExistingUser(server)
    const browser = new TestBrowser(server)
    const page = await signInBy(browser, 'partner', name)
    await server.addUser({ tenant: 'beta', email, password })
    const answer = await post(browser, '/login', { tenant: 'beta', email, password, link: codeOn(page) })
    expect(await outcomeOf(answer)).toBe('login_other_browser')
  })

  it('expires after ten minutes; the sign-in itself succeeds', async () => {
    const { name, owner } = await newExistingUser(server)
    const browser = new TestBrowser(server)
    const asked = await browser.click(await signInBy(browser, 'partner', name), 'Sign in with your password')
    server.clock.forward(601)
    expect((await browser.submit(asked, '/login', { password })).url.pathname).toBe('/account')
    expect((await userOf(browser)).id).toBe(owner.id)
    expect(await connectionsOf(browser)).toEqual(['password'])
  })

  it('is linked once: its replayed code only signs in', async () => {
    const { email, name, owner } = await newExistingUser(server)
    const browser = new TestBrowser(server)
    const page = await signInBy(browser, 'partner', name)
    await proveByPassword(browser, page)
    const again = await post(browser, '/login', { tenant: 'acme', email, password, link: codeOn(page) })
    expect(again.status).toBe(303)
    expect(await linkings(server, owner.id)).toBe(1)
    await vi.waitFor(async () => {
      const [trace] = await tracesOf(server, owner.id)
      expect(trace?.reasons.at(-1)).toContain('not linked')
    }, waitOptions)
  })

  it('survives a database failure during linking and is linked at the next sign-in', async () => {
    const { email, name, owner } = await newExistingUser(server)
    const browser = new TestBrowser(server)
    const page = await signInBy(browser, 'partner', name)
    // nothing else can make a real database fail for one statement only
    const link = vi.spyOn(server.core.parts.users, 'link')
    link.mockRejectedValueOnce(new GatehouseError('store_unavailable', 'the database went away'))
    await proveByPassword(browser, page)
    link.mockRestore()
    expect(await connectionsOf(browser)).toEqual(['password'])
    await vi.waitFor(async () => {
      const [trace] = await tracesOf(server, owner.id)
      expect(trace?.reasons.at(-1)).toBe('not linked: store_unavailable')
    }, waitOptions)
    await post(browser, '/login', { tenant: 'acme', email, password, link: codeOn(page) })
    expect(await connectionsOf(browser)).toEqual(['partner', 'password'])
    expect(await linkings(server, owner.id)).toBe(1)
  })

  it('is linked once by 50 simultaneous logins, and each signs in', async () => {
    const owner = new TestBrowser(server)
    await signInBy(owner, 'okta', people.bob.name)
    const { id } = await userOf(owner)
    const browser = new TestBrowser(server)
    const page = await signInBy(browser, 'partner', partners.bob.name)
    const callbacks: URL[] = []
    for (let turn = 0; turn < 50; turn += 1) {
      browser.jar.remove('_session') // Okta's: it has one login at a time in each of its sessions
      const asked = await browser.click(page, 'Sign in with Okta')
      const stopped = await browser.click(asked, people.bob.name, `${publicOrigin}/t/acme/okta/callback`)
      callbacks.push(stopped.url)
    }
    const ends = await Promise.all(callbacks.map((url) => browser.ask(url)))
    const places = ends.map(({ headers }) => headers.location ?? '')
    expect(ends.every(({ status }) => status === 303)).toBe(true)
    // the one that linked it says so
    expect(places.filter((place) => place.includes('notice=added'))).toHaveLength(1)
    expect(places.filter((place) => place === `${publicOrigin}/account`)).toHaveLength(49)
    expect(await linkings(server, id)).toBe(1)
    expect(await server.core.parts.users.identitiesOf('acme', id)).toHaveLength(2)
  })

  it('LK-03 is stored encrypted: neither email nor subject nor code is readable', async () => {
    const { name, owner, subject } = await newExistingUser(server)
    const page = await signInBy(new TestBrowser(server), 'partner', name)
    const bytes = await server.storedBytes()
    expect(bytes.includes(subject)).toBe(false)
    expect(bytes.includes(codeOn(page).split('.')[1] ?? 'x')).toBe(false)
    expect(server.logged.join()).not.toContain(codeOn(page).split('.')[1])
    expect(await linkings(server, owner.id)).toBe(0)
  })
})

/** Newest first. */
