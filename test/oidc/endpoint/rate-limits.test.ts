/** Rate limits of the OpenID Provider, and the traces of its refusals. */
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { enforceDeviceCodeLimit, enforceSourceLimit } from '../../../src/broker/limits/rate-limits.ts'
import { countRefusal } from '../../../src/broker/limits/refusal-limits.ts'
import { type Page, type PageRequest, send, type TestBrowser } from '../../support/browser/test-browser.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'
import {
  begin,
  newSignIn,
  type RelyingParty,
  relyingPartyOf,
  shopSecret,
  startProviderServer,
} from '../../support/oidc/relying-parties.ts'

let server: TestGatehouse
let shop: RelyingParty
beforeAll(async () => {
  server = await startProviderServer({ settings: 'trustedProxies: [127.0.0.1]\n' })
  shop = await relyingPartyOf(server, 'shop')
})
afterAll(() => server.stop())

function ask(source: string, path: string | URL, { headers, ...requested }: PageRequest = {}): Promise<Page> {
  const from = { 'x-forwarded-for': `203.0.113.250, ${source}`, ...headers }
  return send(server.port, new URL(path, publicOrigin), { ...requested, headers: from })
}

const basic = `Basic ${Buffer.from(`shop:${encodeURIComponent(shopSecret)}`).toString('base64')}`
const redeemNothing = (source: string, code = 'nothing') =>
  ask(source, '/oauth2/token', {
    method: 'POST',
    form: { grant_type: 'authorization_code', code, redirect_uri: shop.redirectUri },
    headers: { authorization: basic },
  })

type What = 'authorization' | 'pushed' | 'device'
async function use(what: What, source: string, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1)
    await enforceSourceLimit(server.core.parts.counters, `openid-${what}`, source)
}

describe('rate limits of a source', () => {
  it.each([
    ['authorization', 1200, 'GET', '/oauth2/auth'],
    ['pushed', 6000, 'POST', '/oauth2/par'],
    ['device', 300, 'POST', '/oauth2/device_authorization'],
  ] as const)('%s: is told when to come back; others go on', async (what, max, method, path) => {
    const source = '198.51.100.1'
    await use(what, source, max)
    const requested = method === 'POST' ? { method, form: { client_id: 'phone' } } : {}
    const over = await ask(source, path, requested)
    expect(over.status).toBe(429)
    expect(Number(over.headers['retry-after'])).toBeGreaterThan(0)
    expect((await ask('198.51.100.2', path, requested)).status).not.toBe(429)
  })

  it('count by network for IPv6, and by address in any notation for IPv4', async () => {
    await use('device', '2001:db8:1:2::/64', 300)
    await use('device', '198.51.100.9', 300)
    const over = async (source: string) =>
      (await ask(source, '/oauth2/device_authorization', { method: 'POST', form: { client_id: 'phone' } })).status
    expect(await over('2001:db8:1:2::1')).toBe(429)
    expect(await over('2001:DB8:1:2:ffff:ffff:ffff:fffe')).toBe(429)
    expect(await over('2001:db8:1:3::1')).not.toBe(429)
    expect(await over('::ffff:198.51.100.9')).toBe(429)
  })

  const refuseOften = async (source: string, app?: string) => {
    const endpoint = { what: 'token', source, ...(app !== undefined && { app }) } as const
    for (let time = 0; time < 600; time += 1) await countRefusal(server.core.parts.counters, endpoint)
  }
  const tokenAs = (source: string, form: Readonly<Record<string, string>>, secret?: string) => {
    const headers = secret === undefined ? {} : { authorization: `Basic ${btoa(secret)}` }
    return ask(source, '/oauth2/token', { method: 'POST', form: { ...form }, headers })
  }
  const robot = 'robot:canary-secret-of-the-robot-01234567890'
  const own = { grant_type: 'client_credentials', scope: 'orders:read' }
  const untilHeld = (request: () => Promise<Page>) =>
    vi.waitFor(async () => {
      const page = await request()
      expect(page.status).toBe(429)
      return page
    }, waitOptions)

  it('answer 429 after too many refused token requests, without affecting other apps of the address', async () => {
    const source = '198.51.100.3'
    await refuseOften(source)
    const nobody = () => tokenAs(source, { ...own, client_id: 'nobody', client_secret: 'x' })
    const held = await untilHeld(nobody)
    expect(JSON.parse(held.body)).toEqual({
      error: 'temporarily_unavailable',
      error_description: expect.stringMatching(/^too many token requests .* try again in \d+ seconds$/),
    })
    expect(Number(held.headers['retry-after'])).toBeGreaterThan(0)
    expect((await tokenAs(source, own, robot)).status).toBe(200)
    expect((await tokenAs(source, own, 'robot:wrong')).status, 'another app is counted by itself').toBe(401)
    server.clock.forward(301)
    expect((await nobody()).status).toBe(401)
  })

  it('OP-41 do not block the right secret of an app after wrong ones', async () => {
    const source = '198.51.100.13'
    await refuseOften(source, 'robot')
    const held = await untilHeld(() => tokenAs(source, own, 'robot:wrong'))
    expect(held.headers['www-authenticate']).toBeUndefined()
    expect((await tokenAs(source, own, robot)).status).toBe(200)
    expect((await tokenAs(source, { ...own, scope: 'orders:write' }, robot)).status).toBe(400)
    expect((await tokenAs('198.51.100.14', own, 'robot:wrong')).status).toBe(401)
  })

  it('do not block valid codes, tokens and polling devices of a public app', async () => {
    const source = '198.51.100.15'
    await refuseOften(source, 'phone')
    const phone = await relyingPartyOf(server, 'phone')
    const device = await client.initiateDeviceAuthorization(phone.config, { scope: 'openid' })
    const poll = {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: device.device_code,
      client_id: 'phone',
    }
    const wrong = { ...poll, device_code: 'wrong' }
    await untilHeld(() => tokenAs(source, wrong))
    const pending = await tokenAs(source, poll)
    expect(pending.body).toMatch(/authorization_pending|slow_down/)
  })
})

