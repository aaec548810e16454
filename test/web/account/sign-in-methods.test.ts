/** Adding and unlinking sign-in methods on /account, by the user only. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { identityName } from '../../../src/broker/identity/sign-in-methods.ts'
import { formsOn, linkOn, type Page, referenceOn, TestBrowser } from '../../support/browser/test-browser.ts'
import {
  connectionsOf,
  isSignedIn,
  type PartnerServer,
  partnerPerson,
  post,
  signInBy,
  signInByPassword,
  startPartnerServer,
  userOf,
} from '../../support/gatehouse/partner-server.ts'
import { people, publicOrigin } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

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
async function newPerson() {
  count += 1
  const { email, name } = partnerPerson(count)
  return { email, name, browser: await signInByPassword(server, email) }
}

const methods = '/account/sign-in-methods'
const unlinking = '/account/identities/unlink'
const textOf = (html: string) => html.replace(/<[^>]*>/g, '')
const adding = '/account/identities/add'
const callback = `${publicOrigin}/t/acme/partner/callback`
const outcomeOf = async (page: Page) => (await server.trace(referenceOn(page))).code

/** Adds partner on the page and signs in there. */
async function add(browser: TestBrowser, name: string, stopAt?: string): Promise<Page> {
  const account = await browser.open(methods)
  return browser.click(await browser.submit(account, adding, { connection: 'partner' }), name, stopAt)
}

async function unlink(browser: TestBrowser, connection: string): Promise<Page> {
  const identity = (await userOf(browser)).identities.find((each) => each.connection === connection)
  return post(browser, unlinking, { identity: identity === undefined ? 'none' : identityName(identity) })
}

describe('/account/sign-in-methods', () => {
  it('shows the sign-in methods and the connections to add', async () => {
    const { browser, email } = await newPerson()
    const { body } = await browser.open(methods)
    expect(body).toContain('Sign-in methods')
    expect(body).toContain(email)
    expect(body).toContain("You can't remove your only sign-in method.")
    expect(textOf(body)).toContain('Connect Okta (partner)')
    expect(textOf(body)).toContain('Connect Okta (okta)')
    expect(textOf(body)).not.toContain(/Add\s+Password/)
  })

  it('offers a password by emailed link to users with a verified email and no password', async () => {
    const browser = new TestBrowser(server)
    await signInBy(browser, 'okta', people.ada.name)
    const page = await browser.click(await browser.open(methods), /Add\s+Password/)
    expect([page.url.pathname, page.url.searchParams.get('email')]).toEqual(['/sign-up', people.ada.email])
  })

  it('shows known notices only', async () => {
    const { browser } = await newPerson()
    expect((await browser.open('/account/sign-in-methods?notice=last')).body).toContain(
      "You can't remove your only sign-in method.",
    )
    expect((await browser.open('/account/sign-in-methods?notice=%3Cb%3Epay%20us')).body).not.toContain('pay us')
    expect((await browser.open('/account/sign-in-methods?notice=constructor')).body).not.toContain('native code')
  })
})

