/** Rotating, revoking, suspending and confirming API tokens. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { suspendTokens } from '../../../../src/broker/tokens/own-tokens.ts'
import { day, tokenApi } from '../../../support/gatehouse/api-tokens.ts'
import { api, tokenFor } from '../../../support/gatehouse/connections.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())

const { read, check, post, remove, tokensOf, created } = tokenApi(() => server)

describe('revoking', () => {
  it('AP-01 ends a token at once, and only once', async () => {
    const session = await tokenFor(server, 'revokes@mail.test')
    const { token, apiToken } = await created(session)
    expect((await check(token)).status).toBe(200)
    expect((await remove(`/api/v1/tokens/${apiToken.id}`, session)).status).toBe(204)
    expect((await check(token)).status).toBe(401)
    expect((await api(server, '/verify', {}, token)).status).toBe(401)
    const again = await remove(`/api/v1/tokens/${apiToken.id}`, session)
    expect([again.status, read(again).code]).toEqual([404, 'token_unknown'])
  })

  it("SE-09 leaves another user's token alone", async () => {
    const { token, apiToken } = await created(await tokenFor(server, 'owner@mail.test'))
    const other = await tokenFor(server, 'other@mail.test')
    expect((await remove(`/api/v1/tokens/${apiToken.id}`, other)).status).toBe(404)
    expect((await remove('/api/v1/tokens', other)).body).toBe('{"revoked":0}')
    expect((await check(token)).status).toBe(200)
  })

  it('ends all tokens of the user, by a token too, and none by a narrower one', async () => {
    const session = await tokenFor(server, 'all@mail.test')
    const one = await created(session)
    const two = await created(session, { scopes: ['tokens:read', 'sites:access'] })
    expect((await remove('/api/v1/tokens', two.token)).status).toBe(403)
    expect(read(await remove('/api/v1/tokens', one.token))).toEqual({ revoked: 2 })
    for (const { token } of [one, two]) expect((await check(token)).status).toBe(401)
    expect(await tokensOf(session)).toEqual([])
  })

  it('SE-07 needs a page of ours when a cookie asks', async () => {
    const page = await api(server, '/api/v1/tokens', {
      method: 'DELETE',
      headers: { cookie: '__Host-gatehouse_session=none', origin: 'https://evil.test' },
    })
    expect(page.status).toBe(401)
  })

  it('is audited, as all changes are', async () => {
    const session = await tokenFor(server, 'audited@mail.test')
    const { apiToken, token } = await created(session)
    const { user } = read(await check(token))
    const next = read(await post(`/api/v1/tokens/${apiToken.id}/rotate`, {}, session))
    await remove(`/api/v1/tokens/${next.apiToken.id}`, session)
    await created(session)
    await remove('/api/v1/tokens', session)
    const events = async () => {
      const recent = await server.core.parts.audit.recent({ tenant: 'acme', limit: 200 })
      return recent
        .filter(({ action, target }) => target === user.id && action.startsWith('token'))
        .map(({ action }) => action)
    }
    await expect
      .poll(events)
      .toEqual(['tokens.revoked', 'token.created', 'token.revoked', 'token.rotated', 'token.created'])
  })
})

describe('rotating', () => {
  it('AP-01 ends the old token at once, and gives one with the same name, scopes, ranges and lifetime', async () => {
    const session = await tokenFor(server, 'rotates@mail.test')
    const draft = { name: 'Build', scopes: ['sites:access'], ranges: ['127.0.0.1', '::1'] }
    const { token, apiToken } = await created(session, draft)
    server.clock.forward(day)
    const fresh = await tokenFor(server, 'rotates@mail.test')
    const rotated = await post(`/api/v1/tokens/${apiToken.id}/rotate`, {}, fresh)
    expect(rotated.status).toBe(201)
    const next = read(rotated)
    expect(next.apiToken).toMatchObject(draft)
    const lifetime = Date.parse(next.apiToken.expiresAt) - Date.parse(next.apiToken.createdAt)
    expect(Math.round(lifetime / 60_000)).toBe(30 * 1440)
    expect((await check(token)).status).toBe(401)
    expect((await check(next.token)).status).toBe(200)
    expect(await tokensOf(fresh)).toHaveLength(1)
  })

  it('AP-01 with an overlap lets the old token work until it is over', async () => {
    const session = await tokenFor(server, 'overlaps@mail.test')
    const { token, apiToken } = await created(session)
    const next = read(await post(`/api/v1/tokens/${apiToken.id}/rotate`, { overlapSeconds: 3600 }, session))
    const [listed, old] = await tokensOf(session)
    expect(listed.id).toBe(next.apiToken.id)
    const subjects = async () =>
      (await server.mails()).filter(({ to }) => to === 'overlaps@mail.test').map(({ subject }) => subject)
    await expect.poll(subjects).toContainEqual(expect.stringContaining('The API token “Build” was rotated'))
    expect(old).toMatchObject({ id: apiToken.id, replacedBy: next.apiToken.id })
    expect(read(await check(token)).expiresAt).toBe(old.endsAt)
    server.clock.forward(3540)
    expect((await check(token)).status).toBe(200)
    server.clock.forward(60)
    expect((await check(token)).status).toBe(401)
    expect((await check(next.token)).status).toBe(200)
  })

  it("AP-01 succeeds for one of 50 concurrent requests; the others get the successor's ID", async () => {
    const session = await tokenFor(server, 'races@mail.test')
    const { apiToken } = await created(session)
    const rotate = () => post(`/api/v1/tokens/${apiToken.id}/rotate`, { overlapSeconds: 60 }, session)
    const pages = await Promise.all(Array.from({ length: 50 }, rotate))
    const [won, ...more] = pages.filter(({ status }) => status === 201)
    expect(more).toEqual([])
    const lost = pages.filter(({ status }) => status === 409).map(read)
    expect(lost).toHaveLength(49)
    for (const problem of lost) {
      expect(problem.code).toBe('token_rotated')
      expect(problem.detail).toContain(read(won!).apiToken.id)
    }
    expect(await tokensOf(session)).toHaveLength(2)
  })

  it.each([-1, 0.5, 90 * day + 1, 1e99])('is refused with an overlap of %d seconds', async (overlapSeconds) => {
    const session = await tokenFor(server, 'overlong@mail.test')
    const { token, apiToken } = await created(session)
    const page = await post(`/api/v1/tokens/${apiToken.id}/rotate`, { overlapSeconds }, session)
    expect(page.status).toBe(422)
    expect(read(page).detail).toContain(`is ${overlapSeconds}; 0 to 7776000`)
    expect((await check(token)).status).toBe(200)
    await remove('/api/v1/tokens', session)
  })

  it('is refused for unknown, ended and rotated tokens, and for a long-lived one without a fresh sign-in', async () => {
    const session = await tokenFor(server, 'refusals@mail.test')
    const rotate = async (id: string) => read(await post(`/api/v1/tokens/${id}/rotate`, {}, session)).code
    const ended = await created(session)
    await remove(`/api/v1/tokens/${ended.apiToken.id}`, session)
    expect(await rotate(ended.apiToken.id)).toBe('token_unknown')
    expect(await rotate('x'.repeat(24))).toBe('token_unknown')
    expect(await rotate('x'.repeat(4000))).toBe('token_unknown')
    const rotated = await created(session)
    await rotate(rotated.apiToken.id)
    expect(await rotate(rotated.apiToken.id)).toBe('token_rotated')
    const long = await created(session, { expiresAt: undefined })
    server.clock.forward(601)
    expect(await rotate(long.apiToken.id)).toBe('fresh_sign_in_required')
    expect((await check(long.token)).status).toBe(200)
  })
})

describe('a password reset', () => {
  it('RE-03 suspends tokens created since the password was set, until their owner confirms them', async () => {
    const session = await tokenFor(server, 'reset@mail.test')
    const { token, apiToken } = await created(session)
    const { user } = read(await check(token))
    await suspendTokens(server.core.parts, { tenant: 'acme', userId: user.id }, new Date(0))
    expect((await check(token)).status).toBe(401)
    expect((await tokensOf(session))[0].suspendedAt).toBeDefined()
    const rotate = await post(`/api/v1/tokens/${apiToken.id}/rotate`, {}, session)
    expect([rotate.status, read(rotate).code]).toEqual([409, 'token_suspended'])
    server.clock.forward(601)
    const stale = await post(`/api/v1/tokens/${apiToken.id}/confirm`, {}, session)
    expect([stale.status, read(stale).code]).toEqual([403, 'fresh_sign_in_required'])
    const fresh = await tokenFor(server, 'reset@mail.test')
    expect((await post(`/api/v1/tokens/${apiToken.id}/confirm`, {}, fresh)).status).toBe(204)
    expect((await check(token)).status).toBe(200)
    expect((await post(`/api/v1/tokens/${apiToken.id}/confirm`, {}, fresh)).status).toBe(404)
  })
})
