/** Admin pages that update by themselves, in Chromium under the real policy. */
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { adminLiveScript } from '../../src/pages/assets.ts'
import { openBrowser } from '../support/browser/chromium.ts'

const policy =
  "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
const soon = { timeout: 60_000, interval: 20 }

let browser: Browser
let page: Page
let server: Server
let followers: ServerResponse[] = []
let asked: string[] = []
let live = ''
let isRefused = false
let pagesDue = Promise.resolve()
const change = () => {
  for (const follower of followers) follower.write('event: change\ndata:\n\n')
}

const document = (content: string) =>
  `<!doctype html><title>Test</title><script src="${adminLiveScript.path}" type="module"></script><main><p id="outside">outside</p><section id="status" data-live>${content}</section></main>`

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '')
    response.setHeader('content-security-policy', policy)
    if (request.url === adminLiveScript.path)
      return response.setHeader('content-type', adminLiveScript.type).end(adminLiveScript.content)
    if (!request.url?.startsWith('/admin/events'))
      return void pagesDue.then(() => response.setHeader('content-type', 'text/html').end(document(live)))
    if (isRefused) return response.writeHead(503).end()
    response.setHeader('content-type', 'text/event-stream')
    response.write('retry: 100\n\nevent: change\ndata:\n\n')
    followers.push(response)
    response.once('close', () => {
      followers = followers.filter((each) => each !== response)
    })
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  browser = await openBrowser()
  page = await browser.newPage()
})
afterAll(async () => {
  await browser?.close()
  server?.closeAllConnections()
  server?.close()
})
beforeEach(() => {
  asked = []
})

async function show(content: string, query = ''): Promise<void> {
  live = content
  await page.goto('about:blank')
  await vi.waitFor(() => expect(followers).toHaveLength(0), soon)
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/admin${query}`)
  // the first event after the page
  await vi.waitFor(() => expect(asked.filter((path) => path === `/admin${query}`)).toHaveLength(2), soon)
  await vi.waitFor(() => expect(followers).toHaveLength(1), soon)
}

const text = () => page.textContent('#status')
const becomes = (expected: string) => vi.waitFor(async () => expect(await text()).toBe(expected), soon)

it('a change replaces the live region and nothing else', async () => {
  await show('healthy')
  await page.evaluate('document.getElementById("outside").textContent = "untouched"')
  live = 'Redis is unavailable'
  change()
  await becomes('Redis is unavailable')
  expect(await page.textContent('#outside')).toBe('untouched')
})

it('follows the tenant of the page', async () => {
  await show('healthy', '?tenant=acme&since=1')
  expect(asked).toContain('/admin/events?tenant=acme')
})

it('keeps the focus, and details that are open', async () => {
  await show('<details><summary>Table</summary>1</details><a href="/x">link</a>')
  await page.click('summary')
  await page.focus('#status a')
  live = '<details><summary>Table</summary>2</details><a href="/x">link</a>'
  change()
  await becomes('Table2link')
  expect(await page.evaluate('document.querySelector("details").open')).toBe(true)
  expect(await page.evaluate('document.activeElement.textContent')).toBe('link')
})

it('keeps what the reader types', async () => {
  await show('<input value="">1')
  await page.fill('input', 'half a word')
  live = '<input value="">2'
  change()
  await vi.waitFor(() => expect(asked.filter((path) => path === '/admin')).toHaveLength(3), soon)
  expect(await page.inputValue('input')).toBe('half a word')
})

it('catches up once it is connected again', async () => {
  await show('before')
  live = 'after'
  for (const follower of followers) follower.destroy()
  await becomes('after')
  expect(asked.filter((path) => path === '/admin/events')).toHaveLength(2)
})

const notice = () => page.textContent('main > [role=status]', { timeout: soon.timeout })

it('says so while the server refuses to update it, and tries again after half a minute', async () => {
  await page.clock.install()
  await show('before')
  isRefused = true
  for (const follower of followers) follower.destroy()
  expect(await notice()).toContain('does not update by itself')
  isRefused = false
  live = 'after'
  await page.clock.fastForward(30_000)
  await becomes('after')
  expect(await page.locator('[role=status]').count()).toBe(0)
})

it('says so once a newer page of the same reader takes its place, and leaves it there', async () => {
  await show('before')
  for (const follower of followers) follower.end('event: full\ndata:\n\n')
  expect(await notice()).toContain('does not update by itself')
  expect(await page.evaluate('new Promise((done) => setTimeout(done, 300))')).toBeUndefined()
  expect(asked.filter((path) => path === '/admin/events')).toHaveLength(1)
})

it('says so, even if it was reading a change then', async () => {
  await show('before')
  const { promise, resolve } = Promise.withResolvers<void>()
  pagesDue = promise
  change()
  await vi.waitFor(() => expect(asked.filter((path) => path === '/admin')).toHaveLength(3), soon)
  for (const follower of followers) follower.end('event: full\ndata:\n\n')
  await notice()
  live = 'after'
  resolve()
  await becomes('after')
  expect(await page.locator('main > [role=status]').count()).toBe(1)
})

it('a hidden page follows nothing, and catches up when it is shown', async () => {
  await show('before')
  const hide = (isHidden: boolean) =>
    page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))`)
  await hide(true)
  await vi.waitFor(() => expect(followers).toHaveLength(0), soon)
  live = 'after'
  await hide(false)
  await becomes('after')
  expect(followers).toHaveLength(1)
})
