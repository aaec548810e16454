/** The user's own name, their data as a file, and the deletion of the account. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { linkOn, TestBrowser } from '../../support/browser/test-browser.ts'
import { api } from '../../support/gatehouse/connections.ts'
import {
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

let connections: PartnerServer
let server: TestGatehouse
beforeAll(async () => {
  connections = await startPartnerServer('access: { developer: everyone }\n')
  server = connections.server
})
afterAll(() => connections.stop())

let count = 0
async function newPerson() {
  count += 1
  const email = `person${count}@mail.test`
  const browser = await signInByPassword(server, email)
  const { id } = await userOf(browser)
  return { browser, email, id }
}

const mailTo = async (email: string, subject: RegExp) => {
  let text = ''
  await expect
    .poll(async () => {
      text = (await server.mails()).find((mail) => mail.to === email && subject.test(mail.subject))?.text ?? ''
      return text
    }, waitOptions)
    .not.toBe('')
  return text
}

const eventsOf = async (user: string) =>
  (await server.core.parts.audit.recent({ tenant: 'acme', user, limit: 50 })).map(({ action }) => action)

describe('the name', () => {
  it('is set by the user, shown to apps, kept at later sign-ins and reset', async () => {
    const browser = new TestBrowser(server)
    const person = partnerPerson(30)
    await signInBy(browser, 'partner', person.name)
    const form = await browser.click(await browser.open('/account'), 'Edit name')
    const saved = await browser.submit(form, '/account/name', { name: 'Ada King', givenName: '', familyName: '' })
    expect(saved.body).toContain('Your name was saved.')
    expect(saved.body).toContain('set by you')
    expect((await userOf(browser)).profile.name).toBe('Ada King')
    await signInBy(browser, 'partner', person.name, 'acme', '?return_to=/account&prompt=login')
    const user = await userOf(browser)
    const { profile: shown, sources } = JSON.parse((await browser.ask('/api/v1/users/me')).body)
    expect([shown.name, sources.name]).toEqual(['Ada King', 'user'])
    const { profile } = JSON.parse((await browser.ask('/api/v1/session')).body)
    expect(profile.name).toBe('Ada King')
    const reset = await browser.submit(await browser.open('/account/name'), '/account/name/reset')
    expect(reset.body).toContain('comes from your sign-in methods again')
    expect((await userOf(browser)).profile.name).toBe(person.name)
    expect(await eventsOf(user.id)).toContain('user.profile_changed')
  })

  it('SE-07 is not changed by a form of another site, and hostile text stays text', async () => {
    const { browser } = await newPerson()
    const headers = { 'sec-fetch-site': 'cross-site' }
    const page = await browser.ask('/account/name', { method: 'POST', form: { name: 'Eve' }, headers })
    expect(page.status).toBe(403)
    const name = '<script>alert(1)</script>\u202e'
    await browser.submit(await browser.open('/account/name'), '/account/name', { name })
    expect((await browser.open('/account')).body).not.toContain('<script>alert')
    expect((await userOf(browser)).profile.name).toBe('<script>alert(1)</script>')
  })

  it('is changed by the API, where null resets it', async () => {
    const { browser } = await newPerson()
    const patch = (json: object) =>
      browser.ask('/api/v1/users/me', {
        method: 'PATCH',
        json,
        headers: { origin: server.core.parts.publicUrl.origin },
      })
    const changed = await patch({ name: 'Grace', given_name: 'Grace' })
    expect([changed.status, JSON.parse(changed.body).profile]).toEqual([200, { name: 'Grace', given_name: 'Grace' }])
    expect(JSON.parse((await patch({ given_name: null })).body).profile).toEqual({ name: 'Grace' })
    expect((await patch({ nickname: 'G' })).status).toBe(400)
  })
})

describe('an unproven email', () => {
  /** Of the partner, which has no domains: its addresses are not proven. */
  const unproven = async (number: number) => {
    const browser = new TestBrowser(server)
    const person = partnerPerson(number)
    await signInBy(browser, 'partner', person.name)
    return { browser, email: person.email }
  }
  const linkIn = async (email: string) =>
    /https:\S+\/account\/email\/verify\S+/.exec(await mailTo(email, /^Verify/))?.[0] ?? ''

  it('is verified by an emailed link, in a browser of that user only', async () => {
    const { browser, email } = await unproven(31)
    expect((await userOf(browser)).profile.email_verified).toBe(false)
    const asked = await browser.click(await browser.open('/account'), /^Verify/)
    expect((await browser.submit(asked, '/account/email')).body).toContain('Check your email')
    const link = await linkIn(email)
    const code = new URL(link).searchParams.get('code') ?? ''
    // ID-04: the owner of the mailbox who opens an attacker's link proves nothing for the attacker
    const { browser: other } = await newPerson()
    expect((await post(other, '/account/email/verify', { code })).status).toBe(400)
    expect((await userOf(browser)).profile.email_verified).toBe(false)
    expect((await post(new TestBrowser(server), '/account/email/verify', { code })).status).toBe(401)
  })

  it('stays verified at later sign-ins, and its link works once', async () => {
    const { browser, email } = await unproven(32)
    await browser.submit(await browser.open('/account/email'), '/account/email')
    const link = await linkIn(email)
    const page = await browser.open(link)
    expect((await userOf(browser)).profile.email_verified).toBe(false)
    const done = await browser.submit(page, '/account/email/verify')
    expect(done.body).toContain('Your email address is verified.')
    expect((await userOf(browser)).profile.email_verified).toBe(true)
    const code = new URL(link).searchParams.get('code') ?? ''
    expect((await post(browser, '/account/email/verify', { code })).status).toBe(400)
    await signInBy(browser, 'partner', partnerPerson(32).name, 'acme', '?return_to=/account&prompt=login')
    expect((await userOf(browser)).profile.email_verified).toBe(true)
  })

  it('ID-02 is not verified by email where a connection speaks for its domain', async () => {
    connections.partner.fault('person', { email: 'eve@okta.example' })
    const { browser } = await unproven(33)
    connections.partner.reset()
    expect((await browser.open('/account')).body).not.toContain('href="/account/email"')
    expect((await post(browser, '/account/email', {})).status).toBe(409)
  })
})

