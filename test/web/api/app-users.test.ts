/** The users and tokens that an app may read at `/api/v1/app`. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { api, tokenFor } from '../../support/gatehouse/connections.ts'
import { declaredSecret, read, settings } from '../../support/gatehouse/first-party-app.ts'
import { acmeYaml, betaYaml, oktaFor } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
let pat: string
beforeAll(async () => {
  const okta = await oktaFor()
  server = await startTestGatehouse({
    okta,
    tenants: { 'acme.yaml': acmeYaml(okta, 'access: { developer: everyone }\n'), 'beta.yaml': betaYaml(okta) },
    settings,
  })
  pat = await tokenFor(server, 'pat@mail.test')
})
afterAll(() => server.stop())

const post = (path: string, json: unknown) => api(server, `/api/v1/apps${path}`, { method: 'POST', json }, pat)
const as = (authorization: string, path = '/api/v1/app', json?: unknown) =>
  api(server, path, { headers: { authorization }, ...(json !== undefined && { method: 'POST', json }) })

async function newApp(): Promise<string> {
  return read(await post('', { name: 'Shop', kind: 'web', redirectUris: ['https://shop.test/cb'] })).id
}

describe('user data visible to an app', () => {
  async function consented(scopes: readonly string[]) {
    const id = await newApp()
    const { secret } = read(await post(`/${id}/secrets`, {}))
    const fresh = await tokenFor(server, 'pat@mail.test')
    const { user, tenant } = read(await api(server, '/api/v1/session', {}, fresh))
    const consent = { tenant, userId: user.id, appId: id, scopes, grantedAt: server.clock.now() }
    if (scopes.length > 0) await server.core.parts.consents.give(consent)
    return { userId: user.id as string, proof: `Secret ${secret}`, token: fresh, id }
  }

  it('follows consent: it checks a session token and reads a user', async () => {
    const { userId, proof, token } = await consented(['openid', 'email'])
    const checked = read(await as(proof, '/api/v1/app/tokens/check', { token }))
    expect(checked).toMatchObject({ active: true, tenant: 'acme', user: { id: userId }, scopes: ['openid', 'email'] })
    expect(checked.claims).toEqual({ email: 'pat@mail.test', email_verified: true })
    const user = read(await as(proof, `/api/v1/app/users/${userId}`))
    expect(user).toMatchObject({ id: userId, tenant: 'acme', status: 'active', claims: { email: 'pat@mail.test' } })
  })

  it('AP-01 excludes users without consent, other tenants and ended tokens', async () => {
    const { userId, proof } = await consented([])
    const beta = await tokenFor(server, 'ben@mail.test', 'beta')
    const ben = read(await api(server, '/api/v1/session', {}, beta)).user.id
    const inactive = [await tokenFor(server, 'pat@mail.test'), beta, `gth_s_${'0'.repeat(49)}`, 'x']
    for (const token of inactive)
      expect(read(await as(proof, '/api/v1/app/tokens/check', { token }))).toEqual({ active: false })
    for (const id of [userId, ben, 'nobody', '..%2Fme', 'x'.repeat(500)])
      expect((await as(proof, `/api/v1/app/users/${id}`)).status).toBe(404)
  })

  it("ends with the consent and shrinks with the app's scopes", async () => {
    const { userId, proof, id } = await consented(['openid', 'email', 'profile'])
    await api(
      server,
      `/api/v1/apps/${id}`,
      { method: 'PATCH', json: { scopes: ['openid'] } },
      await tokenFor(server, 'pat@mail.test'),
    )
    expect(read(await as(proof, `/api/v1/app/users/${userId}`)).claims).toEqual({})
    await server.core.parts.consents.revoke('acme', userId, id)
    expect((await as(proof, `/api/v1/app/users/${userId}`)).status).toBe(404)
  })

  it('needs no consent for a first-party app', async () => {
    const beta = await tokenFor(server, 'ben@mail.test', 'beta')
    const checked = read(await as(`Secret ${declaredSecret}`, '/api/v1/app/tokens/check', { token: beta }))
    expect(checked).toMatchObject({ active: true, tenant: 'beta', claims: { email: 'ben@mail.test' } })
  })

  it('is gone once the tenant is removed: the user is reported as unknown', async () => {
    const { user } = read(await api(server, '/api/v1/session', {}, await tokenFor(server, 'ben@mail.test', 'beta')))
    const proof = { headers: { authorization: `Secret ${declaredSecret}` } }
    const seen = (of: TestGatehouse, id: string) => api(of, `/api/v1/app/users/${id}`, proof)
    expect((await seen(server, user.id)).status).toBe(200)
    await rm(join(server.folder, 'tenants', 'beta.yaml'))
    const tenants = { 'acme.yaml': acmeYaml(server.okta) }
    const smaller = await startTestGatehouse({ okta: server.okta, folder: server.folder, tenants, settings })
    try {
      const [gone, never] = [await seen(smaller, user.id), await seen(smaller, 'nobody')]
      const { reference: _, ...said } = read(gone)
      expect([gone.status, said]).toEqual([404, expect.objectContaining({ code: 'user_not_visible' })])
      expect(read(never)).toMatchObject(said)
    } finally {
      await smaller.stop()
    }
  })
})
