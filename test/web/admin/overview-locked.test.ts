/** `/admin` while another program locks the embedded file. */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { operatorOf, startWithAdministrators } from '../../support/gatehouse/administrators.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

const wait = { timeout: 10_000, interval: 100 }

let server: TestGatehouse
beforeAll(async () => {
  server = await startWithAdministrators()
})
afterAll(() => server?.stop())

it('FT-15 the overview names the locked file, since when, and the fix, and recovers', async () => {
  const browser = await operatorOf(server)
  expect((await browser.ask('/admin')).body).toContain('All healthy')
  const other = new DatabaseSync(join(server.folder, 'gatehouse.db'))
  other.exec('begin immediate')
  try {
    await vi.waitFor(async () => {
      const page = await browser.ask('/admin')
      expect(page.status).toBe(200)
      expect(page.body).toContain('The embedded file is unavailable')
      expect(page.body).toContain('another process writes to the embedded file and does not finish')
      expect(page.body).toContain('Who can fix it: operator · since')
    }, wait)
  } finally {
    other.exec('rollback')
    other.close()
  }
  await vi.waitFor(async () => expect((await browser.ask('/admin')).body).toContain('All healthy'), wait)
})
