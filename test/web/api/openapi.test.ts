/** The description of `/api/v1` says what the program does: the same routes, the same answers. */
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apiRoutes } from '../../../src/web/api/openapi/openapi.ts'
import { callers, templateOf } from '../../../src/web/api/route.ts'
import { schemas } from '../../../src/web/api/schemas.ts'
import { routes } from '../../../src/web/routes.ts'
import type { PageRequest } from '../../support/browser/test-browser.ts'
import { api, password, tokenFor } from '../../support/gatehouse/connections.ts'
import { acmeYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../../support/gatehouse/test-gatehouse.ts'
import { adminCalls } from '../../support/openapi/admin-calls.ts'
import { errorRows, newApp } from '../../support/openapi/error-rows.ts'
import { responseErrors, schemaErrors } from '../../support/openapi/responses.ts'
import { signInWithFactor } from '../../support/openapi/second-factor-calls.ts'

let gatehouse: TestGatehouse
let document: Parameters<typeof responseErrors>[0]
beforeAll(async () => {
  const okta = await oktaFor()
  gatehouse = await startTestGatehouse({
    okta,
    tenants: { 'acme.yaml': acmeYaml(okta, 'access: { developer: everyone, admin: [admin@mail.test] }\n') },
  })
  document = JSON.parse((await api(gatehouse, '/api/v1/openapi.json')).body)
})
afterAll(async () => {
  await gatehouse?.stop()
  await gatehouse?.okta.close()
})

describe('the OpenAPI document', () => {
  it('describes exactly the routes of /api/v1', () => {
    const withDescriptions = apiRoutes.map(({ method, path }) => `${method} ${path}`)
    const routed = routes([])
      .filter(({ path, method }) => path.startsWith('/api/v1/') && method !== 'options')
      .map(({ method, path }) => `${method} ${path}`)
    expect(withDescriptions.toSorted()).toEqual(routed.toSorted())
  })

  it('names every operation once, with its path parameters, credentials and callers', () => {
    expect(new Set(apiRoutes.map(({ id }) => id)).size).toBe(apiRoutes.length)
    for (const { id, method, path, params, caller } of apiRoutes) {
      expect(document.paths[templateOf(path)]?.[method]?.description, id).toContain(callers[caller].text)
      const parameters = Object.keys(params?.shape ?? {})
      expect([id, parameters]).toEqual([id, [...path.matchAll(/:(\w+)/g)].map(([, name]) => name)])
      expect([id, callers[caller].credentials.length > 0]).toEqual([id, caller !== 'anyone'])
    }
  })

  it('names client secret and app key as the credentials of server endpoints', () => {
    for (const { id, caller } of apiRoutes) {
      const { credentials } = callers[caller]
      const servers = credentials.filter((credential) => credential === 'appSecret' || credential === 'appKey')
      expect([id, servers.length]).toEqual([id, caller === 'app' ? 2 : 0])
      if (caller === 'app') expect(credentials).toHaveLength(2)
    }
  })

  it('has examples that match their schemas', () => {
    const names = new Map<unknown, string>(Object.entries(schemas).map(([name, schema]) => [schema, name]))
    for (const { id, body, answer } of apiRoutes) {
      for (const { schema, example } of [body, answer].filter((part) => part !== undefined)) {
        const withDescriptions = document.components.schemas[names.get(schema) ?? '']
        if (schema !== undefined) expect([id, schemaErrors(document, withDescriptions, example)]).toEqual([id, []])
      }
    }
  })

  it('is readable by any site and cached', async () => {
    const answer = await api(gatehouse, '/api/v1/openapi.json')
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=300',
      'content-type': expect.stringContaining('application/json'),
    })
    expect(JSON.parse(answer.body)).toMatchObject({ openapi: '3.1.1', servers: [{ url: publicOrigin }] })
    const again = await api(gatehouse, '/api/v1/openapi.json', { headers: { 'if-none-match': answer.headers.etag } })
    expect(again.status).toBe(304)
  })
})

const unknown = { id: 'unknown', role: 'admin', appId: 'unknown', secretId: 'unknown', keyId: 'unknown' }

/** Every operation asked for, so that none is withDescriptions by hearsay. */
const asked = new Set<string>()

