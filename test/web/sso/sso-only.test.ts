/** `ssoOnly`: users of the domain sign in by its connection, and by nothing else. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { passwordIssuer } from '../../../providers/password/password.ts'
import { issueToken } from '../../../src/broker/tokens/create-token.ts'
import { linkOn, type Page, referenceOn, TestBrowser } from '../../support/browser/test-browser.ts'
import { api, postForm } from '../../support/gatehouse/connections.ts'
import {
  connectionsOf,
  isSignedIn,
  type PartnerServer,
  partners,
  password,
  signInBy,
  signInByPassword,
  startPartnerServer,
  userOf,
} from '../../support/gatehouse/partner-server.ts'
import { people } from '../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const admin = 'root@okta.example'
let connections: PartnerServer
let server: TestGatehouse
beforeAll(async () => {
  connections = await startPartnerServer(
    `ssoOnly: { domains: [okta.example], except: [${admin}] }\naccess: { admin: [ops@mail.test] }\n`,
  )
  server = connections.server
  await server.addUser({ tenant: 'acme', email: admin, password })
})
afterAll(() => connections.stop())
beforeEach(() => {
  server.okta.reset()
  connections.partner.reset()
})

/** A user with a password from before the domain became `ssoOnly`. */
async function userWithOldPassword(email: string): Promise<string> {
  const { parts } = server.core
  const connection = parts.connections.get('acme', 'password')
  const hash = await connection.upstream.passwords!.hash(password, { email })
  const subject = await parts.passwords.put('acme', { email, subject: `old-${email}`, hash }, parts.now())
  const profile = { email: { address: email, verified: true } }
  const id = `user-${email}`
  const user = { id, tenant: 'acme', status: 'active', profile, emailProven: true, createdAt: parts.now() } as const
  const identity = { issuer: passwordIssuer, subject, connection: 'password', profile, lastLoginAt: parts.now() }
  if (!(await parts.users.create(user, identity))) throw new Error(`${email} exists`)
  return id
}

const atPage = (email: string, secret: string, browser = new TestBrowser(server)) =>
  postForm(browser, '/login', { tenant: 'acme', email, password: secret })
const atApi = (email: string, secret: string) =>
  api(server, '/api/v1/sessions', { method: 'POST', json: { tenant: 'acme', email, password: secret } })
const codeOf = ({ body }: Page) => JSON.parse(body).code
const eventsOf = async (target: string) =>
  (await server.core.parts.audit.recent({ tenant: 'acme', limit: 1000 })).filter((event) => event.target === target)

describe('a user of the domain with an old password', () => {
  it('gets the page of the connection for it, a trace, and no session', async () => {
    const id = await userWithOldPassword('old@okta.example')
    const browser = new TestBrowser(server)
    const page = await atPage('old@okta.example', password, browser)
    expect(page.status).toBe(403)
    expect(page.body).toContain('Users of okta.example sign in with Okta.')
    expect(linkOn(page, 'Continue with Okta')).toMatch(/^\/t\/acme\/okta\/start/)
    expect(await isSignedIn(browser)).toBe(false)
    expect(await server.trace(referenceOn(page))).toMatchObject({ outcome: 'refused', code: 'sso_required' })
    const refused = (await eventsOf('connection:password')).map(({ action, details }) => [action, details['code']])
    expect(refused).toContainEqual(['sign_in.refused', 'sso_required'])
    expect((await eventsOf(id)).map(({ action }) => action)).not.toContain('sign_in.succeeded')
  })

  it('is told the connection by the API', async () => {
    await userWithOldPassword('api@okta.example')
    const answer = await atApi('api@okta.example', password)
    expect(answer.status).toBe(403)
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'sso_required', fixer: 'user', connection: 'okta' })
  })

  it('PW-01 gets the same answer for a right, a wrong and an unknown password, and as a break-glass user', async () => {
    await userWithOldPassword('same@okta.example')
    const comparable = ({ status, body }: Page) => ({ status, body: body.replace(/[0-9A-Z]{4}-[0-9A-Z]{4}/g, 'REF') })
    const right = comparable(await atApi('same@okta.example', password))
    expect(comparable(await atApi('same@okta.example', 'wrong password'))).toEqual(right)
    expect(comparable(await atApi('nobody@okta.example', 'wrong password'))).toEqual(right)
    expect(comparable(await atApi(admin, 'wrong password'))).toEqual(right)
  })

  it('RE-03 PW-01 gets no email for a reset or a sign-up, with the usual answer', async () => {
    await userWithOldPassword('reset@okta.example')
    for (const path of ['/forgot', '/sign-up']) {
      const browser = new TestBrowser(server)
      const name = path === '/sign-up' ? { name: 'R' } : {}
      const page = await postForm(browser, path, { tenant: 'acme', email: 'reset@okta.example', ...name })
      expect([page.status, page.body.includes('Check your email')]).toEqual([200, true])
    }
    expect((await server.mails()).filter(({ to }) => to === 'reset@okta.example')).toEqual([])
  })

  it('RE-03 keeps the password if a link that was emailed to another address is used', async () => {
    const browser = await signInByPassword(server, 'private@mail.test')
    const { id } = await userOf(browser)
    await postForm(new TestBrowser(server), '/forgot', { tenant: 'acme', email: 'private@mail.test' })
    const { text } = await server.mail('private@mail.test')
    const link = new URL(/https:\S+reset\S+/.exec(text)![0])
    // meanwhile the user is known by an address of the domain
    const { users, now } = server.core.parts
    const user = (await users.find('acme', id))!
    const profile = { email: { address: 'linked@okta.example', verified: true } }
    const identity = { issuer: server.okta.issuer, subject: 'linked', connection: 'okta', profile, lastLoginAt: now() }
    expect(await users.link(user, identity)).toBe(true)
    const before = await server.core.parts.passwords.find('acme', 'private@mail.test')
    const visitor = new TestBrowser(server)
    const page = await visitor.submit(await visitor.open(link.href), link.pathname, {
      password: 'another good password',
    })
    expect(page.status).toBe(403)
    expect(page.body).toContain('Users of okta.example sign in with Okta.')
    expect(linkOn(page, 'Continue with Okta')).toMatch(/^\/t\/acme\/okta\/start/)
    expect(await server.core.parts.passwords.find('acme', 'private@mail.test')).toEqual(before)
    expect((await atPage('private@mail.test', password)).status).toBe(403)
  })
})

