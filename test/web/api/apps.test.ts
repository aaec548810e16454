/** `/api/v1/apps` as developers use it: register, change and delete. */
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page, PageRequest } from '../../support/browser/test-browser.ts'
import { api, browserOf, tokenFor } from '../../support/gatehouse/connections.ts'
import { acmeYaml, appOrigin, betaYaml, oktaFor } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
let pat: string
beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = {
    'acme.yaml': acmeYaml(okta, 'access: { developer: everyone }\n'),
    'beta.yaml': `${betaYaml(okta)}access: { developer: [dev@mail.test, "group:builders"] }\n`,
  }
  server = await startTestGatehouse({ okta, tenants })
  pat = await tokenFor(server, 'pat@mail.test')
})
afterAll(() => server.stop())

const read = (page: Page) => (page.body === '' ? null : JSON.parse(page.body))
const call = (path: string, requested: PageRequest = {}, token = pat) =>
  api(server, `/api/v1/apps${path}`, requested, token)
const post = (path: string, json: unknown, token = pat) => call(path, { method: 'POST', json }, token)
const shop = { name: 'Shop', kind: 'web', redirectUris: ['https://shop.test/cb'] }
const registered = async (changes: object = {}) => read(await post('', { ...shop, ...changes })).id as string
const audited = async (action: string, target: string) =>
  (await server.core.parts.audit.recent({ tenant: 'acme', limit: 200 })).filter(
    (event) => event.action === action && event.target === target,
  )

