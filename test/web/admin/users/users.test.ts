/** Users on the admin pages. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { linkOn, type Page, type TestBrowser } from '../../../support/browser/test-browser.ts'
import { adminOf, lastEventOf, startWithAdministrators, userIdOf } from '../../../support/gatehouse/administrators.ts'
import { api, postForm, tokenFor } from '../../../support/gatehouse/connections.ts'
import { type TestGatehouse, waitOptions } from '../../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
let admin: TestBrowser
beforeAll(async () => {
  server = await startWithAdministrators()
  admin = await adminOf(server)
})
afterAll(() => server.stop())

const idOf = (email: string) => userIdOf(server, email)
const lastEvent = (action: string) => lastEventOf(server, action)
const status = async (token: string) => (await api(server, '/api/v1/session', {}, token)).status
const adminId = () => idOf('admin@mail.test')

/** Follows a link of the user's page to its confirm page, and submits that. */
async function confirm(browser: TestBrowser, id: string, link: string): Promise<Page> {
  const question = await browser.click(await browser.open(`/admin/users/${id}`), link)
  expect(question.body).toMatch(/<h1>[^<]+\?<\/h1>/)
  return browser.submit(question, question.url.pathname)
}

describe('the list of users', () => {
  it('finds users by the beginning of their email, and links to them', async () => {
    await tokenFor(server, 'list-one@mail.test')
    await tokenFor(server, 'list-two@mail.test')
    const page = await admin.open('/admin/users?email=LIST-')
    expect(page.status).toBe(200)
    expect(page.body).toContain('list-one@mail.test')
    expect(page.body).toContain('list-two@mail.test')
    expect(page.body).not.toContain('admin@mail.test</td>')
    const found = await admin.open('/admin/users?email=list-two%40mail.test')
    expect(found.body).not.toContain('list-one@mail.test')
    expect(linkOn(found, 'list-two@mail.test')).toBe(`/admin/users/${await idOf('list-two@mail.test')}`)
    expect((await admin.open('/admin/users?email=nobody')).body).toContain('No user matches.')
  })

  it('leads straight to the user of an ID', async () => {
    await tokenFor(server, 'by-id@mail.test')
    const id = await idOf('by-id@mail.test')
    expect((await admin.open(`/admin/users?email=${id}`)).url.pathname).toBe(`/admin/users/${id}`)
  })

  it('continues on a next page', async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `paged-${String(index).padStart(2, '0')}@mail.test`)
    const { users } = server.core.parts
    for (const address of ids)
      await users.create(
        {
          id: address.replace('@', '-'),
          tenant: 'acme',
          status: 'active',
          profile: { email: { address, verified: true } },
          emailProven: true,
          createdAt: new Date(),
        },
        { issuer: 'https://idp.test', subject: address, connection: 'okta', profile: {}, lastLoginAt: new Date() },
      )
    const first = await admin.open('/admin/users?email=paged-')
    expect(first.body).toContain('paged-49@')
    expect(first.body).not.toContain('paged-50@')
    const second = await admin.click(first, 'Next page')
    expect(second.body).toContain('paged-50@')
    expect(second.body).not.toContain('paged-49@')
    expect(second.body).not.toContain('Next page')
  })

  it('creates a service account, which a filter lists', async () => {
    const page = await admin.submit(await admin.open('/admin/users?tenant=acme'), '/admin/users/service-accounts', {
      name: 'Deploys',
    })
    expect(page.body).toContain('The service account was created.')
    expect(page.body).toContain('<h1>Deploys</h1>')
    expect(await lastEvent('user.created')).toMatchObject({ actor: await adminId(), details: { name: 'Deploys' } })
    expect((await admin.open('/admin/users?kind=service')).body).toContain('>Deploys</a>')
    expect((await admin.open('/admin/users?kind=person')).body).not.toContain('>Deploys</a>')
    const refused = await postForm(admin, '/admin/users/service-accounts', { name: '<b>', tenant: 'acme' })
    expect(refused.status).toBe(422)
    expect(refused.body).toContain('value="&lt;b>"')
  })
})

