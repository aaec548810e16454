/** `/api/v1/app`: an app reads and changes itself with its own secret or key. */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AuditEvent } from '../../../../src/broker/ports/audit.ts'
import { api, tokenFor } from '../../../support/gatehouse/connections.ts'
import { declaredSecret, read, settings } from '../../../support/gatehouse/first-party-app.ts'
import { signedByApp } from '../../../support/gatehouse/signed-by-app.ts'
import { acmeYaml, betaYaml, oktaFor } from '../../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../../support/gatehouse/test-gatehouse.ts'

const owner = 'pat@mail.test'
let server: TestGatehouse
let pat: string
beforeAll(async () => {
  const okta = await oktaFor()
  const tenants = { 'acme.yaml': acmeYaml(okta, 'access: { developer: everyone }\n'), 'beta.yaml': betaYaml(okta) }
  server = await startTestGatehouse({ okta, tenants, settings })
  pat = await tokenFor(server, owner)
})
afterAll(() => server.stop())

interface TestApp {
  readonly id: string
  readonly secretId: string
  readonly secret: string
  readonly kid: string
  readonly key: KeyObject
}

const asOwner = (path: string, method: string, json: object = {}) =>
  api(server, `/api/v1/apps${path}`, { method, json }, pat)

async function newApp(name = 'Shop'): Promise<TestApp> {
  const shop = { name, kind: 'web', redirectUris: ['https://shop.test/cb'] }
  const { id } = read(await asOwner('', 'POST', shop))
  const made = read(await asOwner(`/${id}/secrets`, 'POST'))
  const key = read(await asOwner(`/${id}/keys`, 'POST', { generate: true }))
  return { id, secretId: made.id, secret: made.secret, kid: key.id, key: createPrivateKey(key.privateKey) }
}

const request = (authorization: string, path = '', method = 'GET', json?: object) =>
  api(server, `/api/v1/app${path}`, { method, headers: { authorization }, ...(json && { json }) })
const bySecret = ({ secret }: Pick<TestApp, 'secret'>) => `Secret ${secret}`
const byKey = (app: TestApp) => signedByApp(app, server.clock.now())

async function events(target: string, action: string): Promise<readonly AuditEvent[]> {
  const all = await server.core.parts.audit.recent({ tenant: 'acme', limit: 500 })
  return all.filter((event) => event.target === target && event.action === action)
}

