/** Processes stopped, killed, started together and replaced without a lost login. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { OktaEmulator } from '../../providers/okta/emulator.ts'
import { TestBrowser } from '../support/browser/test-browser.ts'
import { api, password } from '../support/gatehouse/connections.ts'
import { acmeYaml, oktaFor, people, publicOrigin, secretsOf } from '../support/gatehouse/tenants.ts'
import { gatehouseYaml, type TestGatehouseOptions, waitOptions } from '../support/gatehouse/test-gatehouse.ts'
import { addPerson, command, startProcess, type TestGatehouseProcess } from '../support/servers/process.ts'
import { freePort, sharedPostgres, sharedRedis } from '../support/servers/servers.ts'

let okta: OktaEmulator
let folders: string[] = []
let processes: TestGatehouseProcess[] = []
beforeAll(async () => {
  okta = await oktaFor()
})
afterAll(() => okta.close())
beforeEach(() => okta.reset())
afterEach(async () => {
  await Promise.all(processes.map((process) => process.end('SIGKILL')))
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true, maxRetries: 5 })))
  ;[processes, folders] = [[], []]
})

async function folderFor(port: number, options: TestGatehouseOptions = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-process-'))
  folders.push(folder)
  await mkdir(join(folder, 'tenants'))
  await writeFile(join(folder, 'gatehouse.yaml'), gatehouseYaml(folder, { ...options, port }))
  await writeFile(join(folder, 'tenants', 'acme.yaml'), acmeYaml(okta))
  return folder
}

async function start(folder: string, port: number): Promise<TestGatehouseProcess> {
  const process = await startProcess(folder, port, secretsOf(okta))
  processes.push(process)
  return process
}

const pat = { tenant: 'acme', email: 'pat@mail.test', password }
const open = async (server: { port: number }) =>
  JSON.parse((await api(server, '/api/v1/sessions', { method: 'POST', json: pat })).body).token
const statusOf = async (server: { port: number }, token: string) =>
  (await api(server, '/api/v1/session', {}, token)).status

describe('one process on the embedded store', () => {
  it('FT-26 finishes a pending login before it exits on SIGTERM', async () => {
    const port = await freePort()
    const server = await start(await folderFor(port), port)
    const browser = new TestBrowser(server)
    const answer = await browser.click(await browser.open('/t/acme/okta/start'), people.ada.name, `${publicOrigin}/t/`)
    okta.fault('slow', 1000)
    const finishing = browser.ask(answer.url)
    await vi.waitFor(() => expect(okta.counters.token).toBe(1), waitOptions)
    const ended = server.end('SIGTERM')
    const done = await finishing
    expect([done.status, done.headers.location]).toEqual([303, `${publicOrigin}/account`])
    expect(done.headers.connection).toBe('close')
    expect(await ended).toBe(0)
    expect(server.output()).toContain('"stopped"')
    await expect(api(server, '/healthz')).rejects.toThrow()
  })

  it('FT-26 replaced between authorize and callback, it finishes the login and keeps the session', async () => {
    const port = await freePort()
    const folder = await folderFor(port)
    const first = await start(folder, port)
    const browser = new TestBrowser(first)
    const atOkta = await browser.open('/t/acme/okta/start')
    expect(await first.end('SIGTERM')).toBe(0)
    const second = await start(folder, port)
    expect((await browser.click(atOkta, people.ada.name)).url.pathname).toBe('/account')
    expect(await second.end('SIGTERM')).toBe(0)
    await start(folder, port)
    expect((await browser.open('/account')).body).toContain(people.ada.email)
  })

  it("FT-26 killed, it keeps everything it acknowledged: the user, the session, and another's end", async () => {
    const port = await freePort()
    const folder = await folderFor(port)
    expect(await addPerson(folder, pat, secretsOf(okta))).toContain('added pat@mail.test')
    const first = await start(folder, port)
    const [kept, ended] = [await open(first), await open(first)]
    expect((await api(first, '/api/v1/session', { method: 'DELETE' }, ended)).status).toBe(204)
    expect(await first.end('SIGKILL')).toBe('SIGKILL')
    const second = await start(folder, port)
    expect([await statusOf(second, kept), await statusOf(second, ended)]).toEqual([200, 401])
  })

  it('adding the same user again changes nothing', async () => {
    const folder = await folderFor(await freePort())
    await addPerson(folder, pat, secretsOf(okta))
    expect(await addPerson(folder, { ...pat, password: 'another password altogether' }, secretsOf(okta))).toContain(
      'exists',
    )
  })
})

describe('several processes on Redis and PostgreSQL', () => {
  const storage = async () => ({ redis: await sharedRedis(), postgres: await sharedPostgres() })

  it('started at once on an empty database all become ready and share sessions', async () => {
    const kept = await storage()
    const ports = await Promise.all([1, 2, 3, 4].map(() => freePort()))
    const servers = await Promise.all(ports.map(async (port) => start(await folderFor(port, { storage: kept }), port)))
    const [one] = servers
    if (one === undefined) throw new Error('no process')
    await addPerson(folders[0] ?? '', pat, secretsOf(okta))
    const token = await open(one)
    for (const server of servers) expect(await statusOf(server, token)).toBe(200)
    expect((await api(one, '/api/v1/session', { method: 'DELETE' }, token)).status).toBe(204)
    for (const server of servers) expect(await statusOf(server, token)).toBe(401)
  })

  it('SE-12 one callback at two processes at once signs in once', async () => {
    const kept = await storage()
    const ports = await Promise.all([1, 2].map(() => freePort()))
    const [one, other] = await Promise.all(
      ports.map(async (port) => start(await folderFor(port, { storage: kept }), port)),
    )
    if (one === undefined || other === undefined) throw new Error('two processes')
    const callbackAtBoth = async () => {
      const browser = new TestBrowser(one)
      const answer = await browser.click(await atOkta(browser), people.ada.name, `${publicOrigin}/t/`)
      const first = browser.ask(answer.url)
      browser.moveTo(other)
      return Promise.all([first, browser.ask(answer.url)])
    }
    let pages = await callbackAtBoth()
    for (let tries = 1; tries < 5 && pages.some((page) => missedStoreLimit(page, [one, other])); tries += 1)
      pages = await callbackAtBoth()
    const signedIn = pages.filter(({ headers }) => headers['set-cookie']?.join().includes('gatehouse_session='))
    expect(signedIn).toHaveLength(1)
    expect(pages.every(({ status }) => status < 500)).toBe(true)
  })

  it('A6 keeps no session of 50 logins at two processes while another blocks the user', async () => {
    const kept = await storage()
    const ports = await Promise.all([1, 2].map(() => freePort()))
    const servers = await Promise.all(ports.map(async (port) => start(await folderFor(port, { storage: kept }), port)))
    const begun: { readonly browser: TestBrowser; readonly url: URL }[] = []
    for (let count = 0; count < 50; count += 1) {
      const browser = new TestBrowser(servers[count % 2] ?? raise())
      const page = await browser.click(await atOkta(browser), people.ada.name, `${publicOrigin}/t/`)
      begun.push({ browser, url: page.url })
    }
    // the user has to exist to be blocked
    await vi.waitFor(async () => {
      const { browser, url } = begun.shift() ?? raise()
      expect((await browser.ask(url)).status).toBe(303)
    }, waitOptions)
    const operate = (...words: readonly string[]) =>
      vi.waitFor(() => command(folders[0] ?? '', words, secretsOf(okta)), waitOptions)
    const blocking = operate('users', 'block', 'acme', people.ada.email)
    const finishing: ReturnType<TestBrowser['ask']>[] = []
    let isBlocked = false
    blocking.finally(() => {
      isBlocked = true
    })
    for (const { browser, url } of begun) {
      finishing.push(browser.ask(url))
      if (!isBlocked) await sleep(25)
    }
    expect(await blocking).toContain('is blocked')
    const pages = await Promise.all(finishing)
    const others = pages.filter(({ status }) => status !== 303 && status !== 403)
    expect(others.filter((page) => !missedStoreLimit(page, servers)).map(({ status }) => status)).toEqual([])
    for (const { headers } of others) expect(headers['set-cookie']?.join() ?? '').not.toContain('gatehouse_session=')
    expect(await operate('sessions', 'list', '--user', people.ada.email)).toContain('has no sessions')
    for (const { browser } of begun)
      await vi.waitFor(
        async () => expect((await browser.ask('/account')).headers.location).toContain('/login'),
        waitOptions,
      )
  })

  it('FT-26 replaced one by one during logins, no login fails', async () => {
    const kept = await storage()
    const ports = await Promise.all([1, 2].map(() => freePort()))
    const places = await Promise.all(
      ports.map(async (port) => ({ port, folder: await folderFor(port, { storage: kept }) })),
    )
    const [left, right] = await Promise.all(places.map(({ folder, port }) => start(folder, port)))
    if (left === undefined || right === undefined) throw new Error('two processes')
    const people10 = Array.from({ length: 10 }, () => new TestBrowser(left))
    const begun = await Promise.all(people10.map(atOkta))
    for (const browser of people10) browser.moveTo(right)
    const finishing = people10.map(async (browser, at) => {
      let page = await browser.click(begun[at] ?? raise(), people.ada.name)
      for (let tries = 1; tries < 5 && missedStoreLimit(page, [right]); tries += 1)
        page = await browser.click(await atOkta(browser), people.ada.name)
      return page
    })
    expect(await left.end('SIGTERM')).toBe(0)
    const ended = await Promise.all(finishing)
    expect(ended.map(({ url }) => url.pathname)).toEqual(people10.map(() => '/account'))
    const [place] = places
    if (place === undefined) throw new Error('two places')
    const back = await start(place.folder, place.port)
    for (const browser of people10) browser.moveTo(back)
    expect(await right.end('SIGTERM')).toBe(0)
    for (const browser of people10) expect((await browser.open('/account')).status).toBe(200)
  })
})

/** At the upstream, for a login that a click on a person continues. */
const atOkta = (browser: TestBrowser) =>
  vi.waitFor(async () => {
    const page = await browser.open('/t/acme/okta/start')
    expect(page.status).toBe(200) // a stalled machine misses the limits of the stores
    return page
  }, waitOptions)

/**
 * A stalled machine misses the limits of the stores: a fast 503 is right then, and signs no one in.
 */
function missedStoreLimit(
  { status, body }: { readonly status: number; readonly body: string },
  servers: readonly TestGatehouseProcess[],
): boolean {
  const reference = /\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/.exec(body)?.[0]
  const isLogged = (line: string) =>
    (line.includes('"code":"store_unavailable"') && line.includes(`"reference":"${reference}"`)) ||
    // without a trace, the reference is that of the request
    (line.includes('"status":503') && line.includes(`"requestId":"${reference}"`))
  return status === 503 && servers.some((server) => server.output().split('\n').some(isLogged))
}

function raise(): never {
  throw new Error('not begun')
}
