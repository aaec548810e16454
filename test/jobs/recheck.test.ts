/** Sessions and API tokens follow the upstream, over HTTP with the emulated Okta. */
import * as client from 'openid-client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { blockUser, unblockUser } from '../../src/broker/identity/block-user.ts'
import { endSession } from '../../src/broker/session/end-session.ts'
import type { TestBrowser } from '../support/browser/test-browser.ts'
import {
  apiTokenOf,
  isSignedIn,
  moveOkta,
  nextRecheck,
  sessionOf,
  signIn,
  startRecheckingGatehouse,
  tokenStatus,
} from '../support/gatehouse/rechecked-users.ts'
import { people } from '../support/gatehouse/tenants.ts'
import type { TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import { allow, appsYaml, begin, redeem, relyingPartyOf } from '../support/oidc/relying-parties.ts'

const more = "access: { admin: ['group:Admins'] }\ntokens: { confirmWithin: 1d }\n"

let server: TestGatehouse
beforeAll(async () => {
  server = await startRecheckingGatehouse({ more, settings: appsYaml })
})
afterAll(async () => {
  await server.stop()
  await server.okta.close()
})
beforeEach(() => {
  server.okta.reset()
  for (const { sub } of Object.values(people)) server.okta.accounts.enable(sub)
})

const { ada } = people
const userOf = async (browser: TestBrowser): Promise<string> => (await sessionOf(browser)).user.id
const auditOf = async (tenant: string, user: string, action: string) =>
  (await server.core.parts.audit.recent({ tenant, user, limit: 50 })).filter((event) => event.action === action)

describe('a confirmed user', () => {
  it('keeps sessions and tokens, and is asked once per interval', async () => {
    const browser = await signIn(server)
    const token = await apiTokenOf(browser)
    const before = server.okta.counters.token
    for (const round of [1, 2, 3]) {
      await nextRecheck(server, [browser])
      await server.core.rechecker.run()
      expect(server.okta.counters.token - before).toBe(round)
    }
    expect(await isSignedIn(browser)).toBe(true)
    expect(await tokenStatus(server, token)).toBe(200)
  })

  it('has changed groups in running sessions and in roles', async () => {
    const browser = await signIn(server)
    server.okta.accounts.change(ada.sub, { groups: ['Everyone', 'Admins'] })
    await nextRecheck(server, [browser])
    expect((await sessionOf(browser)).profile?.groups).toEqual(['Everyone', 'Admins'])
    expect((await browser.open('/admin/users')).status).toBe(200)
    server.okta.accounts.change(ada.sub, { groups: ['Everyone'] })
    await nextRecheck(server, [browser])
    expect((await sessionOf(browser)).profile?.groups).toEqual(['Everyone'])
    expect((await browser.open('/admin/users')).status).not.toBe(200)
  })
})

describe('ID-10: a user who was disabled', () => {
  it('loses sessions, refresh tokens and API tokens, until the next sign-in', async () => {
    const browser = await signIn(server)
    const token = await apiTokenOf(browser)
    const { user } = await sessionOf(browser)
    const intranet = await relyingPartyOf(server, 'intranet')
    const begun = await begin(intranet, { tenant: 'acme', scope: 'openid offline_access', prompt: 'consent' })
    const asked = await browser.open(begun.url, intranet.redirectUri)
    const answer = asked.status === 0 ? asked : await allow(browser, asked, intranet.redirectUri)
    const { refresh_token: refreshToken = '' } = await redeem(intranet, begun, answer.url)
    expect(refreshToken).not.toBe('')

    server.okta.accounts.disable(ada.sub)
    await nextRecheck(server, [browser])
    expect(await isSignedIn(browser)).toBe(false)
    expect(await tokenStatus(server, token)).toBe(401)
    await expect(client.refreshTokenGrant(intranet.config, refreshToken)).rejects.toMatchObject({
      error: 'invalid_grant',
    })

    const [refused] = await auditOf('acme', user.id, 'recheck.refused')
    expect(refused).toMatchObject({
      actor: 'connection:okta',
      details: { reason: 'invalid_grant', outcome: 'revoked' },
    })
    const trace = await server.trace(String(refused?.details['reference']))
    expect(trace).toMatchObject({ outcome: 'sessions ended', userId: user.id })
    expect(await server.core.parts.users.find('acme', user.id)).toMatchObject({ status: 'revoked' })

    server.okta.accounts.enable(ada.sub)
    expect(await isSignedIn(await signIn(server))).toBe(true)
    // as after a theft: the owner has to confirm it
    expect(await tokenStatus(server, token)).toBe(401)
  })

  it('is found by an app that refreshes offline, long after the session ended', async () => {
    const browser = await signIn(server, 'carol')
    const intranet = await relyingPartyOf(server, 'intranet')
    const begun = await begin(intranet, { tenant: 'acme', scope: 'openid offline_access', prompt: 'consent' })
    const asked = await browser.open(begun.url, intranet.redirectUri)
    const answer = asked.status === 0 ? asked : await allow(browser, asked, intranet.redirectUri)
    const { refresh_token: first = '' } = await redeem(intranet, begun, answer.url)
    const session = await server.core.parts.sessions.find((await sessionOf(browser)).id)
    if (session !== null) await endSession(server.core.parts, session)
    for (let day = 0; day < 3; day++) {
      server.clock.forward(86_401)
      moveOkta(server)
      await server.core.rechecker.run()
    }
    const before = server.okta.counters.token
    const { refresh_token: second = first } = await client.refreshTokenGrant(intranet.config, first)
    await server.core.rechecker.run()
    expect(server.okta.counters.token).toBe(before + 1)
    server.okta.accounts.disable(people.carol.sub)
    server.clock.forward(901)
    moveOkta(server)
    const { refresh_token: third = second } = await client.refreshTokenGrant(intranet.config, second)
    await server.core.rechecker.run()
    const refused = client.refreshTokenGrant(intranet.config, third)
    await expect(refused).rejects.toMatchObject({ error: 'invalid_grant' })
  })

  it('is re-checked for an API token without a session', async () => {
    const browser = await signIn(server, 'bob')
    const token = await apiTokenOf(browser)
    server.okta.accounts.disable(people.bob.sub)
    server.clock.forward(901)
    expect(await tokenStatus(server, token)).toBe(200)
    await server.core.rechecker.run()
    expect(await tokenStatus(server, token)).toBe(401)
  })
})

describe('an upstream that proves nothing', () => {
  it.each([
    ['FT-15: refuses connections', 'down', 'token'],
    ['FT-21: answers with status 500', 'status500', 'token'],
    ['limits the rate', 'rateLimited', true],
    ['refuses the client', 'refreshError', 'invalid_client'],
  ] as const)('%s: changes nothing, and is repeated', async (_, fault, value) => {
    const browser = await signIn(server)
    const token = await apiTokenOf(browser)
    const place = { tenant: 'acme', connection: 'okta' }
    server.okta.fault(fault, value)
    await nextRecheck(server, [browser])
    expect(await isSignedIn(browser)).toBe(true)
    expect(await tokenStatus(server, token)).toBe(200)
    expect(await server.core.parts.upstreamGrants.stateOf(place)).toMatchObject({ failing: 1 })
    server.okta.reset()
    await nextRecheck(server, [browser])
    expect(await server.core.parts.upstreamGrants.stateOf(place)).toMatchObject({ failing: 0, failure: undefined })
    expect(await isSignedIn(browser)).toBe(true)
  })

  it('and refuses afterwards: the user signs in again, but is not revoked', async () => {
    const browser = await signIn(server)
    const token = await apiTokenOf(browser)
    const user = await userOf(browser)
    server.okta.fault('down', 'token')
    await nextRecheck(server, [browser])
    server.okta.reset()
    server.okta.fault('refreshError')
    await nextRecheck(server, [browser])
    expect(await isSignedIn(browser)).toBe(false)
    expect(await tokenStatus(server, token)).toBe(401)
    expect(await server.core.parts.users.find('acme', user)).toMatchObject({ status: 'active' })
    const [refused] = await auditOf('acme', user, 'recheck.refused')
    expect(refused?.details['outcome']).toBe('signed out')
    server.okta.reset()
    await signIn(server)
    await expect.poll(() => tokenStatus(server, token)).toBe(200)
  })
})

describe('tokens.confirmWithin', () => {
  it('suspends an API token without a confirmation for that long, until the next sign-in', async () => {
    const browser = await signIn(server, 'carol')
    const token = await apiTokenOf(browser)
    server.clock.forward(86_400 + 3600)
    expect(await tokenStatus(server, token)).toBe(401)
    await signIn(server, 'carol')
    await expect.poll(() => tokenStatus(server, token)).toBe(200)
  })
})

describe('the refresh token of the upstream', () => {
  const grants = async () =>
    (await server.core.parts.upstreamGrants.stateOf({ tenant: 'acme', connection: 'okta' })).users

  it('is removed when the user is blocked', async () => {
    const browser = await signIn(server, 'bob')
    const before = await grants()
    const user = await server.core.parts.users.find('acme', await userOf(browser))
    if (user === null) throw new Error('no user')
    await blockUser(server.core.parts, user, 'cli')
    expect(await grants()).toBe(before - 1)
    await unblockUser(server.core.parts, user, 'cli')
  })

  it('is removed after the last session ended, and rests while the user is idle', async () => {
    const browser = await signIn(server, 'mallory')
    await server.core.rechecker.run()
    const before = await grants()
    const asked = server.okta.counters.token
    server.clock.forward(3600)
    await server.core.rechecker.run()
    expect(server.okta.counters.token).toBe(asked)
    expect(await grants()).toBe(before)
    const { id } = await sessionOf(browser)
    const session = await server.core.parts.sessions.find(id)
    if (session !== null) await endSession(server.core.parts, session)
    server.clock.forward(86_401)
    await server.core.rechecker.run()
    expect(await grants()).toBeLessThan(before)
  })

  it('LK-03 is not readable in the store', async () => {
    const refreshTokens: string[] = []
    const keep = server.core.parts.upstreamGrants
    await signIn(server)
    const claimed = await keep.claim(new Date(server.clock.now().getTime() + 901_000), new Date(8e12), 1000, [])
    for (const { content } of claimed) refreshTokens.push(String(content.memo['refreshToken']))
    const bytes = await server.storedBytes()
    expect(refreshTokens.length).toBeGreaterThan(0)
    expect(refreshTokens.filter((token) => bytes.includes(token))).toEqual([])
  })
})