describe('an app', () => {
  it('reads itself, with its secrets and keys by ID', async () => {
    const app = await newApp()
    for (const authorization of [bySecret(app), await byKey(app)]) {
      const answer = await request(authorization)
      expect(read(answer)).toMatchObject({ id: app.id, secrets: [{ id: app.secretId }], keys: [{ id: app.kid }] })
      expect(answer.body).not.toContain(app.secret)
    }
  })

  it('changes its redirect URIs with its key: audited, and emailed to the owner', async () => {
    const app = await newApp('Keyed Shop')
    const redirectUris = ['https://shop.test/cb', 'https://new.shop.test/cb']
    const changed = await request(await byKey(app), '', 'PATCH', { redirectUris })
    expect([changed.status, read(changed).redirectUris]).toEqual([200, redirectUris])
    expect((await server.core.parts.apps.find(app.id))?.redirectUris).toEqual(redirectUris)
    const [event] = await events(app.id, 'app.changed')
    expect(event).toMatchObject({
      actor: `app:${app.id}`,
      before: { redirectUris: ['https://shop.test/cb'] },
      after: { redirectUris },
      details: { by: app.kid },
    })
    const mail = await server.mail(owner)
    expect(mail.subject).toBe('Your app Keyed Shop at Acme changed its settings')
    expect(mail.text).toContain('changed its settings:\n\n- redirectUris\n')
    expect(mail.text).toContain(`/developer/apps/${app.id}`)
  })

  it('creates, rotates and revokes its secrets and keys, each audited without the secret', async () => {
    const app = await newApp()
    const second = read(await request(await byKey(app), '/secrets', 'POST', { overlapSeconds: 60 }))
    expect((await request(`Secret ${second.secret}`)).status).toBe(200)
    expect((await request(bySecret(second), `/secrets/${app.secretId}`, 'DELETE')).status).toBe(204)
    expect((await request(bySecret(app))).status).toBe(401)
    const key = read(await request(bySecret(second), '/keys', 'POST', { name: 'Two', generate: true }))
    const newKey = { ...app, kid: key.id, key: createPrivateKey(key.privateKey) }
    expect((await request(await byKey(newKey), `/keys/${app.kid}`, 'DELETE')).status).toBe(204)
    expect((await request(await byKey(app))).status).toBe(401)
    expect(read(await request(await byKey(newKey))).keys).toMatchObject([{ id: key.id, name: 'Two' }])
    for (const action of ['app.secret_created', 'app.secret_revoked', 'app.key_added', 'app.key_removed']) {
      const found = await events(app.id, action)
      expect(found.map(({ actor }) => actor)).toContain(`app:${app.id}`)
      expect(JSON.stringify(found)).not.toContain(second.secret)
    }
  })

  it('gets a 4xx that states the received and the allowed values', async () => {
    const app = await newApp()
    const invalid = await request(bySecret(app), '', 'PATCH', { redirectUris: ['javascript:alert(1)'] })
    expect([invalid.status, read(invalid).code]).toEqual([422, 'app_invalid'])
    expect(read(invalid).detail).toContain('javascript:alert(1)')
    expect((await request(bySecret(app), '', 'PATCH', { firstParty: true })).status).toBe(400)
    expect((await request(bySecret(app), '/secrets/unknown', 'DELETE')).status).toBe(404)
    expect((await request(bySecret(app), '/secrets', 'POST', { overlapSeconds: -1 })).status).toBe(422)
    const stale = await request(bySecret(app), '/secrets', 'POST', { replaces: 'unknown' })
    expect(read(stale).detail).toContain(`the one to rotate is "${app.secretId}"`)
    expect(read(await request(bySecret(app))).redirectUris).toEqual(['https://shop.test/cb'])
  })

  it('cannot change its redirect URIs if its owner restricts them, nor lift the restriction', async () => {
    const app = await newApp()
    expect((await asOwner(`/${app.id}`, 'PATCH', { restrictRedirectUrisToOwner: true })).status).toBe(200)
    for (const json of [
      { redirectUris: ['https://evil.test/cb'] },
      { postLogoutRedirectUris: ['https://evil.test/'] },
      { restrictRedirectUrisToOwner: false },
      { restrictRedirectUrisToOwner: null, redirectUris: ['https://evil.test/cb'] },
      { allow: { emails: ['eve@evil.test'] } },
      { allowPerTenant: { acme: { groups: ['everyone'] } } },
    ]) {
      const refused = await request(bySecret(app), '', 'PATCH', json)
      expect([refused.status, read(refused).code]).toEqual([403, 'app_owner_only'])
      expect(read(refused).detail).toContain(Object.keys(json)[0])
    }
    expect((await request(bySecret(app), '', 'PATCH', { name: 'Renamed' })).status).toBe(200)
    expect((await asOwner(`/${app.id}`, 'PATCH', { redirectUris: ['https://two.test/cb'] })).status).toBe(200)
    expect(await server.core.parts.apps.find(app.id)).toMatchObject({ redirectUris: ['https://two.test/cb'] })
  })

  it('of gatehouse.yaml reads itself, and is referred to the file for every change', async () => {
    const declared = `Secret ${declaredSecret}`
    expect(read(await request(declared))).toMatchObject({ id: 'own', name: 'Own' })
    for (const [path, method, json] of [
      ['', 'PATCH', { name: 'Other' }],
      ['/secrets', 'POST', {}],
      ['/secrets/any', 'DELETE', undefined],
      ['/keys', 'POST', { generate: true }],
      ['/keys/any', 'DELETE', undefined],
    ] as const) {
      const refused = await request(declared, path, method, json)
      expect([refused.status, read(refused).code]).toEqual([409, 'app_declared'])
      expect(read(refused).detail).toContain('gatehouse.yaml')
    }
  })

  it('SE-09 cannot reach another app, whatever ID it sends', async () => {
    const [mine, theirs] = [await newApp(), await newApp()]
    expect((await request(bySecret(mine), `/secrets/${theirs.secretId}`, 'DELETE')).status).toBe(404)
    expect((await request(bySecret(mine), `/keys/${theirs.kid}`, 'DELETE')).status).toBe(404)
    expect((await request(bySecret(mine), '', 'PATCH', { id: theirs.id, name: 'Stolen' })).status).toBe(400)
    expect((await request(bySecret(mine), `?id=${theirs.id}`, 'PATCH', { name: 'Mine' })).status).toBe(200)
    for (const path of [`/${theirs.id}`, `/${theirs.id}/secrets`])
      expect((await api(server, `/api/v1/apps${path}`, { headers: { authorization: bySecret(mine) } })).status).toBe(
        401,
      )
    expect(await server.core.parts.apps.find(theirs.id)).toMatchObject({ name: 'Shop', secrets: [{}], keys: [{}] })
  })

  it('AP-02 is never a user: sessions, API tokens and developer secrets do not act as an app', async () => {
    const own = read(await api(server, '/api/v1/developer/secrets', { method: 'POST', json: {} }, pat))
    for (const authorization of [`Bearer ${pat}`, `Secret ${own.secret}`])
      expect((await request(authorization)).status).toBe(401)
    const app = await newApp()
    for (const authorization of [bySecret(app), await byKey(app)])
      for (const path of ['/api/v1/session', '/api/v1/users/me', '/api/v1/apps', '/verify'])
        expect((await api(server, path, { headers: { authorization } })).status, path).toBe(401)
  })

  it('stops changing itself once its owner is blocked or it is disabled', async () => {
    const app = await newApp()
    const stored = (await server.core.parts.apps.find(app.id))!
    await server.core.parts.apps.update({ ...stored, disabledAt: new Date() })
    expect((await request(bySecret(app), '', 'PATCH', { name: 'Disabled' })).status).toBe(401)
    expect((await request(await byKey(app), '', 'PATCH', { name: 'Disabled' })).status).toBe(401)
    expect((await server.core.parts.apps.find(app.id))?.name).toBe('Shop')
  })

  it.each([
    ['its key is removed', { keys: [] }],
    ['it is disabled', { disabledAt: new Date() }],
  ])('AP-02 is refused by every call once another process stored that %s', async (_, change) => {
    const app = await newApp()
    const calls = [
      ['', 'GET'],
      ['/users', 'GET'],
      ['/users/any', 'GET'],
      ['/users/any/sessions', 'DELETE'],
      ['/users/any/consent', 'DELETE'],
      ['/statistics', 'GET'],
      ['/tokens/check', 'POST', { token: 'x' }],
    ] as const
    const { apps } = server.core.parts
    for (const [path, method, json] of calls) {
      const stored = (await apps.find(app.id))!
      expect((await request(await byKey(app))).status).toBe(200)
      expect(await apps.update({ ...stored, ...change })).toBe(true)
      expect((await request(await byKey(app), path, method, json)).status, path).toBe(401)
      await apps.update({ ...stored, revision: stored.revision + 1 })
      server.clock.forward(3)
    }
  })

  it('lets one of 50 concurrent rotations of a secret win', async () => {
    const app = await newApp()
    const json = { replaces: app.secretId, overlapSeconds: 0 }
    const authorizations = await Promise.all(Array.from({ length: 50 }, () => byKey(app)))
    const all = await Promise.all(authorizations.map((each) => request(each, '/secrets', 'POST', json)))
    const [won, ...others] = all.filter(({ status }) => status === 201)
    expect(others).toEqual([])
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([201, 422]))
    expect((await server.core.parts.apps.find(app.id))?.secrets.map(({ id }) => id)).toEqual([read(won!).id])
    expect((await request(bySecret(app))).status).toBe(401)
  })
})