describe('limits for entering user codes', () => {
  const typed = { user_code: 'BBBB-CCCC', xsrf: 'same-origin' }
  const type = (source: string, cookie?: string) => {
    const headers = { origin: 'null', 'sec-fetch-site': 'same-origin', ...(cookie !== undefined && { cookie }) }
    return ask(source, '/oauth2/device', { method: 'POST', form: typed, headers })
  }
  const cookiesOf = ({ jar }: TestBrowser) => jar.headerFor(new URL('/oauth2/device', publicOrigin))
  const typeOften = async (times: number, by: { readonly source: string; readonly session: string | undefined }) => {
    for (let time = 0; time < times; time += 1)
      await enforceDeviceCodeLimit(server.core.parts.counters, by).catch(() => {})
  }

  it('block the address of one unknown user only', async () => {
    const source = '198.51.100.20'
    await typeOften(4000, { source, session: undefined })
    const over = await type(source)
    expect([over.status, Number(over.headers['retry-after']) > 0]).toEqual([429, true])
    expect((await type('198.51.100.21')).status).toBe(200)
  })

  it('block unknown users for a minute after many attempts, never signed-in users', async () => {
    const { browser } = await newSignIn(server, shop)
    const cookie = cookiesOf(browser)
    for (let from = 0; from < 10; from += 1) await typeOften(300, { source: `192.0.2.${from}`, session: undefined })
    expect((await type('198.51.100.22')).status).toBe(429)
    expect((await type('198.51.100.20', cookie)).status).toBe(200)
    expect((await type('198.51.100.22', 'gatehouse_session=forged')).status).toBe(429)
    server.clock.forward(61)
    expect((await type('198.51.100.22')).status).toBe(200)
  })

  it('block a signed-in user after 60 attempts, without affecting others', async () => {
    const [one, other] = [await newSignIn(server, shop), await newSignIn(server, shop)]
    const cookie = cookiesOf(one.browser)
    for (let time = 0; time < 60; time += 1) expect((await type('198.51.100.23', cookie)).status).toBe(200)
    expect((await type('198.51.100.24', cookie)).status).toBe(429)
    expect((await type('198.51.100.23', cookiesOf(other.browser))).status).toBe(200)
  })
})

describe('traces of refusals', () => {
  const traces = async (since: Date) => {
    const all = await server.core.storage.durable.traces.search({ limit: 1000 })
    return all.filter(({ connection, startedAt }) => connection.startsWith('app ') && startedAt >= since)
  }

  it('are limited to 20 per source in ten minutes; the log has every refusal', async () => {
    server.clock.forward(601)
    const since = server.clock.now()
    const lines = server.logged.length
    for (let time = 0; time < 25; time += 1) await redeemNothing('198.51.100.5')
    await redeemNothing('198.51.100.6')
    expect(server.logged.slice(lines).filter((line) => line.includes('"msg":"refused"'))).toHaveLength(26)
    await vi.waitFor(async () => expect(await traces(since)).toHaveLength(21), waitOptions)
  })

  it('are not written for unknown apps and name no unknown tenant', async () => {
    server.clock.forward(1)
    const since = server.clock.now()
    const page = await ask('198.51.100.7', '/oauth2/auth?client_id=made-up&redirect_uri=https://evil.test/')
    expect(page.status).toBe(400)
    const { url } = await begin(shop, { redirect_uri: 'https://evil.test/', tenant: 'made-up' })
    await ask('198.51.100.7', url)
    await vi.waitFor(async () => expect(await traces(since)).toHaveLength(1), waitOptions)
    expect((await traces(since)).map(({ tenant }) => tenant)).toEqual(['unknown'])
  })
})

describe('the request log', () => {
  it('has one line per request to the provider, without the query', async () => {
    const lines = server.logged.length
    const page = await ask('198.51.100.8', '/oauth2/auth/some-uid-of-an-interaction?code=canary-code')
    const line = await vi.waitFor(() => {
      const found = server.logged.slice(lines).find((each) => each.includes(String(page.headers['x-request-id'])))
      if (found === undefined) throw new Error('no line')
      return found
    }, waitOptions)
    expect(JSON.parse(line)).toMatchObject({ method: 'GET', route: '/oauth2/auth/:uid', status: 400, msg: 'request' })
    expect(server.logged.slice(lines).join('\n')).not.toMatch(/canary-code|some-uid/)
  })

  it('discovery lists the scopes of the APIs', async () => {
    const { body } = await ask('198.51.100.8', '/.well-known/openid-configuration')
    expect(JSON.parse(body).scopes_supported).toEqual(
      expect.arrayContaining(['openid', 'email', 'orders:read', 'stock:read']),
    )
  })

  it('a page without an origin cannot read tokens, whatever scheme an app registered', async () => {
    const form = {
      grant_type: 'authorization_code',
      client_id: 'phone',
      code: 'x',
      redirect_uri: 'com.acme.phone:/callback',
    }
    const page = await ask('198.51.100.8', '/oauth2/token', { method: 'POST', form, headers: { origin: 'null' } })
    expect(page.headers['access-control-allow-origin']).toBeUndefined()
  })
})
