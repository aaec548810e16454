/** Tests of pages in Chromium: accessible, and never wider than the screen. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../browser/chromium.ts'
import { axeScript, inspectPage } from '../browser/inspect.ts'
import { type PageServer, servePages } from './page-server.ts'

/** Where to leave a picture of every page for human eyes; none are taken unless it is set. */
const pictures = process.env['PAGE_PICTURES']

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
  let pageWithAxe: Page

  beforeAll(async () => {
    server = await servePages({ ...pages, ...longPages })
    browser = await openBrowser()
    page = await browser.newPage({ reducedMotion: 'reduce' })
    pageWithAxe = await browser.newPage()
    await pageWithAxe.addInitScript(axeScript)
  })

  afterAll(async () => {
    await browser?.close()
    server?.close()
  })

  describe('in Chromium at 360 and 1440 px, light and dark', () => {
    it.each(Object.keys(pages))('the page %s passes axe and never scrolls sideways', async (name) => {
      await pageWithAxe.goto(`${server.url}/${name}`)
      await inspectPage(pageWithAxe, name)
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
