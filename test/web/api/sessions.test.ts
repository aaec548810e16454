/** `/api/v1/session` and `/api/v1/sessions` as an app's server uses them. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Page } from '../../support/browser/test-browser.ts'
import { api, browserOf, password, tokenFor } from '../../support/gatehouse/connections.ts'
import { acmeYaml } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())

const read = (page: Page) => JSON.parse(page.body)
const check = (token: string) => api(server, '/api/v1/session', {}, token)
const forward = (seconds: number) => server.clock.forward(seconds)

describe('opening and checking a session', () => {
  it('returns user, profile, tenant, authentication methods and times', async () => {
    await tokenFor(server, 'pat@mail.test')
    const json = { tenant: 'acme', email: 'pat@mail.test', password }
    const opened = await api(server, '/api/v1/sessions', { method: 'POST', json, headers: { 'user-agent': 'curl/8' } })
    expect(opened.status).toBe(201)
    const { token, session } = read(opened)
    expect(token).toMatch(/^gth_s_[0-9A-Za-z]{49}$/)
    expect(session).toMatchObject({
      tenant: 'acme',
      profile: { email: 'pat@mail.test', email_verified: true },
      authenticated: { connection: 'password', kind: 'password', amr: ['pwd'] },
      device: 'curl',
    })
    expect(Date.parse(session.expiresAt) - Date.parse(session.createdAt)).toBe(30 * 86_400_000)
    const checked = await check(token)
    expect(checked.status).toBe(200)
    expect(checked.headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    expect(read(checked)).toEqual(session)
  })

  it('users/me returns the stored user with identities', async () => {
    const me = await api(server, '/api/v1/users/me', {}, await tokenFor(server, 'pat@mail.test'))
    expect(me.status).toBe(200)
    expect(read(me)).toMatchObject({
      tenant: 'acme',
      profile: { email: 'pat@mail.test' },
      identities: [{ connection: 'password', issuer: 'urn:gatehouse:password' }],
    })
  })

  it('HEAD returns the headers of GET without the body', async () => {
    const token = await tokenFor(server, 'pat@mail.test')
    const head = await api(server, '/api/v1/session', { method: 'HEAD' }, token)
    expect([head.status, head.body]).toEqual([200, ''])
    expect((await api(server, '/api/v1/session', { method: 'HEAD' })).status).toBe(401)
  })

  it.each([
    ['no token', {}],
    ['an empty Bearer', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: 'Basic cGF0OnBhdA==' }],
    ['no token of ours', { authorization: 'Bearer abc' }],
    ['an unknown token of the right form', { authorization: `Bearer gth_s_${'0'.repeat(49)}` }],
    ['two tokens', { authorization: 'Bearer a, Bearer b' }],
  ])('server is 401 with a problem document and WWW-Authenticate', async (_, headers) => {
    const refused = await api(server, '/api/v1/session', { headers })
    expect(refused.status).toBe(401)
    expect(refused.headers['www-authenticate']).toBe('Bearer')
    expect(refused.headers['content-type']).toContain('application/problem+json')
    expect(read(refused)).toMatchObject({ code: 'session_invalid', status: 401, fixer: 'user' })
  })

  it('a token altered in any character is 401', async () => {
    const token = await tokenFor(server, 'pat@mail.test')
    const altered = [...token].map(
      (sign, at) => `${token.slice(0, at)}${sign === 'x' ? 'y' : 'x'}${token.slice(at + 1)}`,
    )
    const answers = await Promise.all(altered.map(check))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]))
  })

  it.each([
    ['no tenant', { email: 'pat@mail.test', password }, 400],
    ['an unknown tenant', { tenant: 'nobody', email: 'pat@mail.test', password }, 404],
    ['__proto__ as tenant', { tenant: '__proto__', email: 'pat@mail.test', password }, 404],
    ['no email', { tenant: 'acme', password }, 400],
    ['an email that is an object', { tenant: 'acme', email: { $ne: '' }, password }, 400],
    ['a list of passwords', { tenant: 'acme', email: 'pat@mail.test', password: [password] }, 400],
    ['a body that is a list', [], 400],
    ['an unknown member', { tenant: 'acme', email: 'pat@mail.test', password, tenants: 'acme' }, 400],
    ['an empty password', { tenant: 'acme', email: 'pat@mail.test', password: '' }, 400],
  ])('a sign-in with server is refused by name', async (_, json, status) => {
    const refused = await api(server, '/api/v1/sessions', { method: 'POST', json })
    expect(refused.status).toBe(status)
    expect(refused.headers['content-type']).toContain('application/problem+json')
  })
})

it('an invalid body is refused by the name of its first wrong member, without the value', async () => {
  const post = async (json: unknown) => read(await api(server, '/api/v1/sessions', { method: 'POST', json })).detail
  expect(await post({ tenant: 'acme', email: 'pat@mail.test' })).toBe(
    'The body of the request is invalid: password is missing.',
  )
  expect(await post({ tenat: 'acme', email: 'pat@mail.test', password })).toContain('unknown member tenat')
  expect(await post({ email: 'pat@mail.test', password: ['canary'] })).toMatch(/password: (?!.*canary)/)
})

describe('?token=', () => {
  it('is accepted only if the tenant turned it on', async () => {
    const [acme, beta] = [await tokenFor(server, 'query@mail.test'), await tokenFor(server, 'query@mail.test', 'beta')]
    expect((await api(server, `/api/v1/session?token=${acme}`)).status).toBe(401)
    expect((await api(server, `/api/v1/session?token=${beta}`)).status).toBe(200)
    expect((await api(server, `/api/v1/users/me?token=${beta}`)).status).toBe(200)
  })

  it('is ignored if no tenant turned it on', async () => {
    const acme = await tokenFor(server, 'query@mail.test')
    const other = await tokenFor(server, 'other-query@mail.test')
    expect((await api(server, `/api/v1/session?token=${other}`, {}, acme)).status).toBe(400)
    const tenants = { 'acme.yaml': acmeYaml(server.okta) }
    const closed = await startTestGatehouse({ okta: server.okta, tenants })
    const token = await tokenFor(closed, 'query@mail.test')
    expect((await api(closed, `/api/v1/session?token=${other}`, {}, token)).status).toBe(200)
    await closed.stop()
  })
})

describe('listing and ending sessions', () => {
  it("lists the user's own, newest first, and marks the caller's", async () => {
    const [first, second] = [await tokenFor(server, 'list@mail.test'), await tokenFor(server, 'list@mail.test')]
    const { sessions } = read(await api(server, '/api/v1/sessions', {}, second))
    expect(sessions).toHaveLength(2)
    expect(sessions.filter((session: { current: boolean }) => session.current)).toHaveLength(1)
    expect(sessions.map((session: { id: string }) => session.id)).toContain(read(await check(first)).id)
    expect(JSON.stringify(sessions)).not.toContain('gth_s_')
  })

  it('SE-05 an ended session is 401 at once', async () => {
    const token = await tokenFor(server, 'end@mail.test')
    expect((await api(server, '/api/v1/session', { method: 'DELETE' }, token)).status).toBe(204)
    expect((await check(token)).status).toBe(401)
    expect((await api(server, '/api/v1/session', { method: 'DELETE' }, token)).status).toBe(401)
  })

  it('ends one by ID, once', async () => {
    const [kept, ended] = [await tokenFor(server, 'end-one@mail.test'), await tokenFor(server, 'end-one@mail.test')]
    const { id } = read(await check(ended))
    const endSession = () => api(server, `/api/v1/sessions/${id}`, { method: 'DELETE' }, kept)
    expect((await endSession()).status).toBe(204)
    expect((await check(ended)).status).toBe(401)
    expect((await check(kept)).status).toBe(200)
    const again = await endSession()
    expect(again.status).toBe(404)
    expect(read(again)).toMatchObject({ code: 'session_unknown' })
  })

  it('SE-10 ends all others at once', async () => {
    const kept = await tokenFor(server, 'end-all@mail.test')
    const others = await Promise.all([1, 2, 3].map(() => tokenFor(server, 'end-all@mail.test')))
    const ended = await api(server, '/api/v1/sessions', { method: 'DELETE' }, kept)
    expect([ended.status, read(ended)]).toEqual([200, { ended: others.length }])
    expect((await check(kept)).status).toBe(200)
    for (const other of others) expect((await check(other)).status).toBe(401)
  })

  it("SE-09 the ID of another user's session is reported as unknown", async () => {
    const [mine, theirs] = [await tokenFor(server, 'mine@mail.test'), await tokenFor(server, 'theirs@mail.test')]
    const abroad = await tokenFor(server, 'mine@mail.test', 'beta')
    const ids = [read(await check(theirs)).id, read(await check(abroad)).id, 'x'.repeat(24), '..%2f..', '%20']
    for (const id of ids) {
      const refused = await api(server, `/api/v1/sessions/${id}`, { method: 'DELETE' }, mine)
      expect([id, refused.status, read(refused).code]).toEqual([id, 404, 'session_unknown'])
    }
    expect((await check(theirs)).status).toBe(200)
    expect((await check(abroad)).status).toBe(200)
  })

  it("SE-09 a form with another user's session ends nothing", async () => {
    const theirs = await tokenFor(server, 'theirs@mail.test')
    const browser = await browserOf(server, 'mine@mail.test')
    const form = { session: read(await check(theirs)).id }
    await browser.ask('/account/sessions/end', { method: 'POST', form, headers: { 'sec-fetch-site': 'same-origin' } })
    expect((await check(theirs)).status).toBe(200)
  })
})

describe('the lifetime of a session', () => {
  it("SE-10 is the tenant's idle limit, extended by use up to the absolute limit", async () => {
    const [idle, used] = [
      await tokenFor(server, 'idle@mail.test', 'beta'),
      await tokenFor(server, 'used@mail.test', 'beta'),
    ]
    forward(599)
    expect((await check(used)).status).toBe(200)
    forward(2)
    expect((await check(idle)).status).toBe(401)
    for (let minutes = 0; minutes < 100; minutes += 9) {
      expect((await check(used)).status).toBe(200)
      forward(540)
    }
    forward(300)
    expect((await check(used)).status).toBe(401)
  })

  it('is extended at most once a minute', async () => {
    const token = await tokenFor(server, 'touched@mail.test')
    const seen = async () => read(await check(token)).lastSeenAt
    const first = await seen()
    forward(58)
    expect(await seen()).toBe(first)
    forward(4)
    const second = await seen()
    expect(Date.parse(second) - Date.parse(first)).toBeGreaterThanOrEqual(60_000)
    await vi.waitFor(async () => expect(await seen()).toBe(second), waitOptions)
    forward(10)
    expect(await seen()).toBe(second)
  })

  it('removes expired sessions from the list', async () => {
    const old = await tokenFor(server, 'expired@mail.test', 'beta')
    forward(700)
    const token = await tokenFor(server, 'expired@mail.test', 'beta')
    expect((await check(old)).status).toBe(401)
    expect(read(await api(server, '/api/v1/sessions', {}, token)).sessions).toHaveLength(1)
  })
})
