/** What every page has to stand, whoever shows it. */
import { readFileSync } from 'node:fs'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

/** As an init script it takes less time than if each page is told to evaluate it. */
export const axeScript = readFileSync(new URL('../../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')

declare const axe: { run(options: object): Promise<AxeResults> }

/** Ends on a wide light screen; of two in a row, one of width and scheme is the same. */
const looks = [
  { width: 360, colorScheme: 'light' },
  { width: 360, colorScheme: 'dark' },
  { width: 1440, colorScheme: 'dark' },
  { width: 1440, colorScheme: 'light' },
] as const

/** All rules in light; in dark, those whose result depends on colors: the others cannot differ. */
function axeOptions(scheme: 'light' | 'dark') {
  const colorRules = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] }
  return { resultTypes: ['violations'], ...(scheme === 'dark' && { runOnly: colorRules }) }
}

/** A folder for screenshots, when someone wants to look. */
const pictures = process.env['PAGE_PICTURES']

/** axe finds nothing and nothing scrolls sideways, light and dark, at 360 and 1440 px. */
export async function inspectPage(page: Page, name: string): Promise<void> {
  await page.waitForLoadState()
  if (await page.evaluate('typeof axe === "undefined"')) await page.evaluate(axeScript)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  for (const { width, colorScheme } of looks) {
    if (page.viewportSize()?.width !== width) await page.setViewportSize({ width, height: 900 })
    await page.emulateMedia({ colorScheme })
    const found = await page.evaluate(faultsIn, axeOptions(colorScheme))
    if (pictures !== undefined)
      await page.screenshot({ path: `${pictures}/${name}-${colorScheme}-${width}.png`, fullPage: true })
    expect(found, `${name}, ${colorScheme}, ${width} px`).toEqual({ violations: [], scrollWidth: width })
  }
}

/** Runs in the page. All results of axe would take longer to send than to find. */
async function faultsIn(options: object) {
  const { violations } = await axe.run(options)
  return {
    violations: violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`),
    scrollWidth: document.documentElement.scrollWidth,
  }
}
