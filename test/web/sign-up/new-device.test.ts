/** The email after a sign-in from a browser or program that is new for the user. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Page, send, TestBrowser } from '../../support/browser/test-browser.ts'
import { signInBy } from '../../support/gatehouse/partner-server.ts'
import { acmeYaml, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'

const password = 'correct horse battery staple'
let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse({
    tenants: { 'acme.yaml': 'tenant: acme\nname: Acme\nconnections:\n  password: {}\n' },
  })
})
afterAll(() => server.stop())

function signIn(who: TestBrowser, email: string): Promise<Page> {
  const form = { tenant: 'acme', email, password }
  return who.ask('/login', { method: 'POST', form, headers: { 'sec-fetch-site': 'same-origin' } })
}
function signInByApi(email: string, agent: string): Promise<Page> {
  const json = { tenant: 'acme', email, password }
  const url = new URL('/api/v1/sessions', publicOrigin)
  return send(server.port, url, { method: 'POST', json, headers: { 'user-agent': agent } })
}
const subjectsTo = async (email: string) =>
  (await server.mails()).filter(({ to, subject }) => to === email && /^New sign-in/.test(subject))
async function eventsOf(email: string) {
  const [user] = await server.core.parts.users.findByProvenEmail('acme', email)
  return server.core.parts.audit.recent({ user: user?.id ?? '', action: 'sign_in.new_device', limit: 10 })
}
/** The event of a sign-in is stored behind its response, and the next sign-in looks for it. */
async function stored(email: string, count: number): Promise<void> {
  const [user] = await server.core.parts.users.findByProvenEmail('acme', email)
  const filter = { user: user?.id ?? '', action: 'sign_in.succeeded', limit: 20 }
  await vi.waitFor(async () => expect(await server.core.parts.audit.recent(filter)).toHaveLength(count), waitOptions)
}

describe('a sign-in from a new browser', () => {
  it('is emailed and audited, but not the first one, nor the next in the same browser', async () => {
    const email = 'ada@mail.test'
    await server.addUser({ tenant: 'acme', email, password })
    const first = new TestBrowser(server)
    expect((await signIn(first, email)).status).toBe(303)
    await stored(email, 1)
    expect((await signIn(first, email)).status).toBe(303)
    await stored(email, 2)
    expect(await subjectsTo(email)).toEqual([])

    const second = new TestBrowser(server)
    await signIn(second, email)
    const mail = await server.mail(email)
    expect(mail.subject).toBe('New sign-in to Acme')
    expect(mail.text).toMatch(/^Device: Chrome on Linux$/m)
    expect(mail.text).toMatch(/^Address: 127\.0\.0\.1$/m)
    expect(mail.text).toContain(`${publicOrigin}/account/sessions`)
    await signIn(second, email)
    await stored(email, 4)
    expect(await subjectsTo(email)).toHaveLength(1)
    await vi.waitFor(async () => expect(await eventsOf(email)).toHaveLength(1), waitOptions)
    expect((await eventsOf(email))[0]?.details).toMatchObject({ device: 'Chrome on Linux', mail: 'queued' })
  })

  it('is emailed five times a day at most', async () => {
    const email = 'bob@mail.test'
    await server.addUser({ tenant: 'acme', email, password })
    for (let turn = 0; turn < 8; turn += 1) {
      await signIn(new TestBrowser(server), email)
      await stored(email, turn + 1)
    }
    await vi.waitFor(async () => expect(await eventsOf(email)).toHaveLength(7), waitOptions)
    await server.mail(email, 5)
    expect(await subjectsTo(email)).toHaveLength(5)
  })
})

describe('a sign-in by the API', () => {
  it('is emailed where the program is new', async () => {
    const email = 'eve@mail.test'
    await server.addUser({ tenant: 'acme', email, password })
    for (const [turn, agent] of ['curl/8.5.0', 'curl/8.5.0', 'python-requests/2', 'curl/8.5.0'].entries()) {
      expect((await signInByApi(email, agent)).status).toBe(201)
      await stored(email, turn + 1)
    }
    await server.mail(email)
    expect(await subjectsTo(email)).toHaveLength(1)
  })
})

it('is emailed after a sign-in by Okta in a second browser, at once after the first', async () => {
  const okta = server.okta
  const own = await startTestGatehouse({
    okta,
    tenants: { 'acme.yaml': acmeYaml(okta).replace('newDevice: false', 'newDevice: true') },
  })
  try {
    for (const browser of [new TestBrowser(own), new TestBrowser(own)])
      expect((await signInBy(browser, 'okta', 'Ada Lovelace')).status).toBe(200)
    const sent = async () => (await own.mails()).filter(({ subject }) => subject === 'New sign-in to Acme').length
    await vi.waitFor(async () => expect(await sent()).toBe(1), waitOptions)
  } finally {
    await own.stop()
  }
})

it('a tenant can turn the email off; the audit log says so', async () => {
  const okta = server.okta
  const quiet = await startTestGatehouse({
    okta,
    tenants: { 'acme.yaml': acmeYaml(okta) }, // turns it off
  })
  try {
    await quiet.addUser({ tenant: 'acme', email: 'dan@mail.test', password })
    await signIn(new TestBrowser(quiet), 'dan@mail.test')
    const [user] = await quiet.core.parts.users.findByProvenEmail('acme', 'dan@mail.test')
    const recent = (action: string) => quiet.core.parts.audit.recent({ user: user?.id ?? '', action, limit: 5 })
    await vi.waitFor(async () => expect(await recent('sign_in.succeeded')).toHaveLength(1), waitOptions)
    await signIn(new TestBrowser(quiet), 'dan@mail.test')
    await vi.waitFor(async () => expect(await recent('sign_in.new_device')).toHaveLength(1), waitOptions)
    expect((await recent('sign_in.new_device'))[0]?.details['mail']).toMatch(/turned off/)
  } finally {
    await quiet.stop()
  }
})
