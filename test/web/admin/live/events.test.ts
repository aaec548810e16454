/** `/admin/events` over real connections. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { assignRole } from '../../../../src/broker/access/assign-role.ts'
import { type EventStream, openEvents } from '../../../support/browser/event-stream.ts'
import { TestBrowser } from '../../../support/browser/test-browser.ts'
import { adminOf, operatorOf, startWithAdministrators } from '../../../support/gatehouse/administrators.ts'
import { browserOf, postForm } from '../../../support/gatehouse/connections.ts'
import { type TestGatehouse, waitOptions } from '../../../support/gatehouse/test-gatehouse.ts'

const liveTimes = { tickMs: 100, heartbeatMs: 200, recheckMs: 200 }

let server: TestGatehouse
let streams: EventStream[] = []
beforeAll(async () => {
  server = await startWithAdministrators({ liveTimes })
})
afterEach(() => {
  for (const stream of streams) stream.close()
  streams = []
})
afterAll(() => server?.stop())

async function follow(browser: TestBrowser, query = ''): Promise<EventStream> {
  const stream = await openEvents(browser, `/admin/events${query}`)
  streams.push(stream)
  return stream
}

const changesIn = (stream: EventStream) => stream.text().split('event: change').length - 1
const firstChange = (stream: EventStream) => vi.waitFor(() => expect(changesIn(stream)).toBeGreaterThan(0), waitOptions)
/** A sign-in is recorded behind its response. */
const recorded = (email: string, tenant: string) =>
  vi.waitFor(async () => {
    const { audit, traces } = server.core.parts
    expect(await traces.search({ tenant, email, limit: 1 })).toMatchObject([{ outcome: 'signed in' }])
    const actions = (await audit.recent({ tenant, limit: 9 })).map(({ action }) => action)
    expect(actions).toEqual(expect.arrayContaining(['user.created', 'sign_in.succeeded']))
  }, waitOptions)
const heartbeat = async (stream: EventStream) => vi.waitFor(() => expect(stream.text()).toContain(':\n\n'), waitOptions)

async function anotherAdmin(email: string): Promise<TestBrowser> {
  const browser = await browserOf(server, email)
  const { parts } = server.core
  const [user] = await parts.users.findByProvenEmail('acme', email)
  if (user !== undefined) await assignRole(parts, { user, role: 'admin', actor: 'cli' })
  return browser
}

describe('AD-01 events of admin pages', () => {
  it('are sent to an admin for changes of their tenant, and of no other', async () => {
    const admin = await adminOf(server)
    await recorded('admin@mail.test', 'acme')
    const [stream, boss] = [await follow(admin), await follow(await browserOf(server, 'boss@mail.test', 'beta'))]
    expect([stream.status, stream.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8'])
    await Promise.all([stream, boss].map(firstChange))
    await Promise.all([stream, boss].map(heartbeat))
    const [before, ofBoss] = [changesIn(stream), changesIn(boss)]
    await browserOf(server, 'member@mail.test', 'beta')
    await vi.waitFor(() => expect(changesIn(boss)).toBeGreaterThan(ofBoss), waitOptions)
    expect(changesIn(stream)).toBe(before)
    await browserOf(server, 'guest@mail.test')
    await vi.waitFor(() => expect(changesIn(stream)).toBeGreaterThan(before), waitOptions)
    expect(stream.text().replaceAll(/retry: 5000\n\n|:\n\n|event: change\ndata:\n\n/g, '')).toBe('')
  })

  it('are sent to an operator for changes of all tenants', async () => {
    const stream = await follow(await operatorOf(server))
    await firstChange(stream)
    const before = changesIn(stream)
    await browserOf(server, 'boss@mail.test', 'beta')
    await vi.waitFor(() => expect(changesIn(stream)).toBeGreaterThan(before), waitOptions)
  })

  it('SE-09 are 404 for an admin of another tenant', async () => {
    expect((await follow(await adminOf(server), '?tenant=beta')).status).toBe(404)
  })

  it('SE-08 are 403 for a member, and lead a signed-out browser to the sign-in', async () => {
    expect((await follow(await browserOf(server, 'member@mail.test'))).status).toBe(403)
    expect((await follow(new TestBrowser(server))).status).toBe(303)
  })

  it('SE-08 end soon after the session', async () => {
    const browser = await adminOf(server)
    const stream = await follow(browser)
    await heartbeat(stream)
    expect((await postForm(browser, '/account/sign-out', {})).status).toBe(303)
    await vi.waitFor(() => expect(stream.isEnded()).toBe(true), waitOptions)
  })

  it('of one user are at most five: the oldest ends, and knows why', async () => {
    const browser = await adminOf(server)
    const six: EventStream[] = []
    for (let count = 0; count < 6; count++) six.push(await follow(browser))
    await vi.waitFor(
      () => expect(six.map((stream) => stream.isEnded())).toEqual([true, ...Array(5).fill(false)]),
      waitOptions,
    )
    expect(six[0]?.text()).toContain('event: full\ndata:\n\n')
  })

  it('are refused with 503 and a clear text for more than 15 pages of the admins of a tenant', async () => {
    const admins = await Promise.all(['one', 'two', 'three', 'four'].map((name) => anotherAdmin(`${name}@mail.test`)))
    const [last, ...others] = admins
    for (const admin of others) await Promise.all(Array.from({ length: 5 }, () => follow(admin)))
    if (last === undefined) throw new Error('there are four')
    const refused = await follow(last)
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '60'])
    await vi.waitFor(() => expect(refused.text()).toContain('Too many admin pages are open'), waitOptions)
    streams[0]?.close()
    await vi.waitFor(async () => expect((await follow(last)).status).toBe(200), waitOptions)
  })
})

it('FT-26 a process with open admin pages stops at once', async () => {
  const own = await startWithAdministrators({ liveTimes })
  const stream = await follow(await adminOf(own))
  const began = performance.now()
  await own.stop()
  expect(performance.now() - began).toBeLessThan(5000)
  expect(stream.isEnded()).toBe(true)
})
