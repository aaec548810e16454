/** Sign-in methods and the password of a user, changed from the pages of an app. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { api, password, tokenFor } from '../../../support/gatehouse/connections.ts'
import {
  connectionsOf,
  type PartnerServer,
  partnerPerson,
  startPartnerServer,
} from '../../../support/gatehouse/partner-server.ts'
import { appOrigin, publicOrigin } from '../../../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'
import { HeadlessPage } from '../../../support/headless/headless-page.ts'

let connections: PartnerServer
let server: TestGatehouse
beforeAll(async () => {
  connections = await startPartnerServer()
  server = connections.server
})
afterAll(() => connections?.stop())
beforeEach(() => connections.partner.reset())

const another = 'purple monkey dishwasher 42'
const identities = '/api/v1/identities'
let count = 0

async function newPage(): Promise<{ readonly page: HeadlessPage; readonly email: string; readonly name: string }> {
  count += 1
  const { email, name } = partnerPerson(count)
  await tokenFor(server, email)
  const page = new HeadlessPage(server)
  await page.post('/api/v1/sessions', { tenant: 'acme', email, password, cookie: true })
  return { page, email, name }
}

const startLink = (page: HeadlessPage, returnTo = `${appOrigin}/settings`) =>
  page.post(identities, { connection: 'partner', returnTo })

/** Adds the partner's identity; the URL that the browser ends at. */
async function link({ browser }: HeadlessPage, url: string, name: string): Promise<string> {
  const upstream = await browser.open(url)
  return (await browser.click(upstream, name, appOrigin)).url.href
}

const idOf = async (page: HeadlessPage, connection: string): Promise<string> =>
  (await page.get(identities)).body.identities.find((each: { connection: string }) => each.connection === connection).id

describe('sign-in methods', () => {
  it('are listed with those that could be added', async () => {
    const { page, email } = await newPage()
    const { status, body } = await page.get(identities)
    expect([status, body.fresh]).toEqual([200, true])
    expect(body.identities).toMatchObject([{ connection: 'password', knownAs: email, usable: true, suspended: false }])
    expect(body.addable).toEqual([
      { connection: 'okta', label: 'Okta (okta)', by: 'link' },
      { connection: 'partner', label: 'Okta (partner)', by: 'link' },
    ])
  })

  it('are added at a URL that the page sends the browser to, and removed', async () => {
    const { page, name } = await newPage()
    const started = await startLink(page)
    expect([started.status, new URL(started.body.url).origin]).toEqual([201, publicOrigin])
    expect(await link(page, started.body.url, name)).toBe(`${appOrigin}/settings`)
    expect(await connectionsOf(page.browser)).toEqual(['partner', 'password'])
    const removed = await page.call('DELETE', `${identities}/${await idOf(page, 'partner')}`)
    expect(removed.status).toBe(204)
    expect(await connectionsOf(page.browser)).toEqual(['password'])
    const last = await page.call('DELETE', `${identities}/${await idOf(page, 'password')}`)
    expect([last.status, last.body.code]).toEqual([409, 'identity_last'])
  })

  it('ID-08 the URL works once, and only in the browser of the session that asked', async () => {
    const [{ page, name }, victim] = [await newPage(), await newPage()]
    const { url } = (await startLink(page)).body
    for (const browser of [victim.page.browser, new HeadlessPage(server).browser])
      expect((await browser.open(url)).status).toBeGreaterThanOrEqual(400)
    expect(await connectionsOf(victim.page.browser)).toEqual(['password'])
    const fresh = (await startLink(page)).body.url
    await link(page, fresh, name)
    expect((await page.browser.open(fresh)).status).toBe(400)
  })

  it('ID-08 a session without the cookie cannot start linking', async () => {
    const { email } = await newPage()
    const token = await tokenFor(server, email)
    const refused = await api(server, identities, { method: 'POST', json: { connection: 'partner' } }, token)
    expect([refused.status, JSON.parse(refused.body).code]).toEqual([400, 'request_invalid'])
    expect(JSON.parse(refused.body).detail).toContain('"cookie": true')
  })

  it('need a sign-in of the last ten minutes', async () => {
    const { page } = await newPage()
    const id = await idOf(page, 'password')
    server.clock.forward(601)
    const replies = [
      await startLink(page),
      await page.call('DELETE', `${identities}/${id}`),
      await page.call('POST', `${identities}/${id}/confirm`),
    ]
    expect(replies.map(({ status, body }) => [status, body.code])).toEqual(
      replies.map(() => [403, 'fresh_sign_in_required']),
    )
    expect((await page.get(identities)).body.fresh).toBe(false)
  })

  it("SE-09 another user's sign-in method is unknown", async () => {
    const [{ page }, other] = [await newPage(), await newPage()]
    const id = await idOf(other.page, 'password')
    for (const reply of [
      await page.call('DELETE', `${identities}/${id}`),
      await page.call('POST', `${identities}/${id}/confirm`),
    ])
      expect([reply.status, reply.body.code]).toEqual([404, 'identity_unknown'])
    expect(await connectionsOf(other.page.browser)).toEqual(['password'])
  })

  it.each([
    [{ connection: 'nothing' }, 404, 'connection_unknown'],
    [{ connection: 'password' }, 404, 'connection_unknown'],
    [{ connection: 'partner', returnTo: 'https://evil.test/' }, 400, 'return_to_refused'],
    [{ connection: 'partner', more: 1 }, 400, 'request_invalid'],
  ])('a link to %j is refused', async (json, status, code) => {
    const { page } = await newPage()
    const refused = await page.post(identities, json)
    expect([refused.status, refused.body.code]).toEqual([status, code])
  })

  it('SE-07 are not changed from an origin that is not listed', async () => {
    const { page } = await newPage()
    const id = await idOf(page, 'password')
    const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    for (const [method, path] of [
      ['POST', identities],
      ['DELETE', `${identities}/${id}`],
      ['POST', `${identities}/${id}/confirm`],
      ['PUT', '/api/v1/password'],
    ] as const) {
      const refused = await page.call(method, path, {}, headers)
      expect([path, refused.status, refused.body.code]).toEqual([path, 403, 'origin_refused'])
    }
  })
})

