/** What is stored of a tenant or a connection that was removed from the configuration. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { TestBrowser } from '../../../support/browser/test-browser.ts'
import { adminOf, operatorOf, startWithAdministrators } from '../../../support/gatehouse/administrators.ts'
import { api, tokenFor } from '../../../support/gatehouse/connections.ts'
import { type TestGatehouse, waitOptions } from '../../../support/gatehouse/test-gatehouse.ts'
import {
  sampleApiToken,
  sampleApp,
  sampleIdentity,
  sampleSession,
  sampleTrace,
  sampleUser,
} from '../../../support/store/samples.ts'

const tenant = 'gone'
let server: TestGatehouse
let operator: TestBrowser
let token: string
const user = sampleUser({ tenant })
const app = sampleApp({ owner: { tenant, userId: user.id }, tenants: [tenant], name: 'Old portal' })
const trace = sampleTrace({ reference: '7KQ2-M9XD', tenant, connection: 'okta', userId: user.id })
const session = sampleSession({ tenant, userId: user.id, connection: 'okta' })

beforeAll(async () => {
  server = await startWithAdministrators()
  const { parts } = server.core
  await parts.users.create(user, { ...sampleIdentity(), connection: 'okta' })
  await parts.sessions.put(session)
  await parts.apps.create(app)
  parts.trace(trace)
  await parts.apiTokens.create(user, sampleApiToken(user), 10)
  await parts.audit.add({ at: parts.now(), tenant, action: 'user.blocked', actor: 'cli', target: user.id, details: {} })
  operator = await operatorOf(server)
  token = await tokenFor(server, 'operator@mail.test')
  await vi.waitFor(async () => expect(await parts.traces.find(trace.reference)).not.toBeNull(), waitOptions)
})
afterAll(() => server.stop())

describe('an operator who looks at a removed tenant', () => {
  it('sees the user, and that and how the removal can be undone', async () => {
    const page = await operator.open(`/admin/users/${user.id}`)
    expect(page.status).toBe(200)
    expect(page.body).toContain(user.profile.email?.address)
    expect(page.body).toContain('The configuration has no tenant <code>gone</code> any more')
    expect(page.body).toContain("An operator can restore the tenant's file")
    expect(page.body).toContain('The configuration has no connection okta any more')
  })

  it.each([
    '/admin/users?tenant=gone',
    `/admin/sign-ins?tenant=gone&user=${user.id}`,
    '/admin/apps?tenant=gone',
    `/admin/audit?tenant=gone&user=${user.id}`,
    `/admin/sign-ins/${trace.reference}`,
    `/admin/apps/${app.id}`,
    `/admin/users/${user.id}/block`,
    `/admin/users/${user.id}/sessions/end`,
  ])('can open %s', async (path) => {
    const page = await operator.open(path)
    expect([page.status, page.url.pathname]).toEqual([200, path.split('?')[0]])
  })

  it.each([
    `/api/v1/admin/users/${user.id}`,
    `/api/v1/users/${user.id}/roles`,
    `/api/v1/admin/users/${user.id}/authenticators`,
    '/api/v1/admin/users?tenant=gone',
    '/api/v1/admin/sign-ins?tenant=gone',
    `/api/v1/admin/sign-ins/${trace.reference}`,
    '/api/v1/admin/apps?tenant=gone',
    `/api/v1/admin/apps/${app.id}`,
    '/api/v1/audit?tenant=gone',
  ])('gets %s', async (path) => {
    expect((await api(server, path, {}, token)).status).toBe(200)
  })

  it('is told by the API that tenant and connection are removed', async () => {
    const { body } = await api(server, `/api/v1/admin/users/${user.id}`, {}, token)
    expect(JSON.parse(body)).toMatchObject({
      tenantRemoved: true,
      identities: [{ connectionRemoved: true }],
      roles: [],
    })
  })

  it('ends sessions, blocks, unblocks and deletes the user', async () => {
    const { parts } = server.core
    const path = `/api/v1/admin/users/${user.id}`
    const call = async (method: string, below = '') => (await api(server, path + below, { method }, token)).status
    expect(await call('DELETE', `/sessions/${session.id}`)).toBe(204)
    expect(await call('POST', '/block')).toBe(200)
    expect(await call('POST', '/unblock')).toBe(204)
    expect(await parts.apps.remove(app.id)).toBe(true)
    expect(await call('DELETE')).toBe(204)
    expect(await parts.users.findById(user.id)).toBeNull()
  })

  it('does not find a tenant that never was', async () => {
    expect((await operator.open('/admin/users?tenant=never')).status).toBe(404)
    expect((await api(server, '/api/v1/audit?tenant=never', {}, token)).status).toBe(404)
  })
})

describe('an admin of another tenant', () => {
  it('AD-01 does not find the removed tenant', async () => {
    const admin = await adminOf(server)
    expect((await admin.open('/admin/users?tenant=gone')).status).toBe(404)
    expect((await admin.open(`/admin/users/${user.id}`)).status).toBe(404)
  })
})

describe('a removed connection of a tenant that remains', () => {
  it('is named on the page of its user', async () => {
    const { parts } = server.core
    const ada = sampleUser({ tenant: 'acme', id: randomUUID() })
    await parts.users.create(ada, { ...sampleIdentity(), connection: 'retired' })
    const admin = await adminOf(server)
    const page = await admin.open(`/admin/users/${ada.id}`)
    expect(page.body).toContain('The configuration has no connection retired any more')
    expect(page.body).not.toContain('The configuration has no tenant')
  })
})