describe('my data', () => {
  it('is a file with everything but secrets', async () => {
    const { browser, email, id } = await newPerson()
    const file = await browser.ask('/account/data')
    expect(file.headers['content-disposition']).toBe('attachment; filename="acme-account.json"')
    expect(file.headers['cache-control']).toBe('no-store')
    const data = JSON.parse(file.body)
    expect(data.user).toMatchObject({ id, tenant: 'acme', profile: { email: { address: email } } })
    expect(data.identities).toHaveLength(1)
    expect(data.sessions).toHaveLength(1)
    expect(data.events.map(({ action }: { action: string }) => action)).toContain('sign_in.succeeded')
    expect(file.body).not.toMatch(/gth_[a-z]_|argon2|sealed|publicKey/)
    expect(await eventsOf(id)).toContain('user.data_exported')
    expect((await new TestBrowser(server).ask('/account/data')).status).toBe(303)
  })
})

/** Forwards past the waiting period of 14 days and runs the job. */
const expired = async () => {
  const { deleteDueUsers } = await import('../../../src/jobs/user-deletions.ts')
  const messages: object[] = []
  const log = { info: () => undefined, warn: (fields: object) => messages.push(fields) }
  await deleteDueUsers({ ...server.core.parts, now: () => new Date(Date.now() + 15 * 86_400_000) }, log)
  return messages
}

async function request(browser: TestBrowser) {
  const asked = await browser.click(await browser.open('/account'), 'Delete my account')
  return browser.submit(asked, '/account/delete')
}