/** @param values of the path; `query` follows it */
async function ask(id: string, values: Readonly<Record<string, string>>, requested: PageRequest, token?: string) {
  const operation = apiRoutes.find((candidate) => candidate.id === id)
  if (operation === undefined) throw new Error(`no operation ${id}`)
  asked.add(id)
  const path = operation.path.replace(/:(\w+)/g, (_, name: string) => values[name] ?? '') + (values['query'] ?? '')
  const page = await api(gatehouse, path, { ...requested, method: operation.method.toUpperCase() }, token)
  const answer = { status: page.status, type: String(page.headers['content-type'] ?? ''), body: page.body }
  expect(responseErrors(document, { method: operation.method, path: templateOf(operation.path) }, answer)).toEqual([])
  const isFile = page.headers['content-disposition'] !== undefined
  return { status: page.status, body: page.body === '' || isFile ? page.body : JSON.parse(page.body) }
}

describe('actual responses match their description', () => {
  it('for a user who signs in, reads and signs out', async () => {
    await tokenFor(gatehouse, 'ada@mail.test')
    const signIn = { json: { tenant: 'acme', email: 'ada@mail.test', password } }
    const opened = await ask('createSession', {}, signIn)
    expect(opened.status).toBe(201)
    const { token } = opened.body
    const other = (await ask('createSession', {}, signIn)).body
    expect((await ask('getSession', {}, {}, token)).status).toBe(200)
    expect((await ask('getUser', {}, {}, token)).status).toBe(200)
    expect((await ask('listSessions', {}, {}, token)).body.sessions.length).toBeGreaterThanOrEqual(2)
    expect((await ask('listConsents', {}, {}, token)).body).toEqual({ consents: [] })
    const adminToken = await tokenFor(gatehouse, 'admin@mail.test')
    const { events } = (await ask('listAuditEvents', {}, {}, adminToken)).body
    expect(events[0]).toMatchObject({ action: 'sign_in.succeeded' })
    const file = await ask('exportAuditEvents', { query: '?format=csv&action=sign_in.succeeded' }, {}, adminToken)
    expect([file.status, file.body.split(',')[0]]).toEqual([200, 'id'])
    expect((await ask('deleteConsent', { appId: 'nobody' }, {}, token)).status).toBe(404)
    expect((await ask('deleteSession', { id: other.session.id }, {}, token)).status).toBe(204)
    expect((await ask('deleteOtherSessions', {}, {}, token)).status).toBe(200)
    expect((await ask('deleteOwnSession', {}, {}, token)).status).toBe(204)
    expect((await ask('getOpenApi', {}, {})).status).toBe(200)
  })

  it('for a user who signs in with a second factor', () => signInWithFactor(gatehouse, ask))

  it('for a user who signs up, and later resets the password', async () => {
    for (const [name, chosen] of [
      ['SignUp', password],
      ['PasswordReset', `${password} 2`],
    ] as const) {
      const json = { tenant: 'acme', email: 'new@mail.test' }
      expect((await ask(`request${name}`, {}, { json })).status).toBe(202)
      const count = name === 'SignUp' ? 1 : 2
      const code = /paste this one:\s+(\S+)/.exec((await gatehouse.mail(json.email, count)).text)?.[1]
      expect((await ask(`check${name}`, {}, { json: { tenant: 'acme', code } })).body.email).toBe(json.email)
      const done = await ask(`complete${name}`, {}, { json: { tenant: 'acme', code, password: chosen } })
      expect(done.status).toBe(201)
    }
  })

  it('for a leaked credential', async () => {
    const token = await tokenFor(gatehouse, 'leaks@mail.test')
    const { status, body } = await ask('reportLeaks', {}, { json: [{ token }] })
    expect([status, body[0].label]).toEqual([200, 'true_positive'])
    expect((await ask('reportLeaks', {}, { json: [] })).status).toBe(400)
  })

  it('for API tokens', async () => {
    const session = await tokenFor(gatehouse, 'tokens@mail.test')
    const draft = { name: 'Build', scopes: ['tokens:read'], ranges: ['127.0.0.1'] }
    const created = await ask('createToken', {}, { json: draft }, session)
    expect(created.status).toBe(201)
    const { id } = created.body.apiToken
    expect((await ask('listTokens', {}, {}, created.body.token)).body.tokens).toHaveLength(1)
    const rotated = await ask('rotateToken', { id }, { json: { overlapSeconds: 60 } }, session)
    expect(rotated.status).toBe(201)
    expect((await ask('rotateToken', { id }, { json: {} }, session)).status).toBe(409)
    expect((await ask('listTokens', {}, {}, session)).body.tokens).toHaveLength(2)
    expect((await ask('createToken', {}, { json: { ...draft, ranges: ['x'] } }, session)).status).toBe(422)
    expect((await ask('createToken', {}, { json: draft }, rotated.body.token)).status).toBe(403)
    expect((await ask('confirmToken', { id }, {}, session)).status).toBe(404)
    expect((await ask('revokeToken', { id }, {}, session)).status).toBe(204)
    expect((await ask('revokeTokens', {}, {}, session)).body).toEqual({ revoked: 1 })
  })

  it('for a user who changes the password and the sign-in methods', async () => {
    const token = await tokenFor(gatehouse, 'methods@mail.test')
    const wrong = { currentPassword: 'wrong', password: `${password} 2` }
    expect((await ask('changePassword', {}, { json: wrong }, token)).status).toBe(401)
    const change = { currentPassword: password, password: `${password} 2` }
    const changed = await ask('changePassword', {}, { json: change }, token)
    expect(changed.status).toBe(201)
    const now = changed.body.token
    const listed = await ask('listIdentities', {}, {}, now)
    expect(listed.body).toMatchObject({ identities: [{ connection: 'password' }], fresh: true })
    const [{ id }] = listed.body.identities
    expect((await ask('startLink', {}, { json: { connection: 'okta' } }, now)).status).toBe(400)
    expect((await ask('unlinkIdentity', { id }, {}, now)).status).toBe(409)
    expect((await ask('unlinkIdentity', { id: 'nothing' }, {}, now)).status).toBe(404)
    expect((await ask('confirmIdentity', { id }, { json: {} }, now)).status).toBe(404)
  })

  it("for a developer and their app's server", async () => {
    const token = await tokenFor(gatehouse, 'dev@mail.test')
    const registered = await ask('registerApp', {}, { json: newApp }, token)
    expect(registered.status).toBe(201)
    const { id } = registered.body
    expect((await ask('listApps', {}, {}, token)).body.apps).toHaveLength(1)
    expect((await ask('updateApp', { id }, { json: { name: 'The Shop', logoUri: null } }, token)).body.name).toBe(
      'The Shop',
    )
    const { body: secret } = await ask('rotateSecret', { id }, { json: {} }, token)
    await ask('rotateSecret', { id }, { json: { overlapSeconds: 60 } }, token)
    const key = await ask('addKey', { id }, { json: { name: 'One', generate: true } }, token)
    expect(key.body.privateKey).toContain('PRIVATE KEY')
    const publicKey = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
    expect((await ask('addKey', { id }, { json: { name: 'Two', publicKey } }, token)).status).toBe(201)
    const published = { name: 'Three', jwksUrl: 'https://shop.example/jwks' }
    expect((await ask('addKey', { id }, { json: published }, token)).status).toBe(201)
    expect((await ask('getApp', { id }, {}, token)).body).toMatchObject({ secrets: [{}, {}], keys: [{}, {}, {}] })
    expect((await ask('listSecrets', { id }, {}, token)).body.secrets).toHaveLength(2)

    const own = (await ask('createDeveloperSecret', {}, { json: {} }, token)).body
    const next = (await ask('rotateDeveloperSecret', { id: own.id }, { json: {} }, token)).body
    expect((await ask('listDeveloperSecrets', {}, {}, token)).body.secrets).toHaveLength(2)
    expect((await ask('listApps', {}, { headers: { authorization: `Secret ${next.secret}` } })).status).toBe(200)
    expect((await ask('revokeDeveloperSecret', { id: own.id }, {}, token)).status).toBe(204)

    const server = { headers: { authorization: `Secret ${secret.secret}` } }
    expect((await ask('getCallingApp', {}, server)).body.id).toBe(id)
    expect((await ask('updateCallingApp', {}, { ...server, json: { name: 'The Shop' } })).status).toBe(200)
    // it has two
    expect((await ask('rotateCallingAppSecret', {}, { ...server, json: {} })).status).toBe(422)
    const added = (await ask('addCallingAppKey', {}, { ...server, json: { generate: true } })).body
    expect((await ask('deleteCallingAppKey', { keyId: added.id }, server)).status).toBe(204)
    const [spare] = (await ask('getApp', { id }, {}, token)).body.secrets
    expect((await ask('revokeCallingAppSecret', { secretId: spare.id }, server)).status).toBe(204)
    expect((await ask('rotateCallingAppSecret', {}, { ...server, json: {} })).status).toBe(201)
    const person = await tokenFor(gatehouse, 'seen@mail.test')
    const check = () => ask('checkToken', {}, { ...server, json: { token: person } })
    expect((await check()).body).toEqual({ active: false })
    const { user, tenant } = (await ask('getSession', {}, {}, person)).body
    expect((await ask('getAppUser', { id: user.id }, server)).status).toBe(404)
    await gatehouse.core.parts.consents.give({
      tenant,
      userId: user.id,
      appId: id,
      scopes: ['openid', 'email'],
      grantedAt: new Date(),
    })
    expect((await check()).body).toMatchObject({ active: true, claims: { email: 'seen@mail.test' } })
    expect((await ask('getAppUser', { id: user.id }, server)).status).toBe(200)
    expect((await ask('listAppUsers', {}, server)).body.users).toMatchObject([{ id: user.id, tenant }])
    expect((await ask('listConsents', {}, {}, person)).body.consents).toMatchObject([{ app: { id, name: 'The Shop' } }])
    expect((await ask('deleteConsent', { appId: id }, {}, person)).status).toBe(204)
    expect((await ask('endAppUserSessions', { id: user.id }, server)).status).toBe(404)
    expect((await ask('endAppUserConsent', { id: user.id }, server)).status).toBe(404)
    expect((await ask('getAppStatistics', {}, server)).body.days).toHaveLength(30)

    expect((await ask('revokeSecret', { id, secretId: secret.id }, {}, token)).status).toBe(204)
    expect((await ask('getCallingApp', {}, server)).status).toBe(401)
    expect((await ask('deleteKey', { id, keyId: key.body.id }, {}, token)).status).toBe(204)
    expect((await ask('deleteApp', { id }, {}, token)).status).toBe(204)
    expect((await ask('getApp', { id }, {}, token)).status).toBe(404)
  })

  it('for an administrator', async () => {
    const [admin, person] = [await tokenFor(gatehouse, 'admin@mail.test'), await tokenFor(gatehouse, 'seen@mail.test')]
    const { id } = (await ask('getSession', {}, {}, person)).body.user
    const role = { id, role: 'developer' }
    expect((await ask('listOwnRoles', {}, {}, person)).body.roles.length).toBeGreaterThan(0)
    expect((await ask('listRoles', { id }, {}, person)).status).toBe(403)
    expect((await ask('listRoles', { id }, {}, admin)).status).toBe(200)
    expect((await ask('assignRole', role, {}, admin)).body.roles[0].source.kind).toBe('everyone')
    expect((await ask('assignRole', { id, role: 'operator' }, {}, admin)).status).toBe(400)
    expect((await ask('removeRole', role, {}, admin)).status).toBe(204)
    expect((await ask('removeRole', role, {}, admin)).status).toBe(404)
    const account = (await ask('createServiceAccount', {}, { json: { name: 'Deploys' } }, admin)).body
    expect((await ask('listServiceAccounts', {}, {}, admin)).body.serviceAccounts).toEqual([account])
    const created = await ask('createServiceToken', account, { json: { name: 'Build' } }, admin)
    const serviceToken = { id: account.id, tokenId: created.body.apiToken.id }
    expect((await ask('rotateServiceToken', serviceToken, { json: { overlapSeconds: 60 } }, admin)).status).toBe(201)
    expect((await ask('listServiceTokens', account, {}, admin)).body.tokens).toHaveLength(2)
    expect((await ask('revokeServiceToken', serviceToken, {}, admin)).status).toBe(204)
    expect((await ask('listServiceTokens', { id }, {}, admin)).status).toBe(404)
    gatehouse.clock.forward(601)
    expect((await ask('assignRole', role, {}, admin)).status).toBe(403)
  })

  it.each(Object.entries(adminCalls))('for an administrator who %s', async (_, call) => call(ask, gatehouse))

  it('for a developer with invalid input', async () => {
    const token = await tokenFor(gatehouse, 'dev@mail.test')
    const refused = await ask('registerApp', {}, { json: { ...newApp, redirectUris: ['javascript:1', 'x'] } }, token)
    expect([refused.status, refused.body.faults.length]).toEqual([422, 2])
    expect((await ask('registerApp', {}, { json: { ...newApp, firstParty: true } }, token)).status).toBe(400)
  })

  it.each(errorRows)('for %s with an error (%#)', async (id, requested, status) => {
    expect((await ask(id, { ...unknown }, requested)).status).toBe(status)
  })

  const guarded = apiRoutes.filter(({ caller }) => caller !== 'anyone')
  it.each(guarded.map((route) => [route.id, route] as const))('for %s without a credential', async (id, route) => {
    const { method, path, body } = route
    const values = Object.fromEntries([...path.matchAll(/:(\w+)/g)].map(([, name]) => [name, 'unknown']))
    const sent = body?.example ?? (method === 'post' ? {} : undefined)
    expect((await ask(id, values, sent === undefined ? {} : { json: sent })).status).toBe(401)
  })

  it('for an unknown session', async () => {
    const token = await tokenFor(gatehouse, 'bob@mail.test')
    expect((await ask('deleteSession', { id: 'unknown' }, {}, token)).status).toBe(404)
  })
})

it('and every operation was requested', () => {
  expect([...asked].toSorted()).toEqual(apiRoutes.map(({ id }) => id).toSorted())
})
