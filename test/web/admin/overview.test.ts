/** `/admin`: who sees what of the deployment. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { TestBrowser } from '../../support/browser/test-browser.ts'
import {
  adminOf,
  operatorOf,
  operatorTokenOf,
  startWithAdministrators,
} from '../../support/gatehouse/administrators.ts'
import { api, browserOf, tokenFor } from '../../support/gatehouse/connections.ts'
import { type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startWithAdministrators()
})
afterAll(() => server?.stop())

const overview = async (token: string, query = '') => {
  const page = await api(server, `/api/v1/admin/overview${query}`, {}, token)
  return { status: page.status, body: JSON.parse(page.body) }
}

it('an operator sees the deployment', async () => {
  const page = await (await operatorOf(server)).ask('/admin')
  expect(page.status).toBe(200)
  expect(page.body).toContain('All healthy')
  expect(page.body).toContain('The embedded file')
  expect(page.body).toContain('Signing keys')
  const { body } = await overview(await operatorTokenOf(server))
  expect(body).toMatchObject({ problems: [], deployment: { version: '0.1.0', stores: [{ kind: 'sqlite' }] } })
  expect(body.deployment.stores[0].latencyMs).toBeGreaterThan(0)
  expect(body.deployment.stores[0].databaseBytes).toBeGreaterThan(0)
})

it('AD-01 an admin sees the part of their tenant only', async () => {
  const page = await (await adminOf(server)).ask('/admin')
  expect(page.status).toBe(200)
  expect(page.body).toContain('Tenant acme')
  expect(page.body).not.toContain('The embedded file')
  expect(page.body).not.toContain('Signing keys')
  const { body } = await overview(await tokenFor(server, 'admin@mail.test'))
  expect(Object.keys(body).toSorted()).toEqual(['at', 'connections', 'problems', 'signIns'])
  const own = server.core.tenants.get('acme')?.connections.length
  expect(body.connections.all).toBe(own)
})

it('AD-01 sign-ins of another tenant are in the figures of operators only', async () => {
  const [admin, operator] = [await tokenFor(server, 'admin@mail.test'), await operatorTokenOf(server)]
  const signedIn = async (token: string) => {
    const { body } = await overview(token)
    const counts: readonly { readonly signedIn: number }[] = body.signIns.lastHour
    return counts.reduce((sum, each) => sum + each.signedIn, 0)
  }
  await vi.waitFor(async () => expect(await signedIn(admin)).toBeGreaterThan(2), waitOptions)
  const before = { admin: await signedIn(admin), operator: await signedIn(operator) }
  for (let count = 0; count < 5; count++) await browserOf(server, 'boss@mail.test', 'beta')
  await vi.waitFor(
    async () => expect(await signedIn(operator)).toBeGreaterThanOrEqual(before.operator + 5),
    waitOptions,
  )
  expect(await signedIn(admin)).toBeLessThan(before.admin + 5)
  expect((await overview(operator, '?tenant=beta')).body.signIns.lastHour.at(-1).signedIn).toBeGreaterThan(0)
})

it('SE-09 AD-01 an admin who asks for another tenant gets 404, and it is recorded', async () => {
  const page = await (await adminOf(server)).ask('/admin?tenant=beta')
  expect([page.status, page.body.includes('All healthy')]).toEqual([404, false])
  expect(await overview(await tokenFor(server, 'admin@mail.test'), '?tenant=beta')).toMatchObject({ status: 404 })
  const events = await server.core.parts.audit.recent({ tenant: 'acme', action: 'access.refused', limit: 10 })
  expect(events.map(({ details }) => details['tenant'])).toEqual(['beta', 'beta'])
  const unknown = await (await operatorOf(server)).ask('/admin?tenant=gamma')
  expect(unknown.status).toBe(404)
})

it('SE-08 a member gets 403', async () => {
  const page = await (await browserOf(server, 'member@mail.test')).ask('/admin')
  expect(page.status).toBe(403)
  expect(await overview(await tokenFor(server, 'member@mail.test'))).toMatchObject({
    status: 403,
    body: { code: 'permission_refused' },
  })
})

it('a browser without a session is sent to the sign-in, and returns', async () => {
  const page = await new TestBrowser(server).ask('/admin?tenant=acme')
  expect([page.status, page.headers.location]).toEqual([303, '/login?return_to=%2Fadmin%3Ftenant%3Dacme'])
})

it('SE-08 a sign-in of more than an hour ago is asked for again', async () => {
  const admin = await adminOf(server)
  const token = await tokenFor(server, 'admin@mail.test')
  server.clock.forward(3601)
  const page = await admin.ask('/admin')
  expect(page.status).toBe(303)
  expect(page.headers.location).toContain('return_to=%2Fadmin')
  expect(await overview(token)).toMatchObject({ status: 403, body: { code: 'fresh_sign_in_required' } })
})
