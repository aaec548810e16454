/** `/account/security/password`, and the request to change a short password. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OktaEmulator } from '../../../../providers/okta/emulator.ts'
import { formsOn, linkOn, TestBrowser } from '../../../support/browser/test-browser.ts'
import { api, browserOf, password, postForm, tokenFor } from '../../../support/gatehouse/connections.ts'
import { isSignedIn, signInBy } from '../../../support/gatehouse/partner-server.ts'
import { acmeYaml, oktaFor, people, publicOrigin } from '../../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'

const path = '/account/security/password'
const longer = 'whales sing under rainy bridges'

let okta: OktaEmulator
let server: TestGatehouse
beforeAll(async () => {
  okta = await oktaFor()
  const asking = acmeYaml(okta).replace('{ signUp: true }', '{ signUp: true, minimumLength: 30, askToChange: true }')
  const free = acmeYaml(okta).replace('tenant: acme', 'tenant: free').replaceAll('[okta.example]', '[]')
  const tenants = {
    'acme.yaml': acmeYaml(okta),
    'asks.yaml': asking.replace('tenant: acme', 'tenant: asks'),
    'free.yaml': free,
  }
  const settings = 'tenantVariables: { asks: [ACME_SECRET], free: [ACME_SECRET] }\n'
  server = await startTestGatehouse({ okta, tenants: withoutSharedDomains(tenants), settings })
})
afterAll(async () => {
  await server.stop()
  await okta.close()
})

/** A domain belongs to one tenant. */
function withoutSharedDomains({
  'asks.yaml': asks,
  ...tenants
}: Record<'asks.yaml' | 'acme.yaml' | 'free.yaml', string>) {
  return { ...tenants, 'asks.yaml': asks.replace('[okta.example]', '[asks.example]') }
}

const signInAt = async (email: string, secret: string) =>
  (await api(server, '/api/v1/sessions', { method: 'POST', json: { tenant: 'acme', email, password: secret } })).status

/** The last sign-in no longer proves the user. */
async function laterBrowser(email: string): Promise<TestBrowser> {
  const browser = await browserOf(server, email)
  server.clock.forward(601)
  return browser
}

// first: the emulator's clock does not go forward
describe('a user without a password', () => {
  it('sets a first one after a recent sign-in, if the email is proven and no connection owns its domain', async () => {
    const browser = new TestBrowser(server)
    await signInBy(browser, 'okta', people.bob.name)
    expect((await browser.open(path)).status).toBe(404)

    const { users } = server.core.parts
    const session = JSON.parse((await browser.ask('/api/v1/session')).body)
    const user = (await users.find('acme', session.user.id))!
    const [identity] = await users.identitiesOf('acme', user.id)
    const profile = { ...user.profile, email: { address: 'bob@mail.test', verified: true } }
    await users.update({ ...user, profile, emailProven: true }, identity!)
    const page = await browser.open(path)
    expect(page.body).toContain('Set a password')
    const done = await browser.submit(page, path, { password: longer })
    expect(done.url.pathname).toBe('/account/security')
    expect(await signInAt('bob@mail.test', longer)).toBe(201)
    const connections = (await users.identitiesOf('acme', user.id)).map(({ connection }) => connection)
    expect(connections.toSorted()).toEqual(['okta', 'password'])
  })
})

