/** What every page has to stand, whoever shows it. */
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const axe = readFileSync(new URL('../../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')

/** All rules in light; in dark, those whose result depends on colors: the others cannot differ. */
export function axeOptions(scheme: 'light' | 'dark') {
  const colorRules = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }
  return { resultTypes: ['violations'], ...(scheme === 'dark' && { runOnly: colorRules }) }
}

/** A folder for screenshots, when someone wants to look. */
const pictures = process.env['PAGE_PICTURES']

/** axe finds nothing and nothing scrolls sideways, light and dark, at 360 and 1440 px. */
export async function inspectPage(page: Page, name: string): Promise<void> {
  await page.waitForLoadState()
  await page.evaluate(axe)
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [360, 1440]) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: 900 })
      const found = await page.evaluate(async (options) => {
        const { violations } = await (
          globalThis as unknown as {
            axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
          }
        ).axe.run(options)
        const { scrollWidth, clientWidth } = document.documentElement
        return {
          violations: violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
          sideways: scrollWidth > clientWidth,
        }
      }, axeOptions(colorScheme))
      if (pictures !== undefined)
        await page.screenshot({ path: `${pictures}/${name}-${colorScheme}-${width}.png`, fullPage: true })
      expect(found, `${name}, ${colorScheme}, ${width} px`).toEqual({ violations: [], sideways: false })
    }
}