describe('a password change', () => {
  const change = (page: HeadlessPage, json: object) => page.call('PUT', '/api/v1/password', json)

  it('ends all sessions, keeps the caller signed in by a new one, and emails the user', async () => {
    const { page, email } = await newPage()
    const token = await tokenFor(server, email)
    const before = (await page.get('/api/v1/session')).body.id
    const changed = await change(page, { currentPassword: password, password: another })
    expect([changed.status, Object.keys(changed.body)]).toEqual([201, ['session']])
    const after = await page.get('/api/v1/session')
    expect([after.status, after.body.id === before]).toEqual([200, false]) // SE-01
    expect((await api(server, '/api/v1/session', {}, token)).status).toBe(401)
    expect((await server.mail(email)).subject).toContain('password')
    const signIn = (secret: string) =>
      new HeadlessPage(server).post('/api/v1/sessions', { tenant: 'acme', email, password: secret })
    expect([(await signIn(password)).status, (await signIn(another)).status]).toEqual([401, 201])
  })

  it('PW-03 counts wrong current passwords as sign-ins do', async () => {
    const { page, email } = await newPage()
    const token = await tokenFor(server, email)
    const stranger = new HeadlessPage(server)
    const guess = () =>
      stranger.call(
        'PUT',
        '/api/v1/password',
        { currentPassword: 'wrong', password: another },
        { authorization: `Bearer ${token}` },
      )
    const statuses = []
    for (let tries = 0; tries < 6; tries += 1) statuses.push((await guess()).status)
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429])
    expect((await page.get('/api/v1/session')).status).toBe(200)
  })

  it('PW-06 refuses a weak password and changes nothing', async () => {
    const { page } = await newPage()
    const refused = await change(page, { currentPassword: password, password: 'password1234' })
    expect([refused.status, refused.body.code]).toEqual([422, 'password_weak'])
    const same = await change(page, { currentPassword: password, password })
    expect([same.status, same.body.detail]).toEqual([422, expect.stringContaining('This is your current password')])
    expect((await page.get('/api/v1/session')).status).toBe(200)
  })

  it('keeps the last password of 50 concurrent changes, and only its session', async () => {
    const { page, email } = await newPage()
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, each) =>
        change(page, { currentPassword: password, password: `${another} ${each}`, token: true }),
      ),
    )
    const opened = replies.filter(({ status }) => status === 201)
    const live = []
    for (const { body } of opened)
      if ((await api(server, '/api/v1/session', {}, body.token)).status === 200) live.push(body.token)
    expect(live.length).toBeLessThanOrEqual(1)
    expect(replies.every(({ status }) => [201, 401, 429, 503].includes(status))).toBe(true)
    expect(
      (await new HeadlessPage(server).post('/api/v1/sessions', { tenant: 'acme', email, password })).status,
    ).not.toBe(201)
  })
})
