/** `/api/v1/tokens`, and API tokens at the endpoints that take credentials. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endOfLifetime } from '../../../../src/broker/tokens/lifetime.ts'
import { formatToken } from '../../../../src/crypto/token.ts'
import { day, tokenApi } from '../../../support/gatehouse/api-tokens.ts'
import { api, portal, portalYaml, tokenFor } from '../../../support/gatehouse/connections.ts'
import { acmeYaml, appOrigin, betaYaml } from '../../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse({ settings: `trustedProxies: [127.0.0.1]\n${portalYaml}` })
})
afterAll(() => server.stop())

const { read, check, inDays, post, remove, tokensOf, created } = tokenApi(() => server)

describe('creating an API token', () => {
  it('AP-01 shows it once, lists it, and accepts it as Bearer with the permissions of its user', async () => {
    const session = await tokenFor(server, 'creates@mail.test')
    const { token, apiToken } = await created(session, { name: 'Nightly build 🌙' })
    expect(token).toMatch(/^gth_a_[0-9A-Za-z]{49}$/)
    expect(apiToken).toMatchObject({ name: 'Nightly build 🌙', ranges: [], stale: false })
    const checked = await check(token, { 'user-agent': 'build/1.0', 'x-forwarded-for': '192.0.2.7' })
    expect(checked.status).toBe(200)
    expect(read(checked)).toMatchObject({
      id: apiToken.id,
      tenant: 'acme',
      profile: { email: 'creates@mail.test', email_verified: true },
      authenticated: { connection: 'api_token', kind: 'api_token' },
      apiToken: { name: 'Nightly build 🌙' },
    })
    const me = await api(server, '/api/v1/users/me', {}, token)
    expect(read(me)).toMatchObject({ profile: { email: 'creates@mail.test' } })
    const list = () => api(server, '/api/v1/tokens', {}, token)
    await expect
      .poll(async () => read(await list()).tokens[0].lastUsed)
      .toMatchObject({ address: '192.0.2.7', agent: 'build/1.0' })
    expect((await list()).body).not.toContain(token)
    expect((await server.storedBytes()).includes(token)).toBe(false)
    expect(server.logged.join('')).not.toContain(token)
  })

  it('is emailed to its owner, and so is its first use from a new network', async () => {
    const email = 'mailed@mail.test'
    const { token } = await created(await tokenFor(server, email), { name: 'Nightly & co' })
    const first = await server.mail(email)
    expect(first.subject).toContain('The API token “Nightly & co” was created')
    expect(first.text).not.toContain(token)
    await check(token, { 'x-forwarded-for': '192.0.2.7' })
    await check(token, { 'x-forwarded-for': '192.0.2.99' })
    await expect.poll(async () => (await check(token, { 'x-forwarded-for': '198.51.100.1' })).status).toBe(200)
    const second = await server.mail(email, 2)
    expect(second.subject).toContain('was used from a new network')
    expect(second.text).toContain('198.51.100.1')
  })

  it('lives ten years by default, and needs a sign-in of the last ten minutes for more than 90 days', async () => {
    const session = await tokenFor(server, 'lifetimes@mail.test')
    const { apiToken } = read(await post('/api/v1/tokens', { name: 'Long' }, session))
    expect(apiToken.expiresAt).toBe(endOfLifetime(new Date(apiToken.createdAt), 3650 * day).toISOString())
    server.clock.forward(601)
    const refused = await post('/api/v1/tokens', { name: 'Long' }, session)
    expect(refused.status).toBe(403)
    expect(read(refused).code).toBe('fresh_sign_in_required')
    expect(read(refused).detail).toContain('longer than 90 days')
    expect((await post('/api/v1/tokens', { name: 'Short', expiresAt: inDays(90) }, session)).status).toBe(201)
    expect(await tokensOf(session)).toHaveLength(2)
  })

  const drafts: readonly (readonly [string, () => object, string, string])[] = [
    ['no name', () => ({ name: ' ' }), 'name', '1 to 60 characters'],
    ['a long name', () => ({ name: 'x'.repeat(61) }), 'name', 'has 61 characters; at most 60'],
    ['markup in its name', () => ({ name: '<b>Build</b>' }), 'name', '"<b>Build</b>"; < and > are not allowed'],
    ['an invisible character in its name', () => ({ name: 'Bu\u202eild' }), 'name', 'invisible'],
    ['an expiry in the past', () => ({ expiresAt: inDays(-1) }), 'expiresAt', 'is allowed'],
    ['an expiry now', () => ({ expiresAt: inDays(0) }), 'expiresAt', 'is allowed'],
    ['an expiry after the maximum', () => ({ expiresAt: inDays(3654) }), 'expiresAt', 'is allowed'],
    ['an expiry that is no time', () => ({ expiresAt: 'tomorrow' }), 'expiresAt', 'is no time'],
    ['no scope', () => ({ scopes: [] }), 'scopes', 'choose of: profile:read'],
    ['a scope that is none', () => ({ scopes: ['root'] }), 'scopes', '"root", which is no permission'],
    ['a scope of another role', () => ({ scopes: ['users:read'] }), 'scopes', '"users:read", which you do not have'],
    ['a scope that needs a session', () => ({ scopes: ['tokens:write'] }), 'scopes', 'which needs a session'],
    ['an IP range that is none', () => ({ ranges: ['192.0.2.0/33'] }), 'ranges', '"192.0.2.0/33"; an address such as'],
    ['a host name as a range', () => ({ ranges: ['localhost'] }), 'ranges', '"localhost"; an address such as'],
    ['51 ranges', () => ({ ranges: Array(51).fill('192.0.2.1') }), 'ranges', 'has 51 entries; at most 50'],
  ]
  it.each(drafts)('AP-01 is refused with %s, which it names with what is allowed', async (_, draft, field, part) => {
    const session = await tokenFor(server, 'refused@mail.test')
    const page = await post('/api/v1/tokens', { name: 'Build', ...draft() }, session)
    expect(page.status).toBe(422)
    expect(read(page).code).toBe('token_invalid')
    expect(read(page).faults[0].field).toBe(field)
    expect(read(page).detail).toContain(part)
    expect(await tokensOf(session)).toEqual([])
  })

  it('AP-02 is refused to API tokens, which rotate and confirm none either', async () => {
    const session = await tokenFor(server, 'confined@mail.test')
    const { token, apiToken } = await created(session)
    for (const path of ['', `/${apiToken.id}/rotate`, `/${apiToken.id}/confirm`]) {
      const page = await post(`/api/v1/tokens${path}`, path === '' ? { name: 'Another' } : {}, token)
      expect([path, page.status, read(page).code]).toEqual([path, 403, 'api_token_refused'])
    }
    expect(await tokensOf(session)).toHaveLength(1)
  })

  it('AP-01 stops at the maximum of the tenant, however many of 10,000 are tried', async () => {
    const small = await startTestGatehouse({
      tenants: { 'acme.yaml': acmeYaml(server.okta, 'tokens: { max: 3, maxLifetime: 1d }\n') },
    })
    try {
      const session = await tokenFor(small, 'many@mail.test')
      const create = () => api(small, '/api/v1/tokens', { method: 'POST', json: { name: 'x' } }, session)
      const statuses = (await Promise.all(Array.from({ length: 50 }, create))).map(({ status }) => status)
      expect(statuses.filter((status) => status === 201)).toHaveLength(3)
      expect(statuses.filter((status) => status === 409)).toHaveLength(47)
      expect(read(await create())).toMatchObject({ code: 'tokens_full' })
      expect(read(await create()).detail).toContain('3 API tokens')
      const { tokens } = read(await api(small, '/api/v1/tokens', {}, session))
      expect(tokens).toHaveLength(3)
      expect(Date.parse(tokens[0].expiresAt) - Date.parse(tokens[0].createdAt)).toBe(day * 1000)
    } finally {
      await small.stop()
    }
  })
})

describe('an API token', () => {
  it('AP-01 is refused as an API token once it is revoked, like one that never was', async () => {
    const session = await tokenFor(server, 'revoker@mail.test')
    const { token, apiToken } = await created(session)
    await remove(`/api/v1/tokens/${apiToken.id}`, session)
    for (const text of [token, formatToken('gth_a_', randomBytes(32))])
      for (const path of ['/api/v1/session', '/api/v1/tokens', '/verify']) {
        const { status, body } = await api(server, path, {}, text)
        expect([path, status, JSON.parse(body)]).toMatchObject([path, 401, { code: 'session_invalid' }])
        expect(JSON.parse(body).detail).toMatch(/^This API token was revoked, has expired or is unknown/)
      }
    const ended = read(await check(formatToken('gth_s_', randomBytes(32))))
    expect(ended).toMatchObject({ code: 'session_invalid', detail: 'Your session has ended. Sign in again.' })
  })

  it('AP-02 is no session on pages, and no access token', async () => {
    const { token } = await created(await tokenFor(server, 'pages@mail.test'))
    for (const path of ['/account', '/developer'])
      expect((await api(server, path, {}, token)).status, path).toBeGreaterThanOrEqual(303)
    expect((await api(server, '/oauth2/userinfo', {}, token)).status).toBe(401)
    const introspected = await api(server, '/oauth2/introspect', {
      method: 'POST',
      form: { token, client_id: portal.id, client_secret: portal.secret },
    })
    expect(read(introspected)).toEqual({ active: false })
  })

  it('AP-02 with scopes may do only what they name', async () => {
    const session = await tokenFor(server, 'narrow@mail.test')
    const { token } = await created(session, { scopes: ['sessions:read'] })
    expect((await api(server, '/api/v1/sessions', {}, token)).status).toBe(200)
    const refused = [
      api(server, '/api/v1/users/me', {}, token),
      api(server, '/api/v1/tokens', {}, token),
      remove('/api/v1/sessions', token),
      check(token),
      check(token, { origin: appOrigin }), // Express answers it
      api(server, '/verify', {}, token),
    ]
    const headOf = (text: string) => api(server, '/api/v1/session', { method: 'HEAD' }, text)
    expect((await headOf(token)).status).toBe(403)
    for (const page of await Promise.all(refused))
      expect([page.status, read(page).code]).toEqual([403, 'api_token_refused'])
    const app = { authorization: `Secret ${portal.secret}` }
    const active = async (text: string) =>
      read(await api(server, '/api/v1/app/tokens/check', { method: 'POST', json: { token: text }, headers: app }))
        .active
    expect(await active(token)).toBe(false)
    const wide = await created(session, { scopes: ['sites:access'] })
    expect(await active(wide.token)).toBe(true)
    expect((await check(wide.token)).status).toBe(200)
    expect((await check(wide.token, { origin: appOrigin })).status).toBe(200)
    expect((await headOf(wide.token)).status).toBe(200)
    expect((await api(server, '/verify', {}, wide.token)).status).toBe(200)
  })

  it('AP-02 has no session to end, and works on', async () => {
    const session = await tokenFor(server, 'no-session@mail.test')
    const { token } = await created(session)
    const page = await remove('/api/v1/session', token)
    expect([page.status, read(page).code]).toEqual([403, 'api_token_refused'])
    expect((await check(token)).status).toBe(200)
    expect((await check(session)).status).toBe(200)
  })

  it('AP-01 with ranges is accepted from their addresses only, as a trusted proxy names them', async () => {
    const { token } = await created(await tokenFor(server, 'ranges@mail.test'), { ranges: ['192.0.2.0/24'] })
    const from = async (address: string) => (await check(token, { 'x-forwarded-for': address })).status
    expect(await from('192.0.2.200')).toBe(200)
    expect(await from('198.51.100.1')).toBe(401)
    expect(await from('192.0.2.200, 198.51.100.1')).toBe(401)
    expect((await check(token)).status).toBe(401)
    expect((await api(server, '/verify', { headers: { 'x-forwarded-for': '192.0.2.9' } }, token)).status).toBe(200)
    expect((await api(server, '/api/v1/users/me', {}, token)).status).toBe(401)
  })

  it('AP-01 of another tenant is unknown there', async () => {
    const acme = await created(await tokenFor(server, 'same@mail.test'))
    const beta = await tokenFor(server, 'same@mail.test', 'beta')
    expect(read(await check(acme.token)).tenant).toBe('acme')
    for (const attempt of [
      remove(`/api/v1/tokens/${acme.apiToken.id}`, beta),
      post(`/api/v1/tokens/${acme.apiToken.id}/rotate`, {}, beta),
      post(`/api/v1/tokens/${acme.apiToken.id}/confirm`, {}, beta),
    ]) {
      const page = await attempt
      expect([page.status, read(page).code]).toEqual([404, 'token_unknown'])
    }
    expect((await api(server, '/verify?tenant=beta', {}, acme.token)).status).toBe(403)
    expect((await check(acme.token)).status).toBe(200)
  })

  it('ID-09 stops with its user, and works again with them', async () => {
    const session = await tokenFor(server, 'blocked@mail.test')
    const { token } = await created(session)
    const { tenant, user } = read(await check(token))
    await server.core.parts.users.setStatus(tenant, user.id, 'blocked')
    await expect.poll(async () => (await check(token)).status).toBe(401)
    await server.core.parts.users.setStatus(tenant, user.id, 'active')
    await expect.poll(async () => (await check(token)).status).toBe(200)
  })

  it('AP-01 expires', async () => {
    const { token } = await created(await tokenFor(server, 'expires@mail.test'), { expiresAt: inDays(1) })
    server.clock.forward(day - 60)
    expect((await check(token)).status).toBe(200)
    server.clock.forward(60)
    expect((await check(token)).status).toBe(401)
    const session = await tokenFor(server, 'expires@mail.test')
    expect(await tokensOf(session)).toEqual([])
  })

  it('is marked once it was not used for 90 days', async () => {
    const session = await tokenFor(server, 'unused@mail.test')
    const { token } = await created(session, { expiresAt: undefined })
    server.clock.forward(90 * day + 1)
    const later = await tokenFor(server, 'unused@mail.test')
    expect((await tokensOf(later))[0].stale).toBe(true)
    await check(token)
    await expect.poll(async () => (await tokensOf(later))[0].stale).toBe(false)
  })
})

it('AP-01 accepts a token in the query only where the tenant allows it', async () => {
  const beta = await created(await tokenFor(server, 'query@mail.test', 'beta'))
  const acme = await created(await tokenFor(server, 'query@mail.test'))
  const status = async (token: string) => (await api(server, `/api/v1/session?token=${token}`)).status
  expect(await status(beta.token)).toBe(200)
  expect(await status(acme.token)).toBe(401)
  expect(await status(formatToken('gth_a_', randomBytes(32)))).toBe(401)
  expect(betaYaml(server.okta)).toContain('tokenInQuery: true')
})
