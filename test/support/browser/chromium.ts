/** Real Chromium for tests: one for each worker, which its test files share. */
import { type Browser, chromium } from 'playwright-core'
import { sharedBrowser } from '../servers/servers.ts'

/** Of each action and navigation: long enough for a busy machine. */
const timeout = 90_000

/** A connection with contexts of its own; closing it closes these. */
export async function openBrowser(): Promise<Browser> {
  const browser = await chromium.connect(await sharedBrowser(), { timeout })
  const newContext = browser.newContext.bind(browser)
  // newPage calls it too
  browser.newContext = async (options) => {
    const context = await newContext(options)
    context.setDefaultTimeout(timeout)
    return context
  }
  return browser
}
