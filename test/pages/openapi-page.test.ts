/** The page about the API, as served, in real Chromium. */
import { readFileSync } from 'node:fs'
import type { AxeResults } from 'axe-core'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { errorTable } from '../../src/errors.ts'
import { apiRoutes } from '../../src/web/api/openapi/openapi.ts'
import { templateOf } from '../../src/web/api/route.ts'
import { openBrowser } from '../support/browser/chromium.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'

const axe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
/** Where to leave pictures for human eyes; none are taken unless it is set. */
const pictures = process.env['PAGE_PICTURES']

let server: TestGatehouse
let browser: Browser
beforeAll(async () => {
  server = await startTestGatehouse()
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

describe('the page /api', () => {
  it('shows all operations and problems without scripts, with working links', async () => {
    const page = await (await fetch(`http://127.0.0.1:${server.port}/api`)).text()
    const text = page.replace(/<[^>]*>/g, '')
    for (const { id, method, path } of apiRoutes) {
      expect(page).toContain(`<article class="operation" id="${id}">`)
      expect(text).toContain(`${method.toUpperCase()} ${templateOf(path)}`)
    }
    for (const code of Object.keys(errorTable)) expect(page).toContain(`<tr id="${code}">`)
    const places = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(places).size).toBe(places.length)
    for (const [, place] of page.matchAll(/ href="#([^"]+)"/g)) expect(places).toContain(place)
    expect(page).not.toMatch(/<script(?! src="\/static\/)|\bon\w+=|style=/)
  })

  it('passes axe and never scrolls sideways, on a light phone and a dark screen', async () => {
    const page = await browser.newPage({ reducedMotion: 'reduce' })
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    await page.goto(`http://127.0.0.1:${server.port}/api`)
    await page.evaluate(axe)
    // a large page: each width and each scheme once
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
      if (pictures !== undefined)
        await page.screenshot({
          path: `${pictures}/api-${colorScheme}-${width}.png`,
          clip: { x: 0, y: 1200, width, height: 1300 },
          fullPage: true,
        })
    }
    expect(complaints).toEqual([])
    await page.close()
  })
})
