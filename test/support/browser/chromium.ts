/** Real Chromium for tests: one for each worker, which its test files share. */
import { type Browser, chromium } from 'playwright-core'
import { sharedBrowser } from '../servers/servers.ts'

/** A connection with contexts of its own; closing it closes these. */
export async function openBrowser(): Promise<Browser> {
  return chromium.connect(await sharedBrowser())
}
