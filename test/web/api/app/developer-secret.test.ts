/** `Authorization: Secret gth_d_…` and `/api/v1/developer/secrets`. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiRoutes } from '../../../../src/web/api/openapi/openapi.ts'
import type { Page, PageRequest } from '../../../support/browser/test-browser.ts'
import { api, browserOf, tokenFor } from '../../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor } from '../../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = { 'acme.yaml': acmeYaml(okta, 'access: { developer: everyone }\n'), 'beta.yaml': betaYaml(okta) }
  server = await startTestGatehouse({ okta, tenants })
})
afterAll(() => server.stop())

const path = '/api/v1/developer/secrets'
const read = (page: Page) => (page.body === '' ? null : JSON.parse(page.body))
const post = (url: string, token: string, json: object = {}) => api(server, url, { method: 'POST', json }, token)
const withSecret = (secret: string, url: string, request: PageRequest = {}) =>
  api(server, url, { ...request, headers: { authorization: `Secret ${secret}`, ...request.headers } })

async function developer(email: string) {
  const token = await tokenFor(server, email)
  const { id, secret } = read(await post(path, token))
  return { token, id: id as string, secret: secret as string }
}

describe("a developer's client secret", () => {
  it('registers, reads, changes and removes apps, and reads the profile', async () => {
    const { secret } = await developer('ada@mail.test')
    expect(secret).toMatch(/^gth_d_[0-9A-Za-z]{49}$/)
    expect(read(await withSecret(secret, '/api/v1/users/me')).profile.email).toBe('ada@mail.test')
    const json = { name: 'Shop', kind: 'web', redirectUris: ['https://shop.test/cb'] }
    const { id } = read(await withSecret(secret, '/api/v1/apps', { method: 'POST', json }))
    const url = `/api/v1/apps/${id}`
    const changed = await withSecret(secret, url, { method: 'PATCH', json: { name: 'The Shop' } })
    expect(read(changed).name).toBe('The Shop')
    const key = await withSecret(secret, `${url}/keys`, { method: 'POST', json: { generate: true } })
    expect(read(key).privateKey).toContain('PRIVATE KEY')
    expect((await withSecret(secret, url, { method: 'DELETE' })).status).toBe(204)
    expect(read(await withSecret(secret, '/api/v1/apps'))).toEqual({ apps: [] })
  })

  it('AP-02 is accepted by no call that the OpenAPI document does not mark', async () => {
    const { secret, id } = await developer('confined@mail.test')
    const unmarked = apiRoutes.filter((route) => route.caller !== 'anyone' && route.acceptsDeveloperSecret !== true)
    expect(unmarked.length).toBeGreaterThan(10)
    for (const { method, path: template } of unmarked) {
      const url = template.replace(':id', id).replace(/:\w+/g, 'unknown')
      const json = method === 'get' || method === 'delete' ? undefined : {}
      const { status } = await withSecret(secret, url, { method: method.toUpperCase(), ...(json && { json }) })
      expect(status, `${method} ${template}`).toBe(401)
    }
    const document = read(await api(server, '/api/v1/openapi.json'))
    expect(document.paths['/api/v1/apps'].get.security).toContainEqual({ developerSecret: [] })
    expect(document.paths[path].get.security).not.toContainEqual({ developerSecret: [] })
    expect(document.components.securitySchemes.developerSecret.description).toContain('gth_d_')
  })

  it('AP-02 is rejected as Bearer, in the query, and at the OpenID endpoints', async () => {
    const { secret } = await developer('places@mail.test')
    expect((await api(server, '/api/v1/apps', {}, secret)).status).toBe(401)
    expect((await api(server, `/api/v1/apps?token=${secret}`)).status).toBe(401)
    expect((await withSecret(secret, '/verify')).status).toBe(401)
    const authorization = `Basic ${Buffer.from(`app:${secret}`).toString('base64')}`
    const form = { grant_type: 'client_credentials' }
    const answer = await api(server, '/oauth2/token', { method: 'POST', form, headers: { authorization } })
    expect(answer.status).toBe(401)
  })

  it('is refused beside another credential', async () => {
    const { secret } = await developer('both@mail.test')
    const browser = await browserOf(server, 'both@mail.test')
    const answer = await browser.ask('/api/v1/apps', { headers: { authorization: `Secret ${secret}` } })
    expect(answer.status).toBe(400)
    expect(read(answer).code).toBe('credentials_conflict')
  })

  it('AP-02 is shown no client secret in the clear, however young, nor is an API token', async () => {
    const { token, secret } = await developer('young@mail.test')
    const json = { name: 'Young', kind: 'web', redirectUris: ['https://young.test/cb'] }
    const { id } = read(await withSecret(secret, '/api/v1/apps', { method: 'POST', json }))
    const url = `/api/v1/apps/${id}/secrets`
    const created = read(await post(url, token))
    expect(read(await api(server, url, {}, token)).secrets).toMatchObject([{ secret: created.secret }])
    const issued = read(await post('/api/v1/tokens', token, { name: 'Build', scopes: ['apps:read'] }))
    for (const page of [await api(server, url, {}, issued.token), await withSecret(secret, url)]) {
      expect(read(page).secrets).toMatchObject([{ id: created.id, withheld: expect.any(String) }])
      expect(page.body).not.toContain(created.secret)
    }
  })

  it('SE-09 reaches no app of another developer', async () => {
    const [ann, eve] = [await developer('ann@mail.test'), await developer('eve@mail.test')]
    const json = { name: 'Notes', kind: 'web', redirectUris: ['https://notes.test/cb'] }
    const { id } = read(await withSecret(ann.secret, '/api/v1/apps', { method: 'POST', json }))
    for (const method of ['GET', 'DELETE'])
      expect((await withSecret(eve.secret, `/api/v1/apps/${id}`, { method })).status).toBe(404)
    expect((await api(server, `${path}/${ann.id}`, { method: 'DELETE' }, eve.token)).status).toBe(404)
    expect((await post(`${path}/${ann.id}/rotate`, eve.token)).status).toBe(422)
    expect((await withSecret(ann.secret, `/api/v1/apps/${id}`)).status).toBe(200)
  })

  it('stops when it is revoked and when its developer is blocked', async () => {
    const { token, id, secret } = await developer('stopped@mail.test')
    const { user } = read(await api(server, '/api/v1/session', {}, token))
    const status = async (text = secret) => (await withSecret(text, '/api/v1/apps')).status
    await server.core.parts.users.setStatus('acme', user.id, 'blocked')
    expect(await status()).toBe(401)
    await server.core.parts.users.setStatus('acme', user.id, 'active')
    expect(await status()).toBe(200)
    const next = read(await post(`${path}/${id}/rotate`, token, { overlapSeconds: 3600 }))
    expect([await status(), await status(next.secret)]).toEqual([200, 200])
    expect((await api(server, `${path}/${id}`, { method: 'DELETE' }, token)).status).toBe(204)
    expect([await status(), await status(next.secret)]).toEqual([401, 200])
    server.clock.forward(601)
    const [shown] = read(await api(server, path, {}, token)).secrets
    expect(shown).toMatchObject({ id: next.id, withheld: expect.any(String), lastUsedAt: expect.any(String) })
    expect(shown.secret).toBeUndefined()
  })

  it('is created by the first list of a developer, not again once revoked, and for no member', async () => {
    const token = await tokenFor(server, 'first@mail.test')
    const list = async (by: string) => read(await api(server, path, {}, by)).secrets
    const [first, ...others] = await list(token)
    expect([first.secret, others]).toEqual([expect.stringMatching(/^gth_d_/), []])
    expect(await list(token)).toMatchObject([{ id: first.id }])
    expect((await api(server, `${path}/${first.id}`, { method: 'DELETE' }, token)).status).toBe(204)
    expect(await list(token)).toEqual([])
    expect(await list(await tokenFor(server, 'reader@mail.test', 'beta'))).toEqual([])
  })

  it('is created for developers only, once, and rotated by one of 50 concurrent requests', async () => {
    const member = await tokenFor(server, 'member@mail.test', 'beta')
    expect((await post(path, member)).status).toBe(403)
    const { token, id } = await developer('races@mail.test')
    expect(read(await post(path, token))).toMatchObject({ code: 'secret_refused', detail: expect.stringContaining(id) })
    const all = await Promise.all(Array.from({ length: 50 }, () => post(`${path}/${id}/rotate`, token)))
    expect(all.filter(({ status }) => status === 201)).toHaveLength(1)
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([201, 422]))
    expect(read(await api(server, path, {}, token)).secrets).toHaveLength(2)
    const wrong = read(await post(`${path}/${id}/rotate`, token, { overlapSeconds: -1 }))
    expect(wrong.detail).toContain('0 to 7776000 seconds, got -1')
  })

  it('LK-01 is in no log and stored encrypted and hashed only', async () => {
    const { secret } = await developer('leaks@mail.test')
    await withSecret(secret, '/api/v1/apps')
    expect(server.logged.join('')).not.toContain(secret)
    expect((await server.storedBytes()).includes(secret)).toBe(false)
  })
})