describe('adding a sign-in method', () => {
  it('links the identity, whatever its email, and both sign in the same user', async () => {
    const { browser, email } = await newPerson()
    const { id } = await userOf(browser)
    connections.partner.fault('person', { email: 'another@elsewhere.test' })
    const ended = await add(browser, partnerPerson(count).name)
    expect([ended.url.pathname, ended.url.searchParams.get('notice')]).toEqual([methods, 'added'])
    expect(ended.body).toContain('Okta (partner) was added. You can now sign in with it.')
    const user = await userOf(browser)
    expect(user).toMatchObject({ id, profile: { email, email_verified: true } })
    expect(await connectionsOf(browser)).toEqual(['partner', 'password'])

    const inTheFuture = new TestBrowser(server)
    await signInBy(inTheFuture, 'partner', partnerPerson(count).name)
    expect((await userOf(inTheFuture)).id).toBe(id)
    const filter = { tenant: 'acme', action: 'identity.linked', limit: 1 }
    const [event] = await server.core.parts.audit.recent(filter)
    expect(event).toMatchObject({
      action: 'identity.linked',
      actor: id,
      target: id,
      details: { connection: 'partner' },
    })
  })

  it('keeps the session and the method it was opened with', async () => {
    const { browser, name } = await newPerson()
    const before = browser.jar.value('gatehouse_session')
    await add(browser, name)
    expect(browser.jar.value('gatehouse_session')).toBe(before)
    const { authenticated } = JSON.parse((await browser.ask('/api/v1/session')).body)
    expect(authenticated.connection).toBe('password')
  })

  it('rejects an identity of another user with an explanation and no change', async () => {
    const one = await newPerson()
    await add(one.browser, one.name)
    const other = await newPerson()
    const refused = await add(other.browser, one.name)
    expect([refused.status, await outcomeOf(refused)]).toEqual([403, 'identity_taken'])
    expect(refused.body).toContain('That account is already connected to another user')
    expect(refused.body).toContain(`It belongs to the user ${one.email[0]}•••@`)
    expect(linkOn(refused, 'Sign in with Okta (partner) instead')).toContain('/t/acme/partner/start')
    expect((await other.browser.click(refused, 'Back to your account')).url.pathname).toBe(methods)
    expect(await connectionsOf(other.browser)).toEqual(['password'])
    expect(await connectionsOf(one.browser)).toEqual(['partner', 'password'])
  })

  it('ID-08 is not started by a link or form of another site', async () => {
    const { browser } = await newPerson()
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.test' }, {}]) {
      const page = await browser.ask(adding, { method: 'POST', form: { connection: 'partner' }, headers })
      expect(page.status).toBe(403)
    }
    expect((await browser.ask(`${adding}?connection=partner`)).status).toBe(405)
    const { id } = JSON.parse((await browser.ask('/api/v1/session')).body)
    const begun = await browser.open(`/t/acme/partner/start?addTo=${id}&add_to=${id}`)
    expect((await browser.click(begun, partnerPerson(count).name)).url.pathname).toBe('/link')
  })

  it("ID-08 the attacker's callback in the victim's browser links nothing", async () => {
    const attacker = await newPerson()
    const stopped = await add(attacker.browser, attacker.name, callback)
    const victim = await newPerson()
    const page = await victim.browser.open(stopped.url)
    expect(await outcomeOf(page)).toBe('login_other_browser')
    expect(await connectionsOf(victim.browser)).toEqual(['password'])
  })

  it('ID-08 ends with the session that started it: after sign-out, or as another user, nothing is linked', async () => {
    const { browser, name } = await newPerson()
    const stopped = await add(browser, name, callback)
    await post(browser, '/account/sign-out', {})
    const other = partnerPerson(count + 1)
    await server.addUser({ tenant: 'acme', email: other.email, password: 'correct horse battery staple' })
    await post(browser, '/login', { tenant: 'acme', email: other.email, password: 'correct horse battery staple' })
    count += 1
    const page = await browser.open(stopped.url)
    expect([page.status, await outcomeOf(page)]).toEqual([401, 'session_invalid'])
    expect(await connectionsOf(browser)).toEqual(['password'])
  })

  it.each([
    ['an unknown connection', 'nothing', 404],
    ['the password', 'password', 404],
    ['nothing', '', 400],
  ])('rejects adding %s', async (_, connection, status) => {
    const { browser } = await newPerson()
    expect((await post(browser, adding, { connection })).status).toBe(status)
  })

  it('requires a session', async () => {
    expect((await post(new TestBrowser(server), adding, { connection: 'partner' })).status).toBe(401)
    expect((await post(new TestBrowser(server), unlinking, { identity: 'x' })).status).toBe(401)
  })
})

