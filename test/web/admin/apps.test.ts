/** Apps on the admin pages, and at the API. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { App } from '../../../src/app/app.ts'
import { linkOn, type TestBrowser } from '../../support/browser/test-browser.ts'
import {
  adminOf,
  lastEventOf,
  operatorOf,
  startWithAdministrators,
  userIdOf,
} from '../../support/gatehouse/administrators.ts'
import { api, portalYaml, postForm, tokenFor } from '../../support/gatehouse/connections.ts'
import type { TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { sampleApp } from '../../support/store/samples.ts'

let server: TestGatehouse
let admin: TestBrowser
beforeAll(async () => {
  server = await startWithAdministrators({ settings: portalYaml })
  admin = await adminOf(server)
})
afterAll(() => server.stop())

async function register(changes: Partial<App> = {}, email = 'dev@mail.test', tenant = 'acme'): Promise<App> {
  await tokenFor(server, email, tenant)
  const owner = { tenant, userId: await userIdOf(server, email, tenant) }
  const app = sampleApp({ name: `App ${randomUUID().slice(0, 8)}`, owner, tenants: [tenant], ...changes })
  expect(await server.core.parts.apps.create(app)).toBe(true)
  return app
}

const adminId = () => userIdOf(server, 'admin@mail.test')

describe('the list of apps', () => {
  it("finds the apps of the tenant's developers by name, owner and ID", async () => {
    const app = await register({ name: 'Warehouse robots' })
    const other = await register({ name: 'Payroll' }, 'other-dev@mail.test')
    const byName = await admin.open('/admin/apps?name=ROBOTS')
    expect(linkOn(byName, 'Warehouse robots')).toBe(`/admin/apps/${app.id}`)
    expect(byName.body).not.toContain('Payroll')
    const byOwner = await admin.open('/admin/apps?owner=other-dev%40mail.test')
    expect(byOwner.body).toContain('Payroll')
    expect(byOwner.body).not.toContain('Warehouse robots')
    expect((await admin.open(`/admin/apps?owner=${other.owner?.userId}`)).body).toContain('Payroll')
    expect((await admin.open(`/admin/apps?name=${app.id}`)).url.pathname).toBe(`/admin/apps/${app.id}`)
    expect((await admin.open('/admin/apps?name=nothing')).body).toContain('No app matches.')
  })

  it('continues on a next page', async () => {
    for (let at = 0; at < 51; at += 1) await register({ name: `Paged ${at}`, createdAt: new Date(1000 * at) })
    const first = await admin.open('/admin/apps?name=paged')
    expect(first.body).toContain('>Paged 50<')
    expect(first.body).not.toContain('>Paged 0<')
    const second = await admin.click(first, 'Next page')
    expect(second.body).toContain('>Paged 0<')
    expect(second.body).not.toContain('Next page')
  })

  it('shows apps of gatehouse.yaml to operators only', async () => {
    expect((await admin.open('/admin/apps')).body).not.toContain('Portal')
    const operator = await operatorOf(server)
    const page = await operator.open('/admin/apps?name=PORT')
    expect(page.body).toContain('<span class="badge">Configuration</span>')
    const shown = await operator.click(page, 'Portal')
    expect(shown.body).toContain('This app is declared in gatehouse.yaml.')
    expect(shown.body).not.toContain('canary')
    expect(shown.body).not.toContain('1970')
    expect(shown.body).toContain('<td data-label="Created">in gatehouse.yaml</td>')
    expect(shown.body).toContain('<td data-label="Last used">not recorded</td>')
    expect(shown.body).not.toContain('Not used yet')
    expect((await postForm(operator, '/admin/apps/portal/disable', {})).status).toBe(404)
  })
})

describe('the page of an app', () => {
  it('shows settings, credentials and statistics, and no secret', async () => {
    const app = await register()
    const use = new Date('2026-11-01T10:00:00Z')
    await server.core.parts.apps.recordUse(app.id, 'k1', use)
    const page = await admin.open(`/admin/apps/${app.id}`)
    for (const text of [
      app.id,
      'https://app.example.test/callback',
      'openid email',
      'laptop (key)',
      '1 Nov 2026, 10:00',
    ])
      expect(page.body).toContain(text)
    for (const { hash, sealed } of app.secrets) {
      expect(page.body).not.toContain(hash)
      expect(page.body).not.toContain(sealed)
    }
    expect(page.body).not.toMatch(/<script(?! src="\/static\/)/)
  })

  it('escapes markup in names', async () => {
    const app = await register({ name: '<script>alert(1)</script>"' })
    for (const path of ['/admin/apps?name=alert', `/admin/apps/${app.id}`, `/admin/apps/${app.id}/disable`]) {
      const { body } = await admin.open(path)
      expect(body).toContain('&lt;script')
      expect(body).not.toMatch(/<script(?! src="\/static\/)/)
    }
  })

  it('disables and enables, with a question and an audit event', async () => {
    const app = await register({ name: 'Switched' })
    const question = await admin.click(await admin.open(`/admin/apps/${app.id}`), 'Disable')
    expect(question.body).toContain('<h1>Disable Switched?</h1>')
    const off = await admin.submit(question, question.url.pathname)
    expect(off.body).toContain('The app is disabled.')
    expect(await server.core.parts.appRegistry.current(app.id)).toBeNull()
    expect(await lastEventOf(server, 'app.disabled')).toMatchObject({ actor: await adminId(), target: app.id })
    const on = await admin.click(off, 'Enable')
    expect((await admin.submit(on, on.url.pathname)).body).toContain('The app is enabled again.')
    expect((await server.core.parts.appRegistry.current(app.id))?.id).toBe(app.id)
    expect(await lastEventOf(server, 'app.enabled')).toMatchObject({ actor: await adminId(), target: app.id })
  })

  it('SE-09 AD-01 an admin finds no app of another tenant, by page or API: 404 and an audit event', async () => {
    const app = await register({ name: 'Foreign' }, 'foreign-dev@mail.test', 'beta')
    const token = await tokenFor(server, 'admin@mail.test')
    for (const id of [app.id, 'portal', 'nothing']) {
      for (const path of [`/admin/apps/${id}`, `/admin/apps/${id}/disable`]) {
        expect([path, (await admin.open(path)).status]).toEqual([path, 404])
        const event = { actor: await adminId(), details: { app: id } }
        expect(await lastEventOf(server, 'access.refused')).toMatchObject(event)
      }
      expect((await postForm(admin, `/admin/apps/${id}/disable`, {})).status).toBe(404)
      expect((await api(server, `/api/v1/admin/apps/${id}`, {}, token)).status).toBe(404)
      for (const state of ['disable', 'enable'])
        expect((await api(server, `/api/v1/admin/apps/${id}/${state}`, { method: 'POST' }, token)).status).toBe(404)
    }
    expect((await server.core.parts.apps.find(app.id))?.disabledAt).toBeUndefined()
    expect((await admin.open('/admin/apps?name=Foreign')).body).toContain('No app matches.')
    expect((await admin.open(`/admin/apps?name=${app.id}`)).body).toContain('No app matches.')
    expect((await admin.open('/admin/apps?tenant=beta')).status).toBe(404)
    expect((await api(server, '/api/v1/admin/apps?tenant=beta', {}, token)).status).toBe(404)
    expect((await api(server, '/api/v1/admin/apps?tenant=*', {}, token)).status).toBe(404)
    expect(JSON.parse((await api(server, '/api/v1/admin/apps?name=Foreign', {}, token)).body)).toEqual({ apps: [] })
  })

  it('SE-07 refuses a form that another site posts', async () => {
    const app = await register()
    const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    const posted = await admin.ask(`/admin/apps/${app.id}/disable`, { method: 'POST', form: {}, headers })
    expect(posted.status).toBe(403)
    expect((await server.core.parts.apps.find(app.id))?.disabledAt).toBeUndefined()
  })
})

it('the API lists, shows, disables and enables apps', async () => {
  const app = await register({ name: 'By API' })
  const token = await tokenFor(server, 'admin@mail.test')
  const ask = (path: string, method = 'GET') => api(server, `/api/v1/admin/apps${path}`, { method }, token)
  const { apps } = JSON.parse((await ask('?name=by%20api')).body)
  expect(apps).toMatchObject([{ id: app.id, state: 'on', declared: false, owner: { email: 'dev@mail.test' } }])
  expect((await ask(`/${app.id}/disable`, 'POST')).status).toBe(204)
  const details = JSON.parse((await ask(`/${app.id}`)).body)
  expect(details).toMatchObject({ app: { state: 'disabled' }, scopes: ['openid', 'email'], consents: 0 })
  expect(details.credentials).toHaveLength(4)
  expect((await ask(`/${app.id}/enable`, 'POST')).status).toBe(204)
})