describe('another connection', () => {
  it('is refused for an address of the domain, and stores nothing', async () => {
    const browser = new TestBrowser(server)
    const page = await signInBy(browser, 'partner', partners.bob.name)
    expect([page.status, await isSignedIn(browser)]).toEqual([403, false])
    expect(page.body).toContain('Users of okta.example sign in with Okta.')
    expect(
      await server.core.parts.users.findByIdentity('acme', connections.partner.issuer, partners.bob.sub),
    ).toBeNull()
  })

  it('cannot be added to a user of the domain', async () => {
    const browser = new TestBrowser(server)
    await signInBy(browser, 'okta', people.ada.name)
    connections.partner.fault('person', { email: 'private@elsewhere.test' })
    const { id } = await userOf(browser)
    const session = JSON.parse((await browser.ask('/api/v1/session')).body)
    expect(session.authenticated.connection).toBe('okta')
    const answer = await postForm(browser, '/account/identities/add', { connection: 'partner' })
    const address = answer.headers.location ?? String(answer.headers.refresh).split('url=')[1]
    const started = await browser.open(String(address))
    const page = await browser.click(started, partners.ada.name)
    expect(page.status).toBe(403)
    expect(page.body).toContain('Users of okta.example sign in with Okta.')
    expect(await connectionsOf(browser)).toEqual(['okta'])
    expect((await eventsOf(id)).map(({ action }) => action)).not.toContain('identity.linked')
  })

  it('works for all other users', async () => {
    const browser = await signInByPassword(server, 'free@mail.test')
    expect(await isSignedIn(browser)).toBe(true)
  })
})

describe('the connection of the domain', () => {
  it('signs its users in, and the sign-in page leads to it', async () => {
    const browser = new TestBrowser(server)
    const routed = await browser.submit(await browser.open('/login?tenant=acme'), '/login', { email: people.bob.email })
    expect(routed.url.origin).toBe(new URL(server.okta.issuer).origin)
    const page = await signInBy(browser, 'okta', people.bob.name)
    expect([page.status, await isSignedIn(browser)]).toEqual([200, true])
  })
})

describe('an API token of a user of the domain', () => {
  const day = 86_400_000
  async function tokenOf(userId: string): Promise<string> {
    const { users, now } = server.core.parts
    const user = (await users.find('acme', userId))!
    const expiresAt = new Date(now().getTime() + 80 * day)
    const draft = { name: 'ci', scopes: undefined, ranges: [], expiresAt }
    return (await issueToken(server.core.parts, user, 'test', draft)).text
  }
  const check = async (token: string) => (await api(server, '/api/v1/session', {}, token)).status

  it('works only after a sign-in by the connection, for tokens.confirmWithin', async () => {
    const browser = new TestBrowser(server)
    await signInBy(browser, 'okta', people.bob.name)
    const { id } = await userOf(browser)
    const confirmed = await tokenOf(id)
    const unconfirmed = await tokenOf(await userWithOldPassword('token@okta.example'))
    expect([await check(confirmed), await check(unconfirmed)]).toEqual([200, 401])
    const { users, now } = server.core.parts
    const user = (await users.find('acme', id))!
    await users.recordConfirmation(user, { at: new Date(now().getTime() - 31 * day), connection: 'okta' })
    await expect.poll(() => check(confirmed)).toBe(401)
    await signInBy(new TestBrowser(server), 'okta', people.bob.name)
    await expect.poll(() => check(confirmed)).toBe(200)
  })
})

describe('a break-glass user', () => {
  it('signs in by password, which is audited and emailed to the admins', async () => {
    const browser = new TestBrowser(server)
    const login = await browser.open(`/login?tenant=acme&step=password&login_hint=${admin}`)
    const page = await browser.submit(login, '/login', { password })
    expect(page.url.pathname).toBe('/account')
    const { id } = await userOf(browser)
    const [event] = (await eventsOf(id)).filter(({ action }) => action === 'sign_in.break_glass')
    expect(event).toMatchObject({ actor: id, details: { connection: 'password', mail: 'queued' } })
    const mail = await server.mail('ops@mail.test')
    expect(mail.text).toContain(admin)
  })

  it('signs in at the API', async () => {
    expect((await atApi(admin, password)).status).toBe(201)
  })

  it('resets the password by email', async () => {
    await postForm(new TestBrowser(server), '/forgot', { tenant: 'acme', email: admin })
    expect((await server.mail(admin)).text).toContain('/t/acme/password/reset?code=')
  })
})

it('refuses an operator who adds a password user of the domain', async () => {
  const added = server.addUser({ tenant: 'acme', email: 'new@okta.example', password })
  await expect(added.catch(({ code }) => code)).resolves.toBe('sso_required')
  expect(codeOf(await atApi('new@okta.example', password))).toBe('sso_required')
})