describe('the deletion of an account', () => {
  it('is requested, announced by email and at sign-in, and canceled by the emailed link', async () => {
    const { browser, email, id } = await newPerson()
    const pending = await request(browser)
    expect(pending.body).toContain('Your account will be deleted')
    const text = await mailTo(email, /delet/i)
    const link = /https:\S+\/account\/delete\/cancel\S+/.exec(text)?.[0] ?? ''
    const again = new TestBrowser(server)
    const offered = await post(again, '/login', { tenant: 'acme', email, password })
    expect(offered.headers.location).toMatch(/^\/account\/delete\?return_to=/)
    const page = await again.open(String(offered.headers.location))
    expect(linkOn(page, 'Continue for now')).toContain('/account')
    // an email scanner that opens the link cancels nothing
    const scanner = new TestBrowser(server)
    const asked = await scanner.open(link)
    expect(await server.core.parts.userDeletions.find({ tenant: 'acme', userId: id })).not.toBeNull()
    const kept = await scanner.submit(asked, '/account/delete/cancel')
    expect(kept.body).toContain('Your account is kept')
    expect(await server.core.parts.userDeletions.find({ tenant: 'acme', userId: id })).toBeNull()
    expect((await scanner.open(link)).status).toBe(400)
    expect((await scanner.open(`${link.slice(0, -4)}AAAA`)).status).toBe(400)
    await expired()
    expect(await isSignedIn(browser)).toBe(true)
    const actions = await eventsOf(id)
    expect(actions).toEqual(expect.arrayContaining(['user.deletion_requested', 'user.deletion_canceled']))
  })

  it('ID-09 ends sessions and API tokens at once, and leaves IDs alone', async () => {
    const { browser, email, id } = await newPerson()
    const elsewhere = new TestBrowser(server)
    await post(elsewhere, '/login', { tenant: 'acme', email, password })
    const created = await browser.submit(await browser.open('/account/developer'), '/account/developer/tokens', {
      name: 'ci',
      expires: '30',
    })
    const token = /gth_a_\w+/.exec(created.body)?.[0] ?? ''
    const works = async () => (await api(server, '/api/v1/session', {}, token)).status
    expect(await works()).toBe(200)
    await request(browser)
    expect(await isSignedIn(browser)).toBe(true)
    await expired()
    expect([await isSignedIn(browser), await isSignedIn(elsewhere)]).toEqual([false, false])
    await expect.poll(works).toBe(401)
    expect(await server.core.parts.users.find('acme', id)).toBeNull()
    expect(await server.core.parts.passwords.find('acme', email)).toBeNull()
    const events = await server.core.parts.audit.recent({ tenant: 'acme', user: id, limit: 100 })
    expect(events.map(({ action }) => action)).toContain('user.deleted')
    expect(JSON.stringify(events.map(({ details }) => details))).not.toContain(email)
    await mailTo(email, /deleted/i)
    const typed = await post(new TestBrowser(server), '/login', { tenant: 'acme', email, password })
    expect(typed.status).toBe(401)
  })

  it('ID-09 is finished by the job if the process died in the middle', async () => {
    const { browser, id } = await newPerson()
    const { deleteUser } = await import('../../../src/broker/identity/account/delete-user.ts')
    const { parts } = server.core
    const user = await parts.users.find('acme', id)
    if (user === null) throw new Error('no user')
    const sessions = {
      ...parts.sessions,
      list: () => Promise.reject(new Error('killed')),
      deleteAll: () => Promise.reject(new Error('killed')),
    }
    await expect(deleteUser({ ...parts, sessions }, user, 'cli')).rejects.toThrow('killed')
    expect((await parts.users.find('acme', id))?.status).toBe('blocked')
    await expired()
    expect(await parts.users.find('acme', id)).toBeNull()
    expect(await isSignedIn(browser)).toBe(false)
  })

  it('waits while the user owns apps, and says which', async () => {
    const { browser, id } = await newPerson()
    const fields = { kind: 'web', name: 'Ledger', redirectUris: 'https://shop.example/back', scopes: 'openid' }
    await browser.submit(await browser.open('/developer/apps/new'), '/developer/apps/new', fields)
    const page = await browser.open('/account/delete')
    expect(page.body).toContain('You still own apps')
    expect(page.body).toContain('Ledger')
    expect((await post(browser, '/account/delete', {})).headers.location).toBe('/account/delete')
    expect(await server.core.parts.userDeletions.find({ tenant: 'acme', userId: id })).toBeNull()
    // registered during the waiting period
    const at = new Date()
    await server.core.parts.userDeletions.put({ tenant: 'acme', userId: id, requestedAt: at, dueAt: at })
    expect(await expired()).toEqual([{ tenant: 'acme', user: id }])
    expect(await server.core.parts.users.find('acme', id)).not.toBeNull()
    await server.core.parts.apps.remove((await server.core.parts.apps.ownedBy('acme', id))[0]?.id ?? '')
    await expired()
    expect(await server.core.parts.users.find('acme', id)).toBeNull()
  })
})

// last: the clock is ahead from here on
describe('MF-05 a sign-in more than ten minutes ago', () => {
  it('requests no deletion', async () => {
    const { browser, id } = await newPerson()
    server.clock.forward(601)
    const page = await browser.open('/account/delete')
    expect(linkOn(page, 'Sign in again')).toContain('prompt=login')
    expect((await post(browser, '/account/delete', {})).headers.location).toBe('/account/delete')
    expect(await server.core.parts.userDeletions.find({ tenant: 'acme', userId: id })).toBeNull()
  })
})