describe('unlinking a sign-in method', () => {
  it('ends the sessions it opened and keeps name and email', async () => {
    const { browser, name } = await newPerson()
    await add(browser, name)
    const elsewhere = new TestBrowser(server)
    await signInBy(elsewhere, 'partner', name)
    const me = await signInByPassword(server, partnerPerson(count).email)
    const before = await userOf(me)
    const page = await unlink(me, 'partner')
    expect(page.headers.location).toBe(`${methods}?notice=unlinked-sessions&method=partner`)
    expect(await isSignedIn(elsewhere)).toBe(false)
    expect(await isSignedIn(me)).toBe(true)
    const after = await userOf(me)
    expect(after.profile).toEqual(before.profile)
    expect(await connectionsOf(me)).toEqual(['password'])
    const [event] = await server.core.parts.audit.recent({ tenant: 'acme', limit: 1 })
    expect(event).toMatchObject({ action: 'identity.unlinked', actor: before.id, details: { connection: 'partner' } })
  })

  it('ID-09 is rejected for the last one', async () => {
    const { browser } = await newPerson()
    const page = await unlink(browser, 'password')
    expect(page.headers.location).toBe(`${methods}?notice=last`)
    expect(await connectionsOf(browser)).toEqual(['password'])
    expect(await isSignedIn(browser)).toBe(true)
  })

  it('ID-09 of two, sent 50 times at once, keeps one', async () => {
    const { browser, name } = await newPerson()
    await add(browser, name)
    const names = (await userOf(browser)).identities.map(identityName)
    await Promise.all(
      Array.from({ length: 50 }, (_, turn) => post(browser, unlinking, { identity: names[turn % 2] ?? '' })),
    )
    expect((await userOf(browser)).identities).toHaveLength(1)
  })

  it('SE-09 does not affect another user', async () => {
    const [one, other] = [await newPerson(), await newPerson()]
    await add(one.browser, one.name)
    await add(other.browser, other.name)
    const [identity] = (await userOf(one.browser)).identities
    const page = await post(other.browser, unlinking, { identity: identity ? identityName(identity) : '' })
    expect(page.headers.location).toBe(`${methods}?notice=unknown`)
    expect(await connectionsOf(one.browser)).toEqual(['partner', 'password'])
    expect(await connectionsOf(other.browser)).toEqual(['partner', 'password'])
  })

  it('SE-07 is not done by a form of another site', async () => {
    const { browser, name } = await newPerson()
    await add(browser, name)
    const [identity] = (await userOf(browser)).identities
    const form = { identity: identity ? identityName(identity) : '' }
    const page = await browser.ask(unlinking, { method: 'POST', form, headers: { 'sec-fetch-site': 'cross-site' } })
    expect(page.status).toBe(403)
    expect(await connectionsOf(browser)).toEqual(['partner', 'password'])
  })

  it('rejects the unlinked password at sign-in', async () => {
    const { browser, name, email } = await newPerson()
    await add(browser, name)
    expect((await unlink(browser, 'password')).headers.location).toMatch(/notice=unlinked/)
    const typed = await post(new TestBrowser(server), '/login', {
      tenant: 'acme',
      email,
      password: 'correct horse battery staple',
    })
    expect(typed.status).toBe(401)
    expect(await connectionsOf(browser)).toEqual(['partner'])
  })

  it('requires proof to link the identity again, even if its email would link it', async () => {
    const browser = new TestBrowser(server)
    await signInBy(browser, 'okta', people.bob.name)
    const { id } = await userOf(browser)
    await add(browser, partnerPerson(39).name)
    expect((await unlink(browser, 'okta')).headers.location).toMatch(/notice=unlinked/)
    const again = new TestBrowser(server)
    const asked = await signInBy(again, 'okta', people.bob.name)
    expect(asked.url.pathname).toBe('/link')
    const proven = await again.click(await again.click(asked, 'Sign in with the partner'), partnerPerson(39).name)
    expect(proven.url.pathname).toBe(methods)
    expect((await userOf(again)).id).toBe(id)
    expect(await connectionsOf(again)).toEqual(['okta', 'partner'])
  })
})

// last: the clock of the house is ahead of the emulators' from here on
describe('ID-08 a sign-in more than ten minutes ago', () => {
  it('allows no removal', async () => {
    const { browser, name } = await newPerson()
    await add(browser, name)
    server.clock.forward(601)
    const page = await unlink(browser, 'password')
    expect([page.status, String(page.headers['refresh'])]).toEqual([200, expect.stringContaining('prompt=login')])
    expect(await connectionsOf(browser)).toEqual(['partner', 'password'])
  })

  it('leads from adding through a sign-in and back', async () => {
    const { browser } = await newPerson()
    const account = await browser.open(methods)
    server.clock.forward(601)
    const stale = await browser.open(methods)
    expect(formsOn(stale).map(({ action }) => action)).not.toContain(adding)
    expect(linkOn(stale, 'Sign in again')).toContain('prompt=login')

    const again = await browser.submit(account, adding, { connection: 'partner' })
    expect([again.url.pathname, again.url.searchParams.get('step')]).toEqual(['/login', 'password'])
    const back = await browser.submit(again, '/login', { password: 'correct horse battery staple' })
    expect(back.body).toContain('for the next ten minutes')
    expect(formsOn(back).map(({ action }) => action)).toContain(adding)
    expect(await connectionsOf(browser)).toEqual(['password'])
  })
})