describe('an app', () => {
  it("is registered for the users of the developer's tenant, returned with its URLs, listed, changed and deleted", async () => {
    const created = await post('', { ...shop, scopes: ['openid', 'email', 'offline_access'] })
    expect(created.status).toBe(201)
    const app = read(created)
    expect(created.headers.location).toBe(`/api/v1/apps/${app.id}`)
    expect(app).toMatchObject({
      ...shop,
      tenants: ['acme'],
      scopes: ['openid', 'email', 'offline_access'],
      secrets: [],
      keys: [],
      issuer: 'https://login.gatehouse.test',
      discovery: 'https://login.gatehouse.test/.well-known/openid-configuration',
    })
    expect(await server.core.parts.appRegistry.find(app.id)).toMatchObject({ firstParty: false })
    const changed = await call(`/${app.id}`, {
      method: 'PATCH',
      json: { name: 'Shop 2', postLogoutRedirectUris: ['https://shop.test/'] },
    })
    expect(read(changed)).toMatchObject({
      name: 'Shop 2',
      redirectUris: shop.redirectUris,
      postLogoutRedirectUris: ['https://shop.test/'],
    })
    expect(await server.core.parts.appRegistry.find(app.id), 'seen at once').toMatchObject({ name: 'Shop 2' })
    expect(read(await call('')).apps.map(({ id }: { id: string }) => id)).toContain(app.id)
    expect((await call(`/${app.id}`, { method: 'DELETE' })).status).toBe(204)
    expect((await call(`/${app.id}`)).status).toBe(404)
    expect(await server.core.parts.appRegistry.find(app.id)).toBeNull()
    for (const action of ['app.registered', 'app.changed', 'app.removed'])
      expect(await audited(action, app.id), action).toHaveLength(1)
  })

  it('keeps all of ten simultaneous changes', async () => {
    const id = await registered()
    const keys = Array.from({ length: 5 }, () => generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }))
    const answers = await Promise.all(keys.map((publicKey) => post(`/${id}/keys`, { publicKey })))
    const added = answers.filter(({ status }) => status === 201).length
    expect(answers.map(({ status }) => status).filter((status) => status !== 201 && status !== 503)).toEqual([])
    expect(read(await call(`/${id}`)).keys).toHaveLength(added)
  })

  it.each<[what: string, changes: object, field: string, message: string]>([
    ['no redirect URI', { redirectUris: [] }, 'redirectUris', 'need at least one'],
    ['OP-19 a wildcard', { redirectUris: ['https://*.shop.test/cb'] }, 'redirectUris', 'wildcards are not allowed'],
    ['OP-10 a user name', { redirectUris: ['https://good.test@evil.test/'] }, 'redirectUris', 'user name'],
    ['OP-09 a fragment', { redirectUris: ['https://shop.test/cb#x'] }, 'redirectUris', 'fragment'],
    ['OP-06 dot segments', { redirectUris: ['https://shop.test/a/../b'] }, 'redirectUris', '. or ..'],
    ['OP-07 encoded dots', { redirectUris: ['https://shop.test/%2e%2e/b'] }, 'redirectUris', '. or ..'],
    [
      'OP-12 another case',
      { redirectUris: ['https://SHOP.test/cb'] },
      'redirectUris',
      'as browsers write it: https://shop.test/cb',
    ],
    ['OP-14 a backslash', { redirectUris: ['https://shop.test\\@evil.test/'] }, 'redirectUris', 'backslash'],
    ['OP-16 a line break', { redirectUris: ['https://shop.test/\r\nx: y'] }, 'redirectUris', 'control'],
    ['OP-17 javascript:', { redirectUris: ['javascript:alert(1)'] }, 'redirectUris', 'whole address'],
    ['OP-18 data:', { redirectUris: ['data:text/html,x'] }, 'redirectUris', 'whole address'],
    ['OP-03 another scheme', { redirectUris: ['ftp://shop.test/'] }, 'redirectUris', 'must be https'],
    ['http elsewhere', { redirectUris: ['http://shop.test/'] }, 'redirectUris', 'must be https'],
    ['a scheme of its own in a web app', { redirectUris: ['com.acme.app:/cb'] }, 'redirectUris', 'must be https'],
    ['a scheme that is nobody’s', { kind: 'native', redirectUris: ['acme:/cb'] }, 'redirectUris', 'reversed domain'],
    ['a very long one', { redirectUris: [`https://shop.test/${'a'.repeat(2000)}`] }, 'redirectUris', 'at most 2000'],
    [
      '21 of them',
      { redirectUris: Array.from({ length: 21 }, (_, index) => `https://shop.test/${index}`) },
      'redirectUris',
      'at most 20',
    ],
    ['a logout address by http', { backchannelLogoutUri: 'http://10.0.0.1/' }, 'backchannelLogoutUri', 'must be https'],
    ['a name that hides its direction', { name: 'Shop\u202Eexe' }, 'name', 'invisible'],
    ['no name', { name: ' ' }, 'name', 'missing'],
    ['an unknown scope', { scopes: ['openid', 'admin'] }, 'scopes', '"admin" is not known here'],
    [
      'OP-36 no PKCE, where it keeps no secret',
      { kind: 'single-page', pkce: 'or-nonce' },
      'pkce',
      'needs a secret or key, which a single-page app cannot keep',
    ],
    ['redirect URIs of a service', { kind: 'service' }, 'redirectUris', 'are not for a service'],
  ])('is rejected with %s, by the name of the field', async (_, changes, field, message) => {
    const refused = await post('', { ...shop, ...changes })
    expect(refused.status).toBe(422)
    expect(read(refused)).toMatchObject({ code: 'app_invalid', fixer: 'app developer' })
    expect(read(refused).faults).toContainEqual(
      expect.objectContaining({ field, message: expect.stringContaining(message) }),
    )
  })

  it('C3-C7: takes OAuth settings, shows the effective ones and restores defaults with null', async () => {
    const id = await registered()
    const patch = (json: unknown) => call(`/${id}`, { method: 'PATCH', json })
    expect(read(await call(`/${id}`))).toMatchObject({
      grants: ['authorization_code', 'refresh_token'],
      idTokenSignedResponseAlg: 'RS256',
      requirePushedAuthorizationRequests: false,
      refreshTokenRotation: true,
      tenantInIdToken: false,
    })
    expect(read(await patch({ profile: 'fapi2', idTokenSignedResponseAlg: 'ES256' }))).toMatchObject({
      profile: 'fapi2',
      idTokenSignedResponseAlg: 'ES256',
      tokenEndpointAuthMethod: 'private_key_jwt',
      requirePushedAuthorizationRequests: true,
      dpopBoundAccessTokens: true,
      refreshTokenRotation: false,
    })
    for (const algorithm of ['RS256', 'EdDSA']) {
      const refused = await patch({ idTokenSignedResponseAlg: algorithm })
      expect([refused.status, read(refused).faults[0].field]).toEqual([422, 'idTokenSignedResponseAlg'])
    }
    const restored = read(await patch({ profile: null, idTokenSignedResponseAlg: null }))
    expect(restored).toMatchObject({ idTokenSignedResponseAlg: 'RS256', dpopBoundAccessTokens: false })
    expect(restored.profile).toBeUndefined()
  })

  it('C8: cannot be exempted from PKCE and nonce by its developer', async () => {
    const id = await registered()
    expect((await call(`/${id}`, { method: 'PATCH', json: { pkce: 'optional' } })).status).toBe(400)
  })

  it('OP-36 needs PKCE until its developer turns it off, and again when it is turned on', async () => {
    const id = await registered()
    const pkceOf = async () => [
      read(await call(`/${id}`)).pkce,
      (await server.core.parts.appRegistry.find(id))?.pkce ?? 'required',
    ]
    expect(await pkceOf()).toEqual(['required', 'required'])
    for (const pkce of ['or-nonce', 'required']) {
      expect((await call(`/${id}`, { method: 'PATCH', json: { pkce } })).status).toBe(200)
      await call(`/${id}`, { method: 'PATCH', json: { name: 'Other' } })
      expect(await pkceOf()).toEqual([pkce, pkce])
    }
  })

  it('OP-26 may have loopback and a custom scheme only as a native app', async () => {
    const redirectUris = ['http://127.0.0.1/cb', 'com.acme.app:/cb']
    expect((await post('', { name: 'Native', kind: 'native', redirectUris })).status).toBe(201)
  })

  it.each([
    ['an unknown member', { ...shop, redirectUri: 'https://x.test' }],
    ['a tenant of its own choice', { ...shop, tenants: ['beta'] }],
    ['a claim to be first party', { ...shop, firstParty: true }],
    ['a list where text belongs', { ...shop, name: ['Shop'] }],
    ['__proto__', '{"name":"Shop","kind":"web","redirectUris":["https://a.test/"],"__proto__":{"firstParty":true}}'],
    ['an unknown kind', { ...shop, kind: 'spa' }],
    ['a body that is a list', [shop]],
  ])('is rejected with %s before anything is stored', async (_, json) => {
    expect((await post('', json)).status).toBe(400)
  })

  it('keeps its type', async () => {
    const refused = await call(`/${await registered()}`, { method: 'PATCH', json: { kind: 'native' } })
    expect([refused.status, read(refused).faults[0].field]).toEqual([422, 'kind'])
  })
})

