/** `/admin` of two processes while Redis or PostgreSQL is stopped. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { api, postForm } from '../../support/gatehouse/connections.ts'
import { startPostgres, startRedis, type TestServer } from '../../support/servers/servers.ts'
import { startTwoProcesses, type TwoProcesses } from '../../support/servers/two-processes.ts'

const person = { tenant: 'acme', email: 'pat@mail.test', password: 'correct horse battery staple' }
const wait = { timeout: 20_000, interval: 100 }
/** A second and a half, with room for a busy machine. */
const maxMs = 2500

let redis: TestServer
let postgres: TestServer
let two: TwoProcesses
let browser: TestBrowser
beforeAll(async () => {
  ;[redis, postgres] = await Promise.all([startRedis(), startPostgres()])
  two = await startTwoProcesses('', person, { redis: redis.url, postgres: postgres.url })
  await two.run(['roles', 'assign', 'operator', '--tenant', 'acme', '--user', person.email])
})
afterAll(async () => {
  await two?.stop()
  await Promise.all([redis?.stop(), postgres?.stop()])
})
beforeEach(signInAtBoth)

/** Afterwards both processes know the administrator. A restarted Redis has lost the sessions. */
async function signInAtBoth(): Promise<void> {
  browser = new TestBrowser(two.servers[0])
  await postForm(browser, '/login', person)
  for (const { status, body } of await both()) {
    expect(status).toBe(200)
    expect(body).not.toContain('is unavailable')
  }
}

async function both() {
  const pages = []
  for (const server of two.servers) {
    browser.moveTo(server)
    const began = performance.now()
    pages.push({ ...(await browser.ask('/admin')), tookMs: performance.now() - began })
  }
  return pages
}

const problemsOf = (body: string) =>
  [...body.matchAll(/<h3>(.*?)<\/h3>/g)].map(([, title = '']) => title.replaceAll(/<.*?>/g, ''))

const outages: readonly (readonly [string, string, () => TestServer, (server: TestServer) => unknown])[] = [
  ['Redis', 'stopped', () => redis, (server) => server.kill()],
  ['Redis', 'silent', () => redis, (server) => server.pause()],
  ['PostgreSQL', 'stopped', () => postgres, (server) => server.kill()],
  ['PostgreSQL', 'silent', () => postgres, (server) => server.pause()],
]

describe.each(outages)('FT-15 while %s is %s', (name, kind, server, begin) => {
  it('the overview of both processes names it, since when, and the fix, in time', async () => {
    await begin(server())
    try {
      await vi.waitFor(async () => {
        const [one, other] = (await both()).map(({ body }) => problemsOf(body))
        expect(one?.[0]).toBe(`${name} is unavailable`)
        // a Redis that restarted knows a process again after its next heartbeat
        expect(one).toEqual(other)
      }, wait)
      for (const { status, body, tookMs } of await both()) {
        expect(problemsOf(body)[0]).toBe(`${name} is unavailable`)
        expect(status).toBe(200)
        expect(tookMs).toBeLessThan(maxMs)
        expect(body).toMatch(/Who can fix it: operator · since/)
        expect(body).toMatch(kind === 'stopped' ? /start it, or correct storage\./ : /does not answer in time/)
        expect(body).toContain('not available')
      }
      expect((await api(two.servers[0], '/readyz')).status).toBe(503)
    } finally {
      if (kind === 'stopped') await server().restart()
      else server().resume()
    }
    await vi.waitFor(signInAtBoth, wait)
  }, 60_000)
})
