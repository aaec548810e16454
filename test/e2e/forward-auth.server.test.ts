/** An unmodified app behind nginx with our example, and a clean quickstart. */
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { formatToken } from '../../src/crypto/token.ts'
import { openBrowser } from '../support/browser/chromium.ts'
import { type Nginx, startNginx } from '../support/servers/nginx.ts'
import { type Quickstart, startQuickstart } from '../support/servers/quickstart.ts'
import { freePort } from '../support/servers/servers.ts'

let quickstart: Quickstart
let browser: Browser
let app: Server
let nginx: Nginx
let values: Readonly<Record<string, string>>
let context: BrowserContext
let page: Page
/** What reached the app, as it came. */
let upstreamRequests: readonly { readonly url: string | undefined; readonly headers: IncomingHttpHeaders }[] = []

beforeAll(async () => {
  ;[quickstart, browser, app] = await Promise.all([startQuickstart(), openBrowser(), startApp()])
  const port = Number(new URL(quickstart.proxy).port)
  const { port: appPort } = app.address() as AddressInfo
  values = {
    '127.0.0.1:4000': `localhost:${new URL(quickstart.gatehouse).port}`,
    '127.0.0.1:4023': `${port}`,
    '127.0.0.1:3000': `127.0.0.1:${appPort}`,
    'http://localhost:4023': quickstart.proxy,
  }
  nginx = await startNginx(port, values)
})
afterAll(async () => {
  await browser?.close()
  await nginx?.stop()
  app?.close()
  await quickstart?.stop()
})
beforeEach(async () => {
  upstreamRequests = []
  context = await browser.newContext()
  page = await context.newPage()
})
afterEach(() => context.close())

function startApp(): Promise<Server> {
  const server = createServer(({ url, headers }, response) => {
    if (url === '/favicon.ico') return response.writeHead(204).end()
    upstreamRequests = [...upstreamRequests, { url, headers }]
    response.setHeader('content-type', 'text/html; charset=utf-8')
    response.end(`<!doctype html><title>App</title><h1>Behind the door</h1><p>${headers['x-auth-name']}</p>`)
  })
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)))
}

async function signIn(address = `${quickstart.proxy}/reports?year=2026&all=1`): Promise<void> {
  await page.goto(address)
  await page.waitForURL(`${quickstart.gatehouse}/login**`)
  await page.getByRole('link', { name: /okta/i }).click()
  await page.getByText('ada@okta.example').first().click()
  await page.waitForURL(address)
}

/** As any program asks, with the browser's cookies when it is told to. */
async function ask(path: string, headers: Record<string, string> = {}, method = 'GET', signedIn = false, at?: number) {
  const cookies = signedIn ? await context.cookies(quickstart.proxy) : []
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
  return new Promise<{ status: number | undefined; location: string | undefined }>((done, failed) => {
    const port = at ?? new URL(quickstart.proxy).port
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        headers: { host: new URL(quickstart.proxy).host, ...headers, ...(cookie !== '' && { cookie }) },
        agent: false,
      },
      (answer) => {
        answer.resume()
        done({ status: answer.statusCode, location: answer.headers.location })
      },
    )
    asked.once('error', failed)
    asked.end()
  })
}

const spoofed = {
  'X-Auth-User': 'root',
  'X-Auth-Email': 'root@acme.test',
  'X-Auth-Groups': 'admins',
  'X-Auth-Roles': 'admin',
  'X-Auth-Tenant': 'other',
  'x-auth-session': 'mine',
  X_Auth_User: 'root',
}

it('LK-02 a page of ours opened with a token leaves it in no history, Referer or further request', async () => {
  const token = formatToken('gth_s_', Buffer.alloc(32, 1))
  await signIn()
  const sent: string[] = []
  page.on('request', (request) => void sent.push(`${request.url()} ${request.headers()['referer'] ?? ''}`))
  await page.goto(`${quickstart.gatehouse}/account?token=${token}#sessions`)
  expect(page.url()).toBe(`${quickstart.gatehouse}/account#sessions`)
  expect(await page.evaluate(() => document.referrer)).toBe('')
  await page.goto(`${quickstart.gatehouse}/api`)
  await page.goBack()
  expect(page.url()).not.toContain(token)
  const [first, ...others] = sent
  expect(first).toContain(token)
  expect(others.length).toBeGreaterThan(2)
  expect(others.filter((each) => each.includes(token))).toEqual([])
})