describe('SE-09 another developer’s app', () => {
  it('is reported as unknown by every operation', async () => {
    const id = await registered()
    const secret = read(await post(`/${id}/secrets`, {}))
    const others = [await tokenFor(server, 'rival@mail.test'), await tokenFor(server, 'dev@mail.test', 'beta')]
    for (const other of others) {
      const tries = [
        call(`/${id}`, {}, other),
        call(`/${id}`, { method: 'PATCH', json: { name: 'Mine' } }, other),
        call(`/${id}`, { method: 'DELETE' }, other),
        call(`/${id}/secrets`, {}, other),
        post(`/${id}/secrets`, {}, other),
        call(`/${id}/secrets/${secret.id}`, { method: 'DELETE' }, other),
        post(`/${id}/keys`, { generate: true }, other),
        call(`/${id}/keys/any`, { method: 'DELETE' }, other),
      ]
      for (const refused of await Promise.all(tries)) {
        expect([refused.status, refused.status === 404 ? read(refused).code : '']).toEqual([404, 'app_unknown'])
        expect(refused.body).not.toContain(secret.secret)
      }
    }
    expect(read(await call(`/${id}`))).toMatchObject({ name: 'Shop', secrets: [{ id: secret.id }] })
  })

  it('looks like one that never existed', async () => {
    const [foreign, none] = [await registered(), 'app000000000000000000000000']
    const rival = await tokenFor(server, 'rival@mail.test')
    const bare = async (id: string) => ({ ...read(await call(`/${id}`, {}, rival)), reference: '' })
    expect(await bare(foreign)).toEqual(await bare(none))
  })
})

describe('app registration', () => {
  it("is limited to the tenant's developers; others get 403", async () => {
    const refused = await post('', shop, await tokenFor(server, 'eve@mail.test', 'beta'))
    expect([refused.status, read(refused).code]).toEqual([403, 'permission_refused'])
    expect((await call('', {}, await tokenFor(server, 'dev@mail.test', 'beta'))).status).toBe(200)
  })

  it('requires a session', async () => {
    expect((await api(server, '/api/v1/apps')).status).toBe(401)
  })

  it('SE-07 writes with a cookie from our own pages only', async () => {
    const browser = await browserOf(server, 'pat@mail.test')
    const requested = (headers: Record<string, string>): PageRequest => ({ method: 'POST', json: shop, headers })
    expect((await browser.ask('/api/v1/apps', requested({ 'sec-fetch-site': 'cross-site' }))).status).toBe(403)
    expect((await browser.ask('/api/v1/apps', requested({}))).status).toBe(403)
    expect((await browser.ask('/api/v1/apps', requested({ 'sec-fetch-site': 'same-origin' }))).status).toBe(201)
  })

  it('SE-07 writes with a cookie from our own pages only, not from those of returnOrigins', async () => {
    const browser = await browserOf(server, 'pat@mail.test')
    const from = async (origin: string) => {
      const headers = { origin, 'sec-fetch-site': 'same-site' }
      return (await browser.ask('/api/v1/apps', { method: 'POST', json: shop, headers })).status
    }
    expect(await from(appOrigin)).toBe(403)
    expect(await from('https://other.gatehouse.test')).toBe(403)
  })
})