describe('changing the password', () => {
  it('RE-03 asks for the current one, ends other sessions, keeps this one, and emails the owner', async () => {
    const email = 'change@mail.test'
    const browser = await laterBrowser(email)
    const elsewhere = await tokenFor(server, email)
    const page = await browser.open(path)
    expect(page.body).toContain('Current password')
    expect(page.body).toContain('checked')
    const done = await browser.submit(page, path, { currentPassword: password, password: longer })
    expect(done.url.pathname).toBe('/account/security')
    expect(await isSignedIn(browser)).toBe(true)
    expect((await api(server, '/api/v1/session', {}, elsewhere)).status).toBe(401)
    expect([await signInAt(email, password), await signInAt(email, longer)]).toEqual([401, 201])
    expect((await server.mail(email)).subject).toMatch(/password/i)
    const events = await server.core.parts.audit.recent({ tenant: 'acme', action: 'password.changed', limit: 5 })
    expect(events).toHaveLength(1)
  })

  it('keeps the other sessions if the user wants that', async () => {
    const email = 'keep@mail.test'
    const browser = await laterBrowser(email)
    const elsewhere = await tokenFor(server, email)
    const done = await postForm(browser, path, { currentPassword: password, password: longer })
    expect(done.status).toBe(303)
    expect((await api(server, '/api/v1/session', {}, elsewhere)).status).toBe(200)
    expect(await signInAt(email, longer)).toBe(201)
  })

  it('PW-06 says what is wrong, and keeps the password', async () => {
    const email = 'wrong@mail.test'
    const browser = await laterBrowser(email)
    const current = await postForm(browser, path, { currentPassword: 'not the one', password: longer })
    expect([current.status, current.body.includes('The current password is wrong')]).toEqual([401, true])
    const weak = await postForm(browser, path, { currentPassword: password, password: 'too short' })
    expect([weak.status, weak.body.includes('Use at least 15 characters; this one has 9')]).toEqual([422, true])
    const same = await postForm(browser, path, { currentPassword: password, password })
    expect([same.status, same.body.includes('This is your current password')]).toEqual([422, true])
    expect(await signInAt(email, password)).toBe(201)
  })

  it('takes a recent sign-in in place of the current password, and nothing else does', async () => {
    const email = 'fresh@mail.test'
    const browser = await browserOf(server, email)
    const page = await browser.open(path)
    expect(page.body).not.toContain('Current password')
    const same = await postForm(browser, path, { password })
    expect([same.status, same.body.includes('This is your current password')]).toEqual([422, true])
    await browser.submit(page, path, { password: longer })
    expect(await signInAt(email, longer)).toBe(201)
    server.clock.forward(601)
    const stale = await postForm(browser, path, { password })
    expect([stale.status, await signInAt(email, longer)]).toEqual([403, 201])
  })

  it('PW-03 counts new passwords as guesses where the current one is not asked for', async () => {
    const email = 'guesses@mail.test'
    const browser = await browserOf(server, email)
    const statuses: number[] = []
    for (let at = 0; at < 11; at += 1)
      statuses.push((await postForm(browser, path, { password: `short ${at}` })).status)
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 422), 429])
  })

  it('keeps the sessions by the API with endOtherSessions: false', async () => {
    const email = 'api-keep@mail.test'
    const [token, elsewhere] = [await tokenFor(server, email), await tokenFor(server, email)]
    const json = { currentPassword: password, password: longer, endOtherSessions: false }
    expect((await api(server, '/api/v1/password', { method: 'PUT', json }, token)).status).toBe(201)
    expect((await api(server, '/api/v1/session', {}, elsewhere)).status).toBe(200)
    expect(await signInAt(email, longer)).toBe(201)
  })
})

describe('a password that is shorter than a new one may be', () => {
  it('still signs in, and its user is asked to change it or continues', async () => {
    const { parts } = server.core
    const connection = parts.connections.get('asks', 'password')
    const email = 'short@mail.test'
    // set while 15 characters sufficed
    const hash = await parts.connections
      .get('acme', 'password')
      .upstream.passwords!.hash('rain on 12 tin roofs', { email })
    await parts.passwords.put('asks', { email, subject: 'short', hash }, parts.now())
    expect(connection.upstream.passwords?.rule).toContain('30 characters')
    const signIn = async (browser: TestBrowser) => {
      const login = await browser.open('/login?tenant=asks&return_to=%2Faccount%2Fsessions')
      const second = await browser.submit(login, '/login', { email })
      return browser.submit(second, '/login', { password: 'rain on 12 tin roofs' })
    }
    const browser = new TestBrowser(server)
    const asked = await signIn(browser)
    expect([asked.status, asked.url.pathname]).toEqual([200, path])
    expect(asked.body).toContain('Your password is shorter than Acme now asks for')
    expect(linkOn(asked, 'Not now')).toBe(`${publicOrigin}/account/sessions`)
    const done = await browser.submit(asked, path, { password: `${longer} at night` })
    expect(done.url.pathname).toBe('/account/sessions')
    expect(formsOn(asked).some(({ action }) => action === path)).toBe(true)
  })

  it('does not lead to another site', async () => {
    const browser = await browserOf(server, 'elsewhere@mail.test')
    expect((await browser.open(`${path}?short=1&return_to=https%3A%2F%2Fevil.test%2F`)).status).toBe(400)
  })
})
