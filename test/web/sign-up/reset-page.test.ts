/** The page behind the link of a password reset. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { password, tokenFor } from '../../support/gatehouse/connections.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { linkIn } from '../../support/providers/email-tenants.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startTestGatehouse()
})
afterAll(() => server.stop())

it('refuses the current password, and its link still works', async () => {
  const email = 'same@mail.test'
  await tokenFor(server, email)
  const browser = new TestBrowser(server)
  await browser.submit(await browser.open('/forgot?tenant=acme'), '/forgot', { email })
  const link = linkIn((await server.mail(email)).text)
  const refused = await browser.submit(await browser.open(link), link.pathname, { password })
  expect(refused.status).toBe(422)
  expect(refused.body).toContain("Choose a password you haven't used here.")
  const done = await browser.submit(refused, link.pathname, { password: 'purple monkey dishwasher 42' })
  expect(done.url.pathname).toBe('/account')
})
