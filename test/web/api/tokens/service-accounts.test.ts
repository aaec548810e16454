/** Service accounts of a tenant, which its admins manage. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tokenApi } from '../../../support/gatehouse/api-tokens.ts'
import { api, tokenFor } from '../../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor } from '../../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  const access = 'access: { admin: [admin@mail.test] }\n'
  const tenants = { 'acme.yaml': acmeYaml(okta, access), 'beta.yaml': `${betaYaml(okta)}${access}` }
  server = await startTestGatehouse({ okta, tenants })
})
afterAll(async () => {
  await server?.stop()
  await server?.okta.close()
})

const { read, check, post, remove } = tokenApi(() => server)
const accounts = '/api/v1/service-accounts'

async function createdAccount(admin: string, name = 'Deploys') {
  const page = await post(accounts, { name }, admin)
  expect(page.status, page.body).toBe(201)
  return read(page)
}

/** As a deployment before the command line refused it may have stored it. */
const assignOperator = (userId: string) =>
  server.core.parts.roleAssignments.assign({
    tenant: 'acme',
    userId,
    role: 'operator',
    assignedBy: 'cli',
    assignedAt: new Date(),
  })

describe('a service account', () => {
  it('AP-01 acts by tokens that its admin creates, and is stopped by a block', async () => {
    const admin = await tokenFor(server, 'admin@mail.test')
    const account = await createdAccount(admin)
    const { token } = read(await post(`${accounts}/${account.id}/tokens`, { name: 'Build' }, admin))
    expect(read(await check(token))).toMatchObject({ user: { id: account.id }, profile: { name: 'Deploys' } })
    expect((await post('/api/v1/tokens', { name: 'Mine' }, token)).status).toBe(403)
    await server.core.parts.users.setStatus('acme', account.id, 'blocked')
    await expect.poll(async () => (await check(token)).status).toBe(401)
  })

  it('AP-02 is created, and gets tokens, by the session of an admin with a fresh sign-in only', async () => {
    const admin = await tokenFor(server, 'admin@mail.test')
    const { id } = await createdAccount(admin)
    const { token } = read(await post('/api/v1/tokens', { name: 'Admin' }, admin))
    for (const [path, json] of [
      [accounts, { name: 'Other' }],
      [`${accounts}/${id}/tokens`, { name: 'Other' }],
    ] as const) {
      expect(read(await post(path, json, token)).code).toBe('api_token_refused')
      expect(read(await post(path, json, await tokenFor(server, 'pat@mail.test'))).code).toBe('permission_refused')
    }
    server.clock.forward(601)
    expect(read(await post(accounts, { name: 'Late' }, admin)).code).toBe('fresh_sign_in_required')
  })

  it('SE-09 is not found for admins of other tenants, and no person is one', async () => {
    const admin = await tokenFor(server, 'admin@mail.test')
    const { id } = await createdAccount(admin)
    const foreign = await tokenFor(server, 'admin@mail.test', 'beta')
    const { apiToken } = read(await post(`${accounts}/${id}/tokens`, { name: 'Build' }, admin))
    const person = read(await check(await tokenFor(server, 'pat@mail.test'))).user.id
    for (const page of [
      await api(server, `${accounts}/${id}/tokens`, {}, foreign),
      await api(server, `${accounts}?tenant=acme`, {}, foreign),
      await post(`${accounts}/${id}/tokens`, { name: 'x' }, foreign),
      await post(`${accounts}/${id}/tokens/${apiToken.id}/rotate`, {}, foreign),
      await remove(`${accounts}/${id}/tokens/${apiToken.id}`, foreign),
      await post(`${accounts}/${person}/tokens`, { name: 'x' }, admin),
      await api(server, `${accounts}/${person}/tokens`, {}, admin),
    ])
      expect([page.status, read(page).code]).toEqual([404, 'not_found'])
    expect(read(await api(server, accounts, {}, foreign)).serviceAccounts).toEqual([])
    expect((await remove(`${accounts}/${id}/tokens/${apiToken.id}`, admin)).status).toBe(204)
  })

  it('are listed in pages, newest first', async () => {
    const admin = await tokenFor(server, 'admin@mail.test')
    const made = [await createdAccount(admin), await createdAccount(admin), await createdAccount(admin)]
    const listed: string[] = []
    for (let query = '?limit=2'; ; ) {
      const { serviceAccounts, next } = read(await api(server, accounts + query, {}, admin))
      expect(serviceAccounts.length).toBeLessThanOrEqual(2)
      listed.push(...serviceAccounts.map(({ id }: { readonly id: string }) => id))
      if (next === undefined) break
      query = `?limit=2&cursor=${next}`
    }
    expect(new Set(listed).size).toBe(listed.length)
    expect(listed).toEqual(expect.arrayContaining(made.map(({ id }) => id)))
  })

  it('AD-01 SE-09 gets no token by an admin once operator was assigned to it, and reaches no other tenant', async () => {
    const admin = await tokenFor(server, 'admin@mail.test')
    const account = await createdAccount(admin)
    const path = `${accounts}/${account.id}/tokens`
    const { token, apiToken } = read(await post(path, { name: 'Build' }, admin))
    await assignOperator(account.id)
    for (const page of [await post(path, { name: 'x' }, admin), await post(`${path}/${apiToken.id}/rotate`, {}, admin)])
      expect([page.status, read(page).code]).toEqual([404, 'not_found'])
    const [recorded] = await server.core.parts.audit.recent({ tenant: 'acme', limit: 1 })
    expect(recorded).toMatchObject({ action: 'access.refused', details: { user: account.id } })
    const operator = await tokenFor(server, 'op@mail.test')
    await assignOperator(read(await check(operator)).user.id)
    const other = read(await post(path, { name: 'x' }, operator))
    for (const text of [token, other.token]) {
      expect(read(await api(server, `${accounts}?tenant=beta`, {}, text)).code).toBe('permission_refused')
      expect(read(await api(server, '/api/v1/audit?tenant=beta', {}, text)).code).toBe('permission_refused')
    }
    expect((await remove(`${path}/${apiToken.id}`, admin)).status).toBe(204)
  })

  it('SE-09 is created in no other tenant by an admin', async () => {
    const page = await post(accounts, { name: 'x', tenant: 'beta' }, await tokenFor(server, 'admin@mail.test'))
    expect([page.status, read(page).code]).toEqual([404, 'not_found'])
  })

  it('gets no token while it is blocked, and the admin stays signed in', async () => {
    const admin = await tokenFor(server, 'admin@mail.test')
    const { id } = await createdAccount(admin)
    const { apiToken } = read(await post(`${accounts}/${id}/tokens`, { name: 'Build' }, admin))
    await server.core.parts.users.setStatus('acme', id, 'blocked')
    for (const page of [
      await post(`${accounts}/${id}/tokens`, { name: 'Other' }, admin),
      await post(`${accounts}/${id}/tokens/${apiToken.id}/rotate`, {}, admin),
    ])
      expect([page.status, read(page).code]).toEqual([403, 'user_blocked'])
    expect((await check(admin)).status).toBe(200)
  })

  it('is refused with markup in its name', async () => {
    const page = await post(accounts, { name: '<b>x</b>' }, await tokenFor(server, 'admin@mail.test'))
    expect([page.status, read(page).faults[0].field]).toEqual([422, 'name'])
  })
})
