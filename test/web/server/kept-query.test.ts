/** Queries of addresses that redirect, and what the sign-in page ignores of its own. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { oktaFor } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse({ okta: await oktaFor() })
})
afterAll(() => server.stop())

it.each([
  ['/device', '/oauth2/device'],
  ['/device?user_code=ABCD-EFGH', '/oauth2/device?user_code=ABCD-EFGH'],
  ['/developer/apps/a1/secrets?tab=a?b&c=d', '/developer/apps/a1/credentials?tab=a?b&c=d'],
])('%s redirects to %s', async (path, target) => {
  const { status, headers } = await new TestBrowser(server).ask(path)
  expect([status, headers.location]).toEqual([303, target])
})

it.each([
  `reference=${'x'.repeat(17)}`,
  `connection=${'x'.repeat(65)}`,
  'reference=1&reference=2',
  `notice=canceled&reference=${'x'.repeat(17)}&connection=${'x'.repeat(65)}`,
])('the sign-in page ignores %s', async (query) => {
  expect((await new TestBrowser(server).ask(`/login?tenant=acme&${query}`)).status).toBe(200)
})
