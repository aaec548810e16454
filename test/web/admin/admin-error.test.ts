/** Errors below `/admin`: in the frame for administrators, the usual page for all others. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { linkOn, TestBrowser } from '../../support/browser/test-browser.ts'
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

it('a member reads who is signed in and which role is missing, and can sign in as another user', async () => {
  const page = await (await browserOf(server, 'member@mail.test')).open('/admin')
  expect(page.status).toBe(403)
  expect(page.body).toContain('You are signed in as member@mail.test. This needs the role admin or operator.')
  expect(page.body).toContain('An admin of your organization or an operator can assign it.')
  expect(linkOn(page, 'Back to your account')).toBe('/account')
  const other = linkOn(page, 'Sign in with another account')
  expect(other).toBe('/login?tenant=acme&return_to=%2Fadmin&prompt=login')
  expect((await (await browserOf(server, 'member@mail.test')).open(other)).body).toContain('name="email"')
})

it('an admin reads the same in the frame of a page of operators', async () => {
  const page = await (await adminOf(server)).open('/admin/keys')
  expect([page.status, page.body.includes('aria-label="Admin"')]).toEqual([403, true])
  expect(page.body).toMatch(/You are signed in as \S+\. This needs the role operator\. An operator can assign it\./)
  expect(linkOn(page, 'Sign in with another account')).toContain('return_to=%2Fadmin%2Fkeys')
})

it('a page without permission leaves a trace of its user, which is no failed sign-in', async () => {
  const page = await (await browserOf(server, 'traced@mail.test')).open('/admin')
  const reference = /[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(page.body)?.[0] ?? ''
  const { traces } = server.core.parts
  await expect
    .poll(async () => await traces.find(reference))
    .toMatchObject({ tenant: 'acme', code: 'permission_refused' })
  const trace = await traces.find(reference)
  expect(trace?.userId).toBeDefined()
  const listed = await (await operatorOf(server)).open('/admin/sign-ins?outcome=refused')
  expect(listed.status).toBe(200)
  expect(listed.body).not.toContain(reference)
})

it('visitors and members get the usual page', async () => {
  for (const browser of [new TestBrowser(server), await browserOf(server, 'member@mail.test')]) {
    const page = await browser.open('/admin/unknown')
    expect([page.status, page.body.includes('aria-label="Admin"')]).toEqual([404, false])
  }
})
