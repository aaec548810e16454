/** The owner is notified of changed sign-in methods; a reset suspends added ones. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { giveConsent } from '../../../src/broker/apps/consent.ts'
import { identityName } from '../../../src/broker/identity/sign-in-methods.ts'
import { linkOn, referenceOn, TestBrowser } from '../../support/browser/test-browser.ts'
import {
  connectionsOf,
  isSignedIn,
  type PartnerServer,
  partnerPerson,
  password,
  post,
  signInBy,
  signInByPassword,
  startPartnerServer,
  userOf,
} from '../../support/gatehouse/partner-server.ts'
import { type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'

const better = 'another horse battery staple'
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
/** A new user with a password, and a person at the partner's Okta with another email. */
async function newUser() {
  count += 1
  const { name, sub } = partnerPerson(count)
  const email = `owner${count}@mail.test`
  return { email, name, sub, browser: await signInByPassword(server, email) }
}

async function addPartner(browser: TestBrowser, name: string): Promise<void> {
  const account = await browser.open('/account/sign-in-methods')
  await browser.click(await browser.submit(account, '/account/identities/add', { connection: 'partner' }), name)
}

const subjects = async (email: string) =>
  (await server.mails()).filter(({ to }) => to === email).map(({ subject }) => subject)

async function reset(email: string, path = '/forgot', subjectStart = 'Choose a new'): Promise<TestBrowser> {
  const browser = new TestBrowser(server)
  const before = (await server.mails()).map(({ text }) => text)
  await post(browser, path, { tenant: 'acme', email })
  let link = ''
  await expect
    .poll(async () => {
      const mails = (await server.mails()).filter(({ to, text }) => to === email && !before.includes(text))
      const mail = mails.find(({ subject }) => subject.startsWith(subjectStart))
      link = /https:\S+/.exec(mail?.text ?? '')?.[0] ?? ''
      return link
    }, waitOptions)
    .not.toBe('')
  const { pathname, searchParams } = new URL(link)
  const page = await post(browser, pathname, { code: searchParams.get('code') ?? '', password: better })
  if (page.status !== 303) throw new Error(`the reset ended with ${page.status}`)
  return browser
}

