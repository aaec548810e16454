/** Redis or PostgreSQL down, hanging or emptied: a prompt 503 and recovery without a restart. */
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { tokenId } from '../../src/crypto/token.ts'
import { type Page, TestBrowser } from '../support/browser/test-browser.ts'
import {
  api,
  appLogin,
  browserOf,
  exchangeCode,
  password,
  portalYaml,
  postForm,
  tokenFor,
} from '../support/gatehouse/connections.ts'
import { people } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import { startPostgres, startRedis, type TestServer } from '../support/servers/servers.ts'

let redis: TestServer
let postgres: TestServer
let server: TestGatehouse
beforeAll(async () => {
  ;[redis, postgres] = await Promise.all([startRedis(), startPostgres()])
  server = await startTestGatehouse({ storage: { redis: redis.url, postgres: postgres.url }, settings: portalYaml })
})
afterAll(async () => {
  await server.stop()
  await Promise.all([redis.stop(), postgres.stop()])
})
beforeEach(() => well())

/** The bar of 5 s for healing, with room for a busy machine. */
const healing = { timeout: 8000, interval: 50 }
const well = () => vi.waitFor(async () => expect((await api(server, '/readyz')).status).toBe(200), healing)

/** 503 with Retry-After, soon: the visitor waits 3 s and no longer. */
async function expectUnavailable(asked: Promise<Page>): Promise<void> {
  const late = new Promise<never>((_, failed) =>
    setTimeout(() => failed(new Error('no answer within 3 s')), 3000).unref(),
  )
  const page = await Promise.race([asked, late])
  expect([page.url.pathname, page.status]).toEqual([page.url.pathname, 503])
  expect(Number(page.headers['retry-after'])).toBeGreaterThan(0)
  expect(page.headers['set-cookie']?.join() ?? '').not.toContain('gatehouse_session=')
  expect(page.body).not.toMatch(/ECONN|ioredis|postgres|at \w+ \(/i)
  if (page.url.pathname.startsWith('/api/')) expect(JSON.parse(page.body)).toMatchObject({ code: 'store_unavailable' })
  else expect(page.body).toContain('The service is temporarily unavailable')
}

async function expectNotReady(name: string): Promise<void> {
  await vi.waitFor(async () => {
    const ready = await api(server, '/readyz')
    expect(ready.status).toBe(503)
    const { stores } = JSON.parse(ready.body)
    expect(stores.filter((store: { ok: boolean }) => !store.ok).map((store: { name: string }) => store.name)).toEqual([
      name,
    ])
  }, healing)
  expect((await api(server, '/healthz')).status).toBe(200)
}

interface Outage {
  readonly begin: () => Promise<void>
  readonly end: () => Promise<void>
}

const outagesOf = (server: () => TestServer): readonly (readonly [string, Outage])[] => [
  ['killed', { begin: () => server().kill(), end: () => server().restart() }],
  ['silent', { begin: async () => server().pause(), end: async () => server().resume() }],
]

describe.each(outagesOf(() => redis))('FT-01 Redis %s', (_, outage) => {
  it('is 503 at every endpoint that needs it, and recovers without a restart', async () => {
    const browser = await browserOf(server, 'redis@mail.test')
    const token = await tokenFor(server, 'redis@mail.test')
    const atOkta = await browser.open('/t/acme/okta/start')
    const form = { tenant: 'acme', email: 'redis@mail.test', password }
    await outage.begin()
    try {
      await expectUnavailable(api(server, '/api/v1/session', {}, token))
      await expectUnavailable(api(server, '/api/v1/sessions', {}, token))
      await expectUnavailable(api(server, '/api/v1/session', { method: 'DELETE' }, token))
      await expectUnavailable(api(server, '/api/v1/sessions', { method: 'POST', json: form }))
      await expectUnavailable(browser.ask('/account'))
      await expectUnavailable(new TestBrowser(server).ask('/t/acme/okta/start'))
      await expectUnavailable(postForm(new TestBrowser(server), '/login', form))
      await expectUnavailable(browser.click(atOkta, people.ada.name))
      await expectNotReady('volatile')
    } finally {
      await outage.end()
    }
    await well()
    const again = await browserOf(server, 'redis@mail.test')
    expect((await again.open('/account')).status).toBe(200)
  })

  it('answers a hundred simultaneous requests', async () => {
    const token = await tokenFor(server, 'redis@mail.test')
    await outage.begin()
    try {
      await Promise.all(Array.from({ length: 100 }, () => expectUnavailable(api(server, '/api/v1/session', {}, token))))
    } finally {
      await outage.end()
    }
    await well()
  })
})

describe('FT-08 Redis emptied', () => {
  it('requires a new sign-in: sessions are 401, pending logins get a recovery link, codes are rejected', async () => {
    const browser = await browserOf(server, 'flushed@mail.test')
    const token = await tokenFor(server, 'flushed@mail.test')
    const { path, redirectUri, codeVerifier } = appLogin()
    const code = (await browser.open(path, redirectUri)).url.searchParams.get('code')
    const pending = new TestBrowser(server)
    const atOkta = await pending.open('/t/acme/okta/start')

    const client = new Redis(redis.url)
    await client.flushall()
    client.disconnect()

    expect((await api(server, '/api/v1/session', {}, token)).status).toBe(401)
    expect((await browser.open('/account')).url.pathname).toBe('/login')
    expect((await exchangeCode(server, { code, redirectUri, codeVerifier })).status).toBe(400)
    const over = await pending.click(atOkta, people.ada.name)
    expect(over.status).toBe(400)
    const again = await pending.click(await pending.click(over, 'Try again'), 'Okta')
    expect((await pending.click(again, people.ada.name)).url.pathname).toBe('/account')
  })
})

describe.each(outagesOf(() => postgres))('FT-09 PostgreSQL %s', (_, outage) => {
  it('is 503 where needed; sessions are still checked, and it recovers without a restart', async () => {
    const browser = await browserOf(server, 'database@mail.test')
    const token = await tokenFor(server, 'database@mail.test')
    const arriving = new TestBrowser(server)
    const form = { tenant: 'acme', email: 'database@mail.test', password }
    await outage.begin()
    try {
      const atOkta = await arriving.open('/t/acme/okta/start')
      expect((await api(server, '/api/v1/session', {}, token)).status).toBe(200)
      expect((await browser.ask('/api/v1/session')).status).toBe(200)
      expect((await api(server, '/api/v1/sessions', {}, token)).status).toBe(200)
      await expectUnavailable(api(server, '/api/v1/users/me', {}, token))
      await expectUnavailable(browser.ask('/account'))
      await expectUnavailable(api(server, '/api/v1/sessions', { method: 'POST', json: form }))
      await expectUnavailable(postForm(new TestBrowser(server), '/login', form))
      await expectUnavailable(arriving.click(atOkta, people.ada.name))
      await expectUnavailable(postForm(new TestBrowser(server), '/forgot', form))
      await expectNotReady('durable')
    } finally {
      await outage.end()
    }
    await well()
    expect((await browserOf(server, 'database@mail.test')).jar.find('gatehouse_session')).toBeDefined()
    expect((await api(server, '/api/v1/users/me', {}, token)).status).toBe(200)
  })

  it('a session can still be ended, and the audit event follows', async () => {
    const token = await tokenFor(server, 'ending@mail.test')
    await outage.begin()
    try {
      expect((await api(server, '/api/v1/session', { method: 'DELETE' }, token)).status).toBe(204)
      expect((await api(server, '/api/v1/session', {}, token)).status).toBe(401)
    } finally {
      await outage.end()
    }
    await well()
    await vi.waitFor(async () => {
      const events = await server.core.parts.audit.recent({ tenant: 'acme', limit: 10 })
      expect(events).toContainEqual(
        expect.objectContaining({
          action: 'session.ended',
          details: expect.objectContaining({ session: tokenId(token) }),
        }),
      )
    }, healing)
  })
})

it('FT-01 FT-09 a process started while Redis and PostgreSQL are down becomes ready once they are up', async () => {
  await Promise.all([redis.kill(), postgres.kill()])
  const starting = startTestGatehouse({
    okta: server.okta,
    storage: { redis: redis.url, postgres: postgres.url },
    settings: portalYaml,
  })
  await expectNotReadyAtAll()
  await Promise.all([redis.restart(), postgres.restart()])
  const late = await starting
  expect((await api(late, '/readyz')).status).toBe(200)
  await late.stop()
  await well()
})

async function expectNotReadyAtAll(): Promise<void> {
  await vi.waitFor(async () => expect((await api(server, '/readyz')).status).toBe(503), healing)
}

it('LK-03 a dump of Redis contains no token, email or name', async () => {
  const browser = new TestBrowser(server)
  await browser.click(await browser.open('/t/acme/okta/start'), people.ada.name)
  const token = await tokenFor(server, 'dumped@mail.test')
  const client = new Redis(redis.url)
  const keys = await client.keys('*')
  const dumps = await Promise.all(keys.map((key) => client.dumpBuffer(key)))
  client.disconnect()
  const dump = Buffer.concat(dumps.filter((one) => one !== null)).toString('latin1') + keys.join()
  expect(keys.length).toBeGreaterThan(5)
  for (const secret of [
    token,
    'dumped@mail.test',
    people.ada.email,
    people.ada.name,
    browser.jar.value('gatehouse_session'),
  ])
    expect(dump).not.toContain(secret)
})
