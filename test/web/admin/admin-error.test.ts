/** Errors below `/admin`: in the frame for administrators, the usual page for all others. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import { adminOf, operatorOf, startWithAdministrators } from '../../support/gatehouse/administrators.ts'
import { browserOf } from '../../support/gatehouse/connections.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startWithAdministrators()
})
afterAll(() => server?.stop())

it.each([
  ['/admin/users/unknown', 'Back to Users', '/admin/users'],
  ['/admin/connections/acme/unknown', 'Back to Connections', '/admin/connections'],
  ['/admin/apps/unknown', 'Back to Apps', '/admin/apps'],
  ['/admin/unknown', 'Back to Overview', '/admin'],
])('an administrator keeps the navigation on the 404 of %s', async (path, label, href) => {
  const page = await (await adminOf(server)).open(path)
  expect(page.status).toBe(404)
  expect(page.body).toContain('aria-label="Admin"')
  expect(page.body).toContain('role="alert"')
  expect(page.body).toContain(`href="${href}">${label}</a>`)
  expect(page.body).not.toContain('sign-in page')
})

it('SE-09 the page of an unknown tenant and that of another tenant are the same', async () => {
  const admin = await adminOf(server)
  const [other, unknown] = [await admin.open('/admin/users?tenant=beta'), await admin.open('/admin/users?tenant=none')]
  expect([other.status, other.body]).toEqual([404, unknown.body])
})

it('a refused request of an operator stays in the frame', async () => {
  const page = await (await operatorOf(server)).open('/admin/users?email=a&email=b')
  expect(page.status).toBe(400)
  expect(page.body).toContain('Back to Users')
})

it('visitors and members get the usual page', async () => {
  for (const browser of [new TestBrowser(server), await browserOf(server, 'member@mail.test')]) {
    const page = await browser.open('/admin/unknown')
    expect([page.status, page.body.includes('aria-label="Admin"')]).toEqual([404, false])
  }
})