describe('A5: an added sign-in method', () => {
  it('A5: is reported to the owner by email, as is a removed one', async () => {
    const { browser, email, name } = await newUser()
    await addPartner(browser, name)
    await expect.poll(() => subjects(email), waitOptions).toContain('A sign-in method was added for Acme')
    const mail = await server.mail(email)
    expect(mail.text).toContain('Okta (partner) signs you in to Acme')
    expect(mail.text).toContain('/account')
    const identity = (await userOf(browser)).identities.find(({ connection }) => connection === 'partner')
    await post(browser, '/account/identities/unlink', { identity: identity ? identityName(identity) : '' })
    await expect.poll(() => subjects(email), waitOptions).toContain('A sign-in method was removed for Acme')
    const [event] = await server.core.parts.audit.recent({ tenant: 'acme', limit: 1 })
    expect(event).toMatchObject({ action: 'identity.unlinked', details: { connection: 'partner', mail: 'queued' } })
  })

  it('A5: is audited if the user has no verified address', async () => {
    connections.partner.fault('person', { email: undefined })
    const browser = new TestBrowser(server)
    count += 1
    await signInBy(browser, 'partner', partnerPerson(count).name)
    const { id } = await userOf(browser)
    connections.partner.reset()
    const user = await server.core.parts.users.find('acme', id)
    expect(user?.emailProven).toBe(false)
    const account = await browser.open('/account/sign-in-methods')
    await browser.click(await browser.submit(account, '/account/identities/add', { connection: 'okta' }), 'Carol')
    const events = await server.core.parts.audit.recent({ tenant: 'acme', limit: 20 })
    expect(events.find(({ action, target }) => action === 'identity.linked' && target === id)).toMatchObject({
      details: { connection: 'okta', mail: 'none: no proven address' },
    })
  })

  it('A5: is suspended by a password reset until the owner confirms it', async () => {
    const { browser, email, name } = await newUser()
    await addPartner(browser, name) // by somebody who knows the password
    const owner = await reset(email)
    expect(await isSignedIn(browser)).toBe(false)
    await expect.poll(() => subjects(email), waitOptions).toContain('Your password for Acme was changed')
    const stated = (await server.mails()).find((mail) => mail.to === email && mail.subject.startsWith('Your password'))
    expect(stated?.text).toContain('\n- Okta (partner)\n')

    const refused = await signInBy(new TestBrowser(server), 'partner', name)
    expect([refused.status, (await server.trace(referenceOn(refused))).code]).toEqual([403, 'method_suspended'])
    expect(linkOn(refused, 'Use another way to sign in')).toContain('/login')
    expect(refused.body).not.toContain('Try again')
    const account = await owner.open('/account/sign-in-methods')
    expect(account.body).toContain('Suspended: it was added before your password was reset, or a change was undone.')
    const done = await owner.submit(account, '/account/identities/confirm')
    expect(done.body).toContain('Okta (partner) is confirmed')
    const inTheFuture = new TestBrowser(server)
    await signInBy(inTheFuture, 'partner', name)
    expect(await connectionsOf(inTheFuture)).toEqual(['partner', 'password'])
    expect(await isSignedIn(await signInAgain(email))).toBe(true)
  })

  it('A5: is suspended when the owner sets a password again that another person removed', async () => {
    const { browser, email, name } = await newUser()
    await addPartner(browser, name) // by somebody who knows the password
    const own = (await userOf(browser)).identities.find(({ connection }) => connection === 'password')
    const byPartner = new TestBrowser(server)
    await signInBy(byPartner, 'partner', name)
    await post(byPartner, '/account/identities/unlink', { identity: own ? identityName(own) : '' })
    expect(await connectionsOf(byPartner)).toEqual(['partner'])
    const owner = await reset(email, '/sign-up', 'Finish signing up')
    expect(await connectionsOf(owner)).toEqual(['partner', 'password'])
    expect(await isSignedIn(byPartner)).toBe(false)
    expect((await signInBy(new TestBrowser(server), 'partner', name)).status).toBe(403)
  })

  it('A5: loses the access of its apps when it is unlinked, offline access too, and no other', async () => {
    const { browser, email, name } = await newUser()
    await addPartner(browser, name)
    const byPartner = new TestBrowser(server)
    await signInBy(byPartner, 'partner', name)
    const byOwner = await signInAgain(email, password)
    const { parts } = server.core
    const grants = []
    for (const browser of [byPartner, byOwner]) {
      const session = await parts.sessions.find(JSON.parse((await browser.ask('/api/v1/session')).body).id)
      if (session === null) throw new Error('no session')
      const [grantId, token] = [randomUUID(), randomUUID()]
      await giveConsent(parts, session, 'notes', ['openid', 'offline_access'])
      await parts.artifacts.put({
        model: 'RefreshToken',
        id: token,
        content: { grantId },
        seconds: 3600,
        grant: grantId,
      })
      await parts.sessionApps.put(session, 'notes', { sid: grantId, grantId })
      grants.push(token)
    }
    const identity = (await userOf(byOwner)).identities.find(({ connection }) => connection === 'partner')
    await post(byOwner, '/account/identities/unlink', { identity: identity ? identityName(identity) : '' })
    expect([await isSignedIn(byPartner), await isSignedIn(byOwner)]).toEqual([false, true])
    const [ofPartner = '', ofOwner = ''] = grants
    expect(await parts.artifacts.find('RefreshToken', ofPartner)).toBeNull()
    expect(await parts.artifacts.find('RefreshToken', ofOwner)).not.toBeNull()
  })
})

async function signInAgain(email: string, typed = better): Promise<TestBrowser> {
  const browser = new TestBrowser(server)
  await post(browser, '/login', { tenant: 'acme', email, password: typed })
  return browser
}