describe('the page of a user', () => {
  it('shows profile, sign-in methods, sessions, tokens and audit events, and no secret', async () => {
    const token = await tokenFor(server, 'shown@mail.test')
    const created = await api(
      server,
      '/api/v1/tokens',
      { method: 'POST', json: { name: 'Nightly <b>build</b>', scopes: ['profile:read'] } },
      token,
    )
    expect(created.status).toBe(422) // names of tokens have no markup
    const json = { name: 'Nightly build', scopes: ['profile:read'] }
    const made = JSON.parse((await api(server, '/api/v1/tokens', { method: 'POST', json }, token)).body)
    const id = await idOf('shown@mail.test')
    await vi.waitFor(async () => {
      expect(await server.core.parts.traces.search({ tenant: 'acme', userId: id, limit: 1 })).toHaveLength(1)
    }, waitOptions)
    const page = await admin.open(`/admin/users/${id}`)
    for (const text of ['shown@mail.test', 'Nightly build', 'profile:read', 'token.created', '>Signed in<'])
      expect(page.body).toContain(text)
    expect(page.body).not.toContain(made.token)
    expect(page.body).not.toContain(token)
    expect(page.body).not.toMatch(/<script(?! src="\/static\/)/)
    expect(linkOn(page, 'All audit events of this user')).toContain('/admin/audit?')
  })

  it('escapes markup in names', async () => {
    const { users } = server.core.parts
    const name = '<img src=x onerror=alert(1)>"\'&'
    const user = {
      id: 'hostile-name',
      tenant: 'acme',
      status: 'active',
      profile: { name, email: { address: 'hostile@mail.test', verified: true } },
      emailProven: true,
      createdAt: new Date(),
    } as const
    await users.create(user, {
      issuer: 'https://idp.test/<script>',
      subject: 'hostile',
      connection: 'okta',
      profile: { name },
      lastLoginAt: new Date(),
    })
    for (const path of ['/admin/users?email=hostile', '/admin/users/hostile-name', '/admin/users/hostile-name/block']) {
      const page = await admin.open(path)
      expect(page.status).toBe(200)
      expect(page.body).toContain('&lt;img src=x')
      expect(page.body).not.toContain('<img src=x')
      expect(page.body).not.toMatch(/<script(?! src="\/static\/)/)
    }
  })

  it('ends one session, and all', async () => {
    const [one, two] = [await tokenFor(server, 'ended@mail.test'), await tokenFor(server, 'ended@mail.test')]
    const id = await idOf('ended@mail.test')
    const session = JSON.parse((await api(server, '/api/v1/session', {}, one)).body).id
    const page = await admin.open(`/admin/users/${id}/sessions/${encodeURIComponent(session)}/end`)
    expect((await admin.submit(page, page.url.pathname)).body).toContain('The session was ended.')
    expect([await status(one), await status(two)]).toEqual([401, 200])
    const event = { actor: await adminId(), target: id }
    expect(await lastEvent('session.ended')).toMatchObject({ ...event, details: { session } })
    const again = await postForm(admin, page.url.pathname, {})
    expect(again.status).toBe(404)
    expect((await confirm(admin, id, 'End all sessions')).body).toContain('All sessions were ended.')
    expect(await status(two)).toBe(401)
    expect(await lastEvent('session.ended')).toMatchObject({ ...event, details: { sessions: '1' } })
  })

  it('blocks and unblocks', async () => {
    const token = await tokenFor(server, 'blocked@mail.test')
    const id = await idOf('blocked@mail.test')
    expect((await confirm(admin, id, 'Block')).body).toContain('The user is blocked.')
    expect(await status(token)).toBe(401)
    expect(await lastEvent('user.blocked')).toMatchObject({ actor: await adminId(), target: id })
    expect((await admin.open('/admin/users?status=blocked')).body).toContain('blocked@mail.test')
    expect((await confirm(admin, id, 'Unblock')).body).toContain('The user may sign in again.')
    expect(await lastEvent('user.unblocked')).toMatchObject({ actor: await adminId(), target: id })
    expect(await status(await tokenFor(server, 'blocked@mail.test'))).toBe(200)
  })

  it('restores the access that an identity provider revoked', async () => {
    await tokenFor(server, 'revoked@mail.test')
    const id = await idOf('revoked@mail.test')
    await server.core.parts.users.revoke({ tenant: 'acme', id }, [], server.core.parts.now())
    const page = await admin.open(`/admin/users/${id}`)
    expect(page.body).toContain('>Restore access<')
    expect(page.body).not.toContain('Unblock')
    const question = await admin.open(`/admin/users/${id}/unblock`)
    expect(question.body).toContain('Restore the access of')
    expect((await admin.submit(question, question.url.pathname)).body).toContain('The user may sign in again.')
  })

  it('does not let administrators block themselves', async () => {
    const id = await adminId()
    expect((await admin.open(`/admin/users/${id}`)).body).not.toContain('/block')
    const refused = await postForm(admin, `/admin/users/${id}/block`, {})
    expect(refused.status).toBe(400)
    expect(refused.body).toContain('You cannot block yourself.')
    expect((await admin.open('/admin/users')).status).toBe(200)
  })

  it('revokes one API token, and all', async () => {
    const session = await tokenFor(server, 'tokens@mail.test')
    const create = async (name: string): Promise<string> =>
      JSON.parse((await api(server, '/api/v1/tokens', { method: 'POST', json: { name } }, session)).body).token
    const [one, two] = [await create('One'), await create('Two')]
    const id = await idOf('tokens@mail.test')
    expect((await confirm(admin, id, 'the token One')).body).toContain('The API token was revoked.')
    expect([await status(one), await status(two)]).toEqual([401, 200])
    expect(await lastEvent('token.revoked')).toMatchObject({ actor: await adminId() })
    expect((await confirm(admin, id, 'Revoke all API tokens')).body).toContain('All API tokens were revoked.')
    expect(await status(two)).toBe(401)
    expect(await lastEvent('tokens.revoked')).toMatchObject({ actor: await adminId(), target: id })
    expect(await status(session)).toBe(200)
  })

  it('revokes the access of an app', async () => {
    await tokenFor(server, 'consents@mail.test')
    const userId = await idOf('consents@mail.test')
    const consent = { tenant: 'acme', userId, appId: 'gone', scopes: ['openid'], grantedAt: new Date() }
    await server.core.parts.consents.give(consent)
    const page = await confirm(admin, userId, 'the access of An app that is gone (gone)')
    expect(page.body).toContain('The access of the app was revoked.')
    expect(await server.core.parts.consents.find('acme', userId, 'gone')).toBeNull()
    const event = { actor: await adminId(), target: userId, details: { app: 'gone' } }
    expect(await lastEvent('consent.revoked')).toMatchObject(event)
  })

  it('emails the link for a new password, a few times an hour', async () => {
    await tokenFor(server, 'forgetful@mail.test')
    const id = await idOf('forgetful@mail.test')
    expect((await confirm(admin, id, 'Reset password')).body).toContain('was sent to the user')
    expect((await server.mail('forgetful@mail.test')).text).toContain('/t/acme/password/reset?code=')
    expect(await lastEvent('password.reset_mailed')).toMatchObject({ actor: await adminId(), target: id, details: {} })
    await confirm(admin, id, 'Reset password')
    const refused = await confirm(admin, id, 'Reset password')
    expect(refused.status).toBe(429)
    expect(refused.body).toContain('Try again in an hour.')
  })

  it('assigns and removes roles', async () => {
    const token = await tokenFor(server, 'roles@mail.test')
    const id = await idOf('roles@mail.test')
    expect((await confirm(admin, id, 'Make developer')).body).toContain('The role was assigned.')
    expect((await api(server, '/api/v1/apps', {}, token)).status).toBe(200)
    expect(await lastEvent('role.assigned')).toMatchObject({ actor: await adminId(), target: id })
    expect((await confirm(admin, id, 'the role developer')).body).toContain('The role was removed.')
    expect((await api(server, '/api/v1/apps', {}, token)).status).toBe(403)
    expect(await lastEvent('role.removed')).toMatchObject({ actor: await adminId(), target: id })
    expect((await postForm(admin, `/admin/users/${id}/roles/operator/assign`, {})).status).toBe(404)
  })
})
