/** The pages about the API, as served, in real Chromium. */
import { readFileSync } from 'node:fs'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorTable } from '../../src/errors.ts'
import { apiRoutes, apiSections } from '../../src/web/api/openapi/openapi.ts'
import { anchorOf } from '../../src/web/api/reference/anchors.ts'
import { templateOf } from '../../src/web/api/route.ts'
import { openBrowser } from '../support/browser/chromium.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

const axe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
/** Where to leave pictures for human eyes; none are taken unless it is set. */
const pictures = process.env['PAGE_PICTURES']
const paths = ['/api', ...apiSections.map(({ id }) => `/api/${id}`), '/api/errors']

let server: TestGatehouse
let browser: Browser
const pages = new Map<string, string>()
beforeAll(async () => {
  server = await startTestGatehouse()
  browser = await openBrowser()
  for (const path of paths) pages.set(path, await (await fetch(address(path))).text())
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

const address = (path: string) => `http://127.0.0.1:${server.port}${path}`
const idsOf = (html: string) => [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)

describe('the pages about the API', () => {
  it('show all operations and problems without scripts, each at the place of its method and path', () => {
    for (const { id, routes } of apiSections) {
      const html = pages.get(`/api/${id}`) ?? ''
      const text = html.replace(/<[^>]*>/g, '')
      for (const { method, path } of routes) {
        const place = `${method}-${path.slice('/api/v1/'.length).replace(/\/:?/g, '-')}`
        expect(html).toContain(`<article class="operation" id="${place}">`)
        expect(text).toContain(`${method.toUpperCase()} ${templateOf(path)}`)
      }
    }
    for (const code of Object.keys(errorTable)) expect(pages.get('/api/errors')).toContain(`<tr id="${code}">`)
  })

  it('list all operations on the first page', () => {
    const targets = [...(pages.get('/api') ?? '').matchAll(/ href="\/api\/([^"]+#[^"]+)"/g)].map(([, target]) => target)
    expect(targets).toEqual(apiSections.flatMap(({ id, routes }) => routes.map((route) => `${id}#${anchorOf(route)}`)))
    expect(targets).toHaveLength(apiRoutes.length)
  })

  it.each(paths)('%s has working links, ids that are there once, and no inline script or style', (path) => {
    const html = pages.get(path) ?? ''
    const places = idsOf(html)
    expect(new Set(places).size).toBe(places.length)
    const links = [...html.matchAll(/ href="((?:\/api(?!\/v1)[^"#]*)?)(?:#([^"]+))?"/g)]
    expect(links.length).toBeGreaterThan(paths.length)
    for (const [, page = '', place] of links) {
      const target = pages.get(page || path)
      expect(target, page).toBeDefined()
      if (place !== undefined) expect(idsOf(target ?? ''), page).toContain(place)
    }
    expect(html).not.toMatch(/<script(?! src="\/static\/)|\bon\w+=|style=/)
  })

  it('answers 404 for an unknown section', async () => {
    expect((await fetch(address('/api/nowhere'))).status).toBe(404)
  })

  it.each(['/api', '/api/sessions', '/api/errors'])(
    '%s passes axe and never scrolls sideways, on a light phone and a dark screen',
    async (path) => {
      const page = await browser.newPage({ reducedMotion: 'reduce' })
      const complaints: string[] = []
      page.on('console', (message) => complaints.push(message.text()))
      await page.goto(address(path))
      await page.evaluate(axe)
      for (const [width, colorScheme] of [
        [360, 'light'],
        [1440, 'dark'],
      ] as const) {
        await page.setViewportSize({ width, height: 800 })
        await page.emulateMedia({ colorScheme })
        const results = await page.evaluate<AxeResults>('axe.run({ resultTypes: ["violations"] })')
        const faults = results.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)
        expect([width, colorScheme, faults]).toEqual([width, colorScheme, []])
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
        const hidden = '(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)'
        const table = `[...document.querySelectorAll(".sample:has(table)")].map${hidden}`
        expect(await page.evaluate(table)).toEqual(path === '/api/errors' ? [0] : [])
        await takePicture(page, `${path.slice(1).replace('/', '-')}-${colorScheme}-${width}`)
      }
      expect(complaints).toEqual([])
      await page.close()
    },
  )

  it('unfolds the sections on a phone with a button that stays in view', async () => {
    const page = await browser.newPage({ viewport: { width: 360, height: 800 }, reducedMotion: 'reduce' })
    await page.goto(address('/api/sessions#delete-sessions-id'))
    const users = page.getByRole('link', { name: 'Users of the calling app' })
    expect(await users.isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Sections' }).click()
    await takePicture(page, 'api-menu-360')
    await users.click()
    await page.waitForURL(address('/api/app-users'))
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Users of the calling app')
    await page.close()
  })

  it('filters the operations by name and path', async () => {
    const page = await browser.newPage({ reducedMotion: 'reduce' })
    await page.goto(address('/api'))
    const shown = page.locator('.api-operations li:visible')
    await page.getByLabel('Filter operations').fill('/api/v1/user/recovery-codes')
    expect(await shown.allInnerTexts()).toEqual([expect.stringContaining('Create recovery codes')])
    expect(await page.getByRole('status').innerText()).toBe(`1 of ${apiRoutes.length} operations`)
    for (const half of ['/ap', 'GET /api/v1']) {
      await page.getByLabel('Filter operations').fill(half)
      expect(await shown.count()).toBeGreaterThan(20)
    }
    await page.getByLabel('Filter operations').fill('delete session')
    expect(await shown.allInnerTexts()).toContainEqual(expect.stringContaining('End a session of the user'))
    await page.close()
  })
})

async function takePicture(page: Page, name: string): Promise<void> {
  if (pictures !== undefined) await page.screenshot({ path: `${pictures}/${name}.png` })
}
