/** Tests of pages in Chromium: accessible, and never wider than the screen. */
import { readFileSync } from 'node:fs'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../browser/chromium.ts'
import { axeOptions } from '../browser/inspect.ts'
import { type PageServer, servePages } from './page-server.ts'

const axe = readFileSync(new URL('../../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
/** Where to leave a picture of every page for human eyes; none are taken unless it is set. */
const pictures = process.env['PAGE_PICTURES']
const looks = [360, 1440].flatMap((width) => (['light', 'dark'] as const).map((scheme) => ({ width, scheme })))

export interface LookedAt {
  /** By name. @param long in place of names that users choose */
  readonly samples: (long?: () => string) => Readonly<Record<string, string>>
  /** The page whose buttons and fields are measured. */
  readonly form: string
}

export function describeLooks({ samples, form }: LookedAt): void {
  const pages = samples()
  const longPages = Object.fromEntries(
    Object.entries(samples(() => 'Donaudampfschifffahrt'.repeat(12))).map(([name, html]) => [`long-${name}`, html]),
  )
  let browser: Browser
  let server: PageServer
  let page: Page

  beforeAll(async () => {
    server = await servePages({ ...pages, ...longPages })
    browser = await openBrowser()
    page = await browser.newPage({ reducedMotion: 'reduce' })
  })

  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  async function faults(scheme: 'light' | 'dark'): Promise<readonly string[]> {
    const results = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify(axeOptions(scheme))})`)
    return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`)
  }

  describe('in Chromium at 360 and 1440 px, light and dark', () => {
    it.each(Object.keys(pages))('the page %s passes axe and never scrolls sideways', async (name) => {
      await page.goto(`${server.url}/${name}`)
      await page.evaluate(axe)
      for (const { width, scheme } of looks) {
        await page.setViewportSize({ width, height: 800 })
        await page.emulateMedia({ colorScheme: scheme })
        const look = `${name} ${width} ${scheme}`
        expect(await faults(scheme), look).toEqual([])
        expect(await page.evaluate('document.documentElement.scrollWidth'), look).toBe(width)
        if (pictures !== undefined)
          await page.screenshot({ path: `${pictures}/${name}-${scheme}-${width}.png`, fullPage: true })
      }
    })

    it.each(Object.keys(longPages))('a long word anywhere causes no horizontal scrolling: %s', async (name) => {
      await page.setViewportSize({ width: 360, height: 800 })
      await page.goto(`${server.url}/${name}`)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    })

    it.each(Object.entries(pages).flatMap(([name, html]) => (/class="(?:records|timeline)/.test(html) ? [name] : [])))(
      'the list on the page %s is no wider than its card',
      async (name) => {
        await page.goto(`${server.url}/${name}`)
        for (const width of [360, 768, 1280]) {
          await page.setViewportSize({ width, height: 800 })
          const hidden = await page.evaluate<number[]>(
            '[...document.querySelectorAll(".records, .timeline")].map(({ parentElement: box }) => box.scrollWidth - box.clientWidth)',
          )
          expect(new Set(hidden), `${name} ${width}`).toEqual(new Set([0]))
          if (pictures !== undefined)
            await page.screenshot({ path: `${pictures}/${name}-${width}.png`, fullPage: true })
        }
      },
    )

    it('buttons and fields are at least 44 px high', async () => {
      await page.setViewportSize({ width: 360, height: 800 })
      await page.goto(`${server.url}/${form}`)
      const heights = await page.evaluate<number[]>(
        '[...document.querySelectorAll("button, .button, .choice, input[type=text], textarea")].filter((each) => each.checkVisibility()).map((each) => each.offsetHeight)',
      )
      expect(Math.min(...heights)).toBeGreaterThanOrEqual(44)
    })
  })
}
