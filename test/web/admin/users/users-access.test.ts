/** Who may reach a user on the admin pages and at the API, and how recently they signed in. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formsOn, linkOn, type TestBrowser } from '../../../support/browser/test-browser.ts'
import {
  adminOf,
  lastEventOf,
  operatorOf,
  startWithAdministrators,
  userIdOf,
} from '../../../support/gatehouse/administrators.ts'
import { api, browserOf, postForm, tokenFor } from '../../../support/gatehouse/connections.ts'
import type { TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
let admin: TestBrowser
beforeAll(async () => {
  server = await startWithAdministrators()
  admin = await adminOf(server)
})
afterAll(() => server.stop())

const idOf = (email: string, tenant = 'acme') => userIdOf(server, email, tenant)
const lastEvent = (action: string) => lastEventOf(server, action)
const adminId = () => idOf('admin@mail.test')

describe('who may reach a user', () => {
  const actions = [
    'factors/reset',
    'block',
    'unblock',
    'sessions/end',
    'tokens/revoke',
    'password/reset',
    'roles/admin/assign',
  ]

  it('SE-09 AD-01 an admin finds no user of another tenant: 404 and an audit event', async () => {
    await tokenFor(server, 'foreign@mail.test', 'beta')
    const id = await idOf('foreign@mail.test', 'beta')
    for (const path of [`/admin/users/${id}`, ...actions.map((action) => `/admin/users/${id}/${action}`)]) {
      expect([path, (await admin.open(path)).status]).toEqual([path, 404])
      expect(await lastEvent('access.refused')).toMatchObject({ actor: await adminId(), details: { user: id } })
    }
    for (const action of actions)
      expect([action, (await postForm(admin, `/admin/users/${id}/${action}`, {})).status]).toEqual([action, 404])
    expect((await admin.open('/admin/users?tenant=beta')).status).toBe(404)
    expect(await lastEvent('access.refused')).toMatchObject({ details: { tenant: 'beta' } })
    expect((await admin.open(`/admin/users?email=${id}`)).body).toContain('No user matches.')
    expect((await admin.open('/admin/users?email=foreign')).body).toContain('No user matches.')
    expect((await admin.open(`/admin/users?email=a&cursor=${id}`)).body).toContain('No user matches.')
    const account = { name: 'Spy', tenant: 'beta' }
    expect((await postForm(admin, '/admin/users/service-accounts', account)).status).toBe(404)
  })

  it('SE-09 AD-01 the API finds none either', async () => {
    const token = await tokenFor(server, 'admin@mail.test')
    await tokenFor(server, 'foreign@mail.test', 'beta')
    const id = await idOf('foreign@mail.test', 'beta')
    const user = `/api/v1/admin/users/${id}`
    for (const [method, path] of [
      ['GET', '/api/v1/admin/users?tenant=beta'],
      ['GET', '/api/v1/admin/users?tenant=*'],
      ['GET', user],
      ['GET', `${user}/authenticators`],
      ['DELETE', `${user}/authenticators`],
      ['POST', `${user}/block`],
      ['POST', `${user}/unblock`],
      ['POST', `${user}/password-reset`],
      ['DELETE', `${user}/sessions`],
      ['DELETE', `${user}/sessions/any`],
      ['DELETE', `${user}/tokens`],
      ['DELETE', `${user}/tokens/any`],
      ['DELETE', `${user}/consents/any`],
    ] as const) {
      const answer = await api(server, path, { method }, token)
      expect([path, answer.status, JSON.parse(answer.body).code]).toEqual([path, 404, 'not_found'])
      expect(await lastEvent('access.refused')).toMatchObject({ actor: await adminId() })
    }
    const found = await api(server, '/api/v1/admin/users?email=foreign', {}, token)
    expect(JSON.parse(found.body)).toEqual({ users: [] })
  })

  it('an operator finds the users of every tenant', async () => {
    await tokenFor(server, 'foreign@mail.test', 'beta')
    const operator = await operatorOf(server)
    const page = await operator.open('/admin/users?email=foreign%40mail.test')
    expect(page.body).toContain('All tenants')
    expect(page.body).toContain('<td data-label="Tenant">beta</td>')
    expect((await operator.click(page, 'foreign@mail.test')).body).toContain('Tenant beta')
  })

  it('AD-01 an admin sees an operator, and cannot change the user', async () => {
    await operatorOf(server)
    const id = await idOf('operator@mail.test')
    const page = await admin.open(`/admin/users/${id}`)
    expect(page.body).toContain('Only an operator may change them.')
    expect(formsOn(page).map(({ action }) => action)).toEqual(['/account/sign-out'])
    for (const action of actions)
      expect([action, (await postForm(admin, `/admin/users/${id}/${action}`, {})).status]).toEqual([action, 404])
    expect(await lastEvent('access.refused')).toMatchObject({ details: { user: id } })
  })

  it('a member gets 403 for the pages and the forms', async () => {
    const member = await browserOf(server, 'member@mail.test')
    expect((await member.open('/admin/users')).status).toBe(403)
    expect((await postForm(member, `/admin/users/${await adminId()}/block`, {})).status).toBe(403)
  })

  it('SE-07 refuses a form that another site posts', async () => {
    await tokenFor(server, 'csrf@mail.test')
    const id = await idOf('csrf@mail.test')
    const headers = { origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }
    const posted = await admin.ask(`/admin/users/${id}/block`, { method: 'POST', form: {}, headers })
    expect(posted.status).toBe(403)
    expect((await server.core.parts.users.find('acme', id))?.status).toBe('active')
  })
})

describe('the age of the sign-in', () => {
  it('roles need a sign-in of ten minutes, everything one of an hour', async () => {
    const late = await adminOf(server)
    await tokenFor(server, 'late@mail.test')
    const id = await idOf('late@mail.test')
    server.clock.forward(700)
    const question = await late.open(`/admin/users/${id}/roles/developer/assign`)
    expect(linkOn(question, 'Sign in again')).toContain('prompt=login')
    const refused = await postForm(late, `/admin/users/${id}/roles/developer/assign`, {})
    expect(refused.status).toBe(403)
    expect(linkOn(refused, 'Sign in again')).toContain('prompt=login')
    const ended = await postForm(late, `/admin/users/${id}/sessions/end`, {})
    expect([ended.status, ended.headers.location]).toEqual([303, `/admin/users/${id}?notice=sessions-ended`])
    server.clock.forward(3600)
    const asked = await late.ask(`/admin/users/${id}`)
    expect([asked.status, asked.headers.location]).toEqual([303, expect.stringContaining('prompt=login')])
    expect((await postForm(late, `/admin/users/${id}/block`, {})).status).toBe(403)
  })
})
