/** The pages about sign-ins on Redis and PostgreSQL, with each of them stopped in turn. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { removeRole } from '../../../src/broker/access/assign-role.ts'
import { blockUser } from '../../../src/broker/identity/block-user.ts'
import type { User } from '../../../src/broker/ports/users.ts'
import { revokeAllAccess } from '../../../src/broker/session/end-session.ts'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { adminOf, operatorOf, startWithAdministrators } from '../../support/gatehouse/administrators.ts'
import { api } from '../../support/gatehouse/connections.ts'
import { publicOrigin } from '../../support/gatehouse/tenants.ts'
import { type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'
import { sampleTrace } from '../../support/pages/sign-in-samples.ts'
import { startPostgres, startRedis, type TestServer } from '../../support/servers/servers.ts'

const signIns = '/admin/sign-ins'
const reference = '7SRV-0001'

let redis: TestServer
let postgres: TestServer
let server: TestGatehouse
let admin: TestBrowser
let link: string
beforeAll(async () => {
  ;[redis, postgres] = await Promise.all([startRedis(), startPostgres()])
  server = await startWithAdministrators({ storage: { redis: redis.url, postgres: postgres.url } })
  server.core.parts.trace(sampleTrace(undefined, { reference, startedAt: server.clock.now() }))
  await server.trace(reference)
  admin = await adminOf(server)
  const page = await admin.open(`${signIns}/${reference}`)
  const shared = await admin.submit(page, `${signIns}/${reference}/links`, { lifetime: '24h' })
  link = /<code id="link">([^<]+)<\/code>/.exec(shared.body)?.[1] ?? ''
})
afterAll(async () => {
  await server.stop()
  await Promise.all([redis.stop(), postgres.stop()])
})

const ready = () => vi.waitFor(async () => expect((await api(server, '/readyz')).status).toBe(200), waitOptions)

async function whileStopped(store: TestServer, work: () => Promise<void>): Promise<void> {
  await store.kill()
  try {
    await work()
  } finally {
    await store.restart()
    await ready()
  }
}

it('a sign-in is found, explained and shared on Redis and PostgreSQL', async () => {
  const list = await admin.open(`${signIns}?email=Ada.Lovelace@acme.test&outcome=refused`)
  expect(list.body).toContain(`href="${signIns}/${reference}"`)
  expect((await new TestBrowser(server).open(link)).body).toContain(`Sign-in ${reference}`)
  const stored = await vi.waitFor(async () => {
    const page = await admin.open(`${signIns}?period=1h`)
    expect(page.body).toContain('Okta signs with a key that it does not publish')
    return page
  }, waitOptions)
  expect(stored.status).toBe(200)
})

it('an administrator who was here before reads the overview while Redis is stopped, and no sign-ins', async () => {
  await admin.open('/admin')
  await whileStopped(redis, async () => {
    expect((await admin.ask('/admin')).status).toBe(200)
    for (const path of [signIns, `${signIns}/${reference}`]) {
      const page = await admin.ask(path)
      expect([path, page.status, page.body.includes('@')]).toEqual([path, 503, false])
    }
    expect((await new TestBrowser(server).open(link)).status).toBe(503)
  })
})

const stoppedBeing: readonly (readonly [string, (browser: TestBrowser, user: User) => Promise<unknown>, number])[] = [
  ['was blocked', (_, user) => blockUser(server.core.parts, user, 'cli'), 403],
  [
    'is no operator any more',
    (_, user) => removeRole(server.core.parts, { user, role: 'operator', actor: 'cli' }),
    403,
  ],
  ['had all sessions ended', (_, user) => revokeAllAccess(server.core.parts, { ...user, userId: user.id }), 403],
  ['signed out', async (browser) => browser.submit(await browser.open('/account'), '/account/sign-out'), 503],
]

it.each(stoppedBeing)('AD-01 one who %s reads nothing while Redis is stopped', async (what, end, status) => {
  const email = `${what.replaceAll(' ', '-')}@mail.test`
  const browser = await operatorOf(server, email)
  expect((await browser.ask('/admin')).status).toBe(200)
  const [user] = await server.core.parts.users.findByProvenEmail('acme', email)
  if (user === undefined) throw new Error('no user')
  // as a copy of it would be sent
  const headers = { cookie: browser.jar.headerFor(new URL('/admin', publicOrigin)) }
  await end(browser, user)
  await whileStopped(redis, async () => {
    expect((await browser.ask('/admin', { headers })).status).toBe(status)
    expect((await browser.ask(signIns, { headers })).status).toBe(503)
  })
})

it('sign-ins cannot be read while the database is stopped', async () => {
  // the session ended with Redis
  const again = await adminOf(server)
  await again.open(signIns)
  await whileStopped(postgres, async () => {
    for (const path of [signIns, `${signIns}/${reference}`]) {
      const page = await again.open(path)
      expect([path, page.status]).toEqual([path, 503])
      expect(page.body).not.toMatch(/ECONN|postgres:|at \w+ \(/i)
    }
  })
  expect((await again.open(signIns)).status).toBe(200)
})