describe('an app behind nginx', () => {
  it("is reached after sign-in at the requested URL with the user's headers", async () => {
    await signIn()
    expect(await page.getByRole('heading').innerText()).toBe('Behind the door')
    expect(upstreamRequests.at(-1)).toMatchObject({
      url: '/reports?year=2026&all=1',
      headers: {
        'x-auth-email': 'ada@okta.example',
        'x-auth-email-verified': 'true',
        'x-auth-name': 'Ada Lovelace',
        'x-auth-groups': 'Everyone,Analysts',
        'x-auth-tenant': 'demo',
        'x-auth-user': expect.any(String),
        'x-auth-session': expect.any(String),
        'x-auth-token': expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      },
    })
    await page.goto(`${quickstart.proxy}/other`)
    expect(await page.getByText('Ada Lovelace').count()).toBe(1)
  })

  it('FW-01 receives no spoofed headers: they are overwritten or removed', async () => {
    await signIn()
    expect((await ask('/x', spoofed, 'GET', true)).status).toBe(200)
    const headers = upstreamRequests.at(-1)?.headers ?? {}
    expect(headers).toMatchObject({ 'x-auth-email': 'ada@okta.example', 'x-auth-tenant': 'demo' })
    expect(headers['x-auth-roles'], 'she has none').toBeUndefined()
    expect(JSON.stringify(headers)).not.toMatch(/root|admin|mine/)
  })

  it('receives its own cookies without the session cookie', async () => {
    await context.addCookies([{ name: 'before', value: '1', url: quickstart.proxy }])
    await signIn()
    await context.addCookies([{ name: 'theirs', value: '2', url: quickstart.proxy }])
    await page.goto(`${quickstart.proxy}/cookies`)
    const { cookie = '' } = upstreamRequests.find(({ url }) => url === '/cookies')?.headers ?? {}
    expect(cookie).toContain('before=1')
    expect(cookie).toContain('theirs=2')
    expect(cookie).not.toContain('gatehouse_session')
  })

  it.each(['; ', ';', ' ;  '])('gets none of our cookies separated by "%s"', async (between) => {
    await signIn()
    const kept = (await context.cookies(quickstart.proxy)).filter(({ name }) => name.startsWith('gatehouse_'))
    const ours = kept.map(({ name, value }) => `${name}=${value}`)
    const more = ['__Host-gatehouse_device=k', 'gatehouse_browser=b', 'gatehouse_login_0=l', 'theme=gatehouse_dark']
    const cookie = ['a=1', ...ours, 'b="2 3"', ...more].join(between)
    expect((await ask('/x', { cookie })).status).toBe(200)
    expect(upstreamRequests.at(-1)?.headers.cookie).toBe('a=1; b="2 3"; theme=gatehouse_dark')
    expect((await ask('/x', { cookie: ours.join(between) })).status).toBe(200)
    expect(upstreamRequests.at(-1)?.headers.cookie).toBeUndefined()
  })

  it('is protected: a browser is redirected to sign in; a script, a form and a forged header get 401', async () => {
    expect((await ask('/x', { ...spoofed, accept: 'application/json' })).status).toBe(401)
    expect((await ask('/x', { accept: 'text/html' }, 'POST')).status).toBe(401)
    expect((await ask('/x', { accept: 'text/html', 'x-http-method-override': 'GET' }, 'POST')).status).toBe(401)
    const browsing = await ask('/x?a=1&b=2', { accept: 'text/html' })
    expect(browsing.status).toBe(302)
    expect(new URL(browsing.location ?? '').origin).toBe(quickstart.gatehouse)
    expect(upstreamRequests).toEqual([])
  })

  it('SE-07 gets a write with a cookie from its own pages only', async () => {
    await signIn()
    upstreamRequests = []
    const post = async (headers: Record<string, string>) => (await ask('/x', headers, 'POST', true)).status
    expect(await post({ origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await post({ origin: 'https://evil.test', 'x-forwarded-method': 'GET' })).toBe(403)
    expect(upstreamRequests).toEqual([])
    expect(await post({ origin: quickstart.proxy })).toBe(200)
    expect(await page.evaluate(async () => (await fetch('/x', { method: 'POST' })).status)).toBe(200)
  })

  it.each([
    '//x',
    '/%2f',
    '/x;y',
    '/x/../y',
    '/_gatehouse',
    '/_gatehouse?tenant=demo',
    '/_gatehouse/',
    '/%5fgatehouse',
  ])('FW-01 is not reached by a manipulated path: %s', async (path) => {
    expect([401, 404]).toContain((await ask(path, { accept: 'application/json' })).status)
    expect(upstreamRequests).toEqual([])
  })

  it('OP-27 a client cannot redirect the sign-in elsewhere by proxy headers', async () => {
    const lies = { 'x-forwarded-host': 'evil.test', 'x-forwarded-uri': '//evil.test', 'x-forwarded-proto': 'https' }
    const { location = '' } = await ask('/x', { accept: 'text/html', ...lies })
    expect(new URL(location).searchParams.get('return_to')).toBe(`${quickstart.proxy}/x`)
    // its cookie would not come
    expect((await ask('/x', { accept: 'text/html', host: 'evil.test' })).status).toBe(500)
  })

  it('is protected again right after sign-out', async () => {
    await signIn()
    await page.goto(`${quickstart.gatehouse}/account`)
    expect((await ask('/x', {}, 'GET', true)).status).toBe(200)
    const cookies = await context.cookies(quickstart.proxy)
    await page.getByRole('button', { name: /your menu$/ }).click()
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.waitForURL(/\/login/)
    await context.addCookies(cookies) // somebody kept a copy
    expect((await ask('/x', {}, 'GET', true)).status).toBe(401)
    await page.goto(`${quickstart.proxy}/x`)
    await page.waitForURL(`${quickstart.gatehouse}/login**`)
  })

  it('admits members of a group if configured, and denies all if the configuration is invalid', async () => {
    await signIn()
    expect(await statusBehind('tenant=demo&group=Analysts')).toBe(200)
    expect(await statusBehind('tenant=demo&group=admins')).toBe(403)
    expect(await statusBehind('tenant=demo&groups=Analysts')).toBe(500)
  })
})

/** What she gets of an app behind an nginx that asks Gatehouse this. */
async function statusBehind(question: string): Promise<number | undefined> {
  const port = await freePort()
  const other = await startNginx(port, { ...values, '127.0.0.1:4023': `${port}`, 'tenant=demo': question })
  try {
    return (await ask('/x', {}, 'GET', true, port)).status
  } finally {
    await other.stop()
  }
}
