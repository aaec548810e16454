/** Sign-ins of one person by several connections: which are linked to one user, and which never. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Page, referenceOn, TestBrowser } from '../../../support/browser/test-browser.ts'
import { api, browserOf, password, postForm, tokenFor } from '../../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, people } from '../../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())
beforeEach(() => server.okta.reset())

async function byOkta(name: string, tenant = 'acme', where = server): Promise<{ browser: TestBrowser; page: Page }> {
  const browser = new TestBrowser(where)
  return { browser, page: await browser.click(await browser.open(`/t/${tenant}/okta/start`), name) }
}

async function userOf(browser: TestBrowser) {
  return JSON.parse((await browser.ask('/api/v1/users/me')).body)
}

async function codeOf(page: Page): Promise<string | undefined> {
  return (await server.trace(referenceOn(page))).code
}

describe("an identity with an existing user's email", () => {
  it('ID-01 nOAuth: Okta does not say the email is verified: link_refused, with the reason in the trace', async () => {
    await tokenFor(server, 'dave@okta.example', 'beta')
    server.okta.fault('person', { email: 'dave@okta.example', email_verified: false })
    const { browser, page } = await byOkta('Bob', 'beta')
    expect(page.status).toBe(403)
    const trace = await server.trace(referenceOn(page))
    expect(trace.code).toBe('link_refused')
    expect(trace.reasons.join()).toContain('did not say that the email is verified')
    expect(browser.jar.find('gatehouse_session')).toBeUndefined()
  })

  it.each([
    ['the text "false"', 'false'],
    ['absent', undefined],
    ['1', 1],
    ['null', null],
    ['a list', [true]],
  ])('ID-01 email_verified that is %s is not verified', async (_, verified) => {
    await tokenFor(server, 'dora@mail.test', 'beta')
    server.okta.fault('person', { email: 'dora@mail.test', email_verified: verified })
    const { page } = await byOkta('Bob', 'beta')
    expect(await codeOf(page)).toBe('link_refused')
  })

  it('ID-02 Okta says it is verified but is not trusted for that domain: link_refused', async () => {
    await tokenFor(server, people.mallory.email)
    const { browser, page } = await byOkta('Mallory')
    expect(await codeOf(page)).toBe('link_refused')
    expect(page.body).toContain('Sign in once with the method you used before')
    expect((await browser.ask('/api/v1/session')).status).toBe(401)
    const { identities } = await userOf(await browserOf(server, people.mallory.email))
    expect(identities).toHaveLength(1)
  })

  it('ID-02 the same identity in another tenant is a different user', async () => {
    const [one, other] = [await byOkta('Ada Lovelace'), await byOkta('Ada Lovelace', 'beta')]
    const [atAcme, atBeta] = [await userOf(one.browser), await userOf(other.browser)]
    expect(atAcme.id).not.toBe(atBeta.id)
    expect([atAcme.tenant, atBeta.tenant]).toEqual(['acme', 'beta'])
  })

  it('ID-03 an email never verified at sign-up blocks no one, since it has no password and no user', async () => {
    const attacker = new TestBrowser(server)
    await postForm(attacker, '/sign-up', { tenant: 'acme', email: 'carol@mail.test', name: 'Not Carol' })
    await server.mail('carol@mail.test')
    expect(await server.core.parts.passwords.find('acme', 'carol@mail.test')).toBeNull()
    expect(await server.core.parts.users.findByProvenEmail('acme', 'carol@mail.test')).toEqual([])
  })

  it('ID-04 a user of Okta with an unverified email is not linked by a later proof of that mailbox', async () => {
    server.okta.fault('person', { email: 'later@mail.test', email_verified: false })
    const { browser } = await byOkta('Carol', 'beta')
    const before = await userOf(browser)
    expect(before.profile).toMatchObject({ email: 'later@mail.test', email_verified: false })
    const owner = await browserOf(server, 'later@mail.test', 'beta')
    expect((await userOf(owner)).id).not.toBe(before.id)
  })
})

describe('verification on both sides', () => {
  it('ID-03+ yields one user with two identities, whichever connection came first', async () => {
    // a password for an address of okta.example is older than Okta's claim on the domain
    const open = await startTestGatehouse({
      okta: server.okta,
      tenants: { 'acme.yaml': betaYaml(server.okta).replaceAll('beta', 'acme').replaceAll('BETA', 'ACME') },
    })
    const token = await tokenFor(open, people.ada.email)
    const first = JSON.parse((await api(open, '/api/v1/users/me', {}, token)).body)
    const claimed = await startTestGatehouse({
      okta: server.okta,
      folder: open.folder,
      tenants: { 'acme.yaml': acmeYaml(server.okta) },
    })
    try {
      const { browser } = await byOkta('Ada Lovelace', 'acme', claimed)
      const linked = await userOf(browser)
      expect(linked.id).toBe(first.id)
      expect(linked.identities.map(({ connection }: { connection: string }) => connection).sort()).toEqual([
        'okta',
        'password',
      ])
      const events = await claimed.core.parts.audit.recent({ tenant: 'acme', limit: 10 })
      expect(events.map(({ action }) => action)).toContain('identity.linked')
    } finally {
      await claimed.stop()
      await open.stop()
    }
  })

  it('finds the same user for the same identity, even ten times at once', async () => {
    const logins = await Promise.all(Array.from({ length: 10 }, () => byOkta('Bob')))
    const users = await Promise.all(logins.map(({ browser }) => userOf(browser)))
    expect(new Set(users.map(({ id }) => id)).size).toBe(1)
  })
})

describe('a blocked user', () => {
  it('is rejected at every connection, and endAll ends their sessions', async () => {
    const browser = await browserOf(server, 'blocked@mail.test')
    const { id } = await userOf(browser)
    block(id)
    await server.core.parts.sessions.deleteAll('acme', id)
    expect((await browser.ask('/api/v1/session')).status).toBe(401)
    const page = await postForm(new TestBrowser(server), '/login', {
      tenant: 'acme',
      email: 'blocked@mail.test',
      password,
    })
    expect(page.status).toBe(403)
    expect(page.body).toContain('Your access is blocked')
    const json = { tenant: 'acme', email: 'blocked@mail.test', password }
    const refused = await api(server, '/api/v1/sessions', { method: 'POST', json })
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([403, 'user_blocked'])
  })

  it('cannot read the user with an old session', async () => {
    const browser = await browserOf(server, 'blocked-later@mail.test')
    block((await userOf(browser)).id)
    expect((await browser.ask('/api/v1/users/me')).status).toBe(401)
  })

  function block(id: string): void {
    const database = new DatabaseSync(join(server.folder, 'gatehouse.db'))
    database.prepare("update users set status = 'blocked' where id = ?").run(id)
    database.close()
  }
})

describe('claims of a hostile Okta', () => {
  it('ID-06 ID-07 names, groups and roles are bounded, sanitized and give no permissions', async () => {
    server.okta.fault('person', {
      name: `Bob\u202e${'x'.repeat(10_000)}`,
      groups: Array.from({ length: 5000 }, (_, n) => `g${n}`),
      tenant: 'beta',
      roles: ['admin'],
      admin: true,
      __proto__: { polluted: true },
    })
    const { browser } = await byOkta('Bob', 'beta')
    const user = await userOf(browser)
    expect(user.tenant).toBe('beta')
    expect(user.profile.name.length).toBeLessThanOrEqual(256)
    expect(user.profile.groups).toHaveLength(1000)
    expect(JSON.stringify(user)).not.toMatch(/admin|polluted/)
    expect((await browser.open('/account')).status).toBe(200)
  })
})
