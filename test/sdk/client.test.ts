/** The typed client against a real Gatehouse, and against the document it is typed by. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import type { z } from 'zod'
import { responseTypes } from '../../scripts/response-types.ts'
import { calls } from '../../src/sdk/calls.ts'
import { type GatehouseClient, GatehouseRefusal, GatehouseUnreachable, gatehouseClient } from '../../src/sdk/client.ts'
import type * as answers from '../../src/sdk/responses.ts'
import { apiRoutes } from '../../src/web/api/openapi/openapi.ts'
import { componentSchemas } from '../../src/web/api/openapi/openapi-document.ts'
import { templateOf } from '../../src/web/api/route.ts'
import { type schemas, sdkFiles } from '../../src/web/api/schemas.ts'
import { appLogin, browserOf, password, portal, portalYaml, tokenFor } from '../support/gatehouse/connections.ts'
import { acmeYaml, oktaFor, publicOrigin } from '../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse } from '../support/gatehouse/test-gatehouse.ts'
import { fetchOf } from '../support/sdk/api-server.ts'
import { startTestIssuer } from '../support/sdk/test-issuer.ts'

let server: TestGatehouse
let client: GatehouseClient
beforeAll(async () => {
  const okta = await oktaFor()
  server = await startTestGatehouse({
    okta,
    tenants: { 'acme.yaml': acmeYaml(okta, 'access: { developer: everyone }\n') },
    settings: portalYaml,
  })
  client = gatehouseClient({ issuer: publicOrigin, fetch: fetchOf(server) })
})
afterAll(async () => {
  await server?.stop()
  await server?.okta.close()
})

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('it was not refused'),
    (error: unknown) => (error instanceof GatehouseRefusal ? error.problem : Promise.reject(error)),
  )

describe('the client and the OpenAPI document', () => {
  it('have the same operations at the same paths', () => {
    const withDescriptions = apiRoutes
      .filter(({ id }) => id !== 'getOpenApi')
      .map(({ id, method, path }) => [id, [method.toUpperCase(), templateOf(path)]] as const)
    expect(calls).toEqual(Object.fromEntries(withDescriptions))
  })

  it('the types are generated from the schemas: run `npm run schemas` after changing one', () => {
    for (const [file, own] of Object.entries(sdkFiles)) {
      const text = readFileSync(new URL(`../../src/sdk/${file}`, import.meta.url), 'utf8')
      const biome = fileURLToPath(new URL('../../node_modules/@biomejs/biome/bin/biome', import.meta.url))
      const input = responseTypes(componentSchemas(), Object.keys(own))
      const generated = execFileSync(process.execPath, [biome, 'format', '--stdin-file-path=types.ts'], { input })
      expect(text.startsWith(generated.toString())).toBe(true)
    }
  })

  it('have the same types', () => {
    type Described = { readonly [N in keyof typeof schemas]: z.output<(typeof schemas)[N]> }
    // what the document describes is what the client says it gets
    expectTypeOf<Described['Session']>().toExtend<answers.Session>()
    expectTypeOf<Described['NewSession']>().toExtend<answers.NewSession>()
    expectTypeOf<Described['SessionList']>().toExtend<answers.SessionList>()
    expectTypeOf<Described['User']>().toExtend<answers.User>()
    expectTypeOf<Described['ConsentList']>().toExtend<answers.ConsentList>()
    expectTypeOf<Described['ApiTokenList']>().toExtend<answers.ApiTokenList>()
    expectTypeOf<Described['CreatedApiToken']>().toExtend<answers.CreatedApiToken>()
    expectTypeOf<Described['AppList']>().toExtend<answers.AppList>()
    expectTypeOf<Described['App']>().toExtend<answers.App>()
    expectTypeOf<Described['SecretList']>().toExtend<answers.SecretList>()
    expectTypeOf<Described['CreatedKey']>().toExtend<answers.CreatedKey>()
    expectTypeOf<Described['CheckedToken']>().toExtend<answers.CheckedToken>()
    expectTypeOf<Described['AppUser']>().toExtend<answers.AppUser>()
    expectTypeOf<Described['Problem']>().toExtend<answers.Problem>()
    // and the client leaves out nothing that is withDescriptions
    expectTypeOf<keyof answers.Session>().toEqualTypeOf<keyof Described['Session']>()
    expectTypeOf<keyof answers.Profile>().toEqualTypeOf<keyof Described['Profile']>()
    expectTypeOf<keyof answers.User>().toEqualTypeOf<keyof Described['User']>()
    expectTypeOf<keyof answers.App>().toEqualTypeOf<keyof Described['App']>()
    expectTypeOf<keyof answers.CreatedKey>().toEqualTypeOf<keyof Described['CreatedKey']>()
    expectTypeOf<keyof answers.Secret>().toEqualTypeOf<keyof Described['Secret']>()
    expectTypeOf<keyof answers.Problem>().toEqualTypeOf<keyof Described['Problem']>()
    expectTypeOf<keyof answers.NewApp>().toEqualTypeOf<keyof Described['NewApp']>()
    expectTypeOf<keyof answers.AppChanges>().toEqualTypeOf<keyof Described['AppChanges']>()
  })
})

describe('a user', () => {
  it('signs in, reads sessions and user, and signs out', async () => {
    await tokenFor(server, 'ada@mail.test')
    const signIn = { tenant: 'acme', email: 'ada@mail.test', password }
    const { token, session } = await client.openSession(signIn)
    const other = await client.openSession(signIn)
    const person = client.user(token)
    expect((await person.session()).id).toBe(session.id)
    expect((await person.get()).profile.email).toBe('ada@mail.test')
    expect((await person.sessions()).sessions.map(({ id }) => id)).toContain(other.session.id)
    await person.endSessionOf(other.session.id)
    expect((await refusal(client.user(other.token).session())).code).toBe('session_invalid')
    expect(await person.endOtherSessions()).toBeGreaterThanOrEqual(0)
    expect(await person.consents()).toEqual({ consents: [] })
    await person.endSession()
    expect(await refusal(person.session())).toMatchObject({ status: 401, fixer: 'user' })
  })

  it('is refused with a code and a reference, without the password', async () => {
    const problem = await refusal(client.openSession({ tenant: 'acme', email: 'ada@mail.test', password: 'canary' }))
    expect(problem).toMatchObject({ code: 'credentials_invalid', reference: expect.stringMatching(/^\w{4}-\w{4}$/) })
    const grant = { app: 'nobody', code: 'canary', redirectUri: 'canary', codeVerifier: 'canary' }
    const error = await client.exchangeForSession(grant).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(GatehouseRefusal)
    expect(String(error)).not.toContain('canary')
  })
})

describe('an app of the organization', () => {
  it('A3: exchanges an authorization code for a session, and is refused with an error code', async () => {
    const { path, redirectUri, codeVerifier } = appLogin()
    const back = await (await browserOf(server, 'portal-user@mail.test')).open(path, redirectUri)
    const grant = { code: back.url.searchParams.get('code') ?? '', redirectUri, codeVerifier }
    const app = client.app({ app: portal.id, secret: portal.secret })
    const wrong = await refusal(app.exchangeCode({ ...grant, codeVerifier: 'wrong' }))
    expect(wrong).toMatchObject({ code: 'code_refused', detail: expect.stringContaining('codeVerifier: expected') })
    const { token, session } = await app.exchangeCode(grant)
    expect((await client.user(token).session()).id).toBe(session.id)
  })
})

describe('a developer and their app', () => {
  it('registers and changes an app, creates credentials, and the app calls with each', async () => {
    const { apps } = client.user(await tokenFor(server, 'dev@mail.test'))
    const { id } = await apps.register({ name: 'Shop', kind: 'web', redirectUris: ['https://shop.example/back'] })
    expect((await apps.update(id, { name: 'The Shop' })).name).toBe('The Shop')
    expect((await apps.list()).apps.map((app) => app.id)).toEqual([id])
    const { id: secretId, secret = '' } = await apps.rotateSecret(id)
    const { id: keyId, privateKey = '' } = await apps.addKey(id, { name: 'one', generate: true })
    expect((await apps.get(id)).keys).toHaveLength(1)
    expect((await apps.secrets(id)).secrets[0]?.secret).toBe(secret)

    const bySecret = client.app({ app: id, secret })
    const byKey = client.app({ app: id, key: { id: keyId, privateKey } })
    for (const app of [bySecret, byKey, byKey]) expect((await app.self()).name).toBe('The Shop')
    expect(await byKey.checkToken(await tokenFor(server, 'ada@mail.test'))).toEqual({ active: false })
    expect((await refusal(bySecret.user('nobody'))).code).toBe('user_not_visible')

    await apps.revokeSecret(id, secretId)
    await apps.removeKey(id, keyId)
    expect((await refusal(bySecret.self())).code).toBe('app_authentication_failed')
    expect((await refusal(byKey.self())).code).toBe('app_authentication_failed')
    await apps.remove(id)
    expect((await refusal(apps.get(id))).code).toBe('app_unknown')
  })

  it('creates, rotates and revokes API tokens', async () => {
    const { tokens } = client.user(await tokenFor(server, 'build@mail.test'))
    const { token, apiToken } = await tokens.create({ name: 'Build', scopes: ['tokens:read'] })
    expect((await client.user(token).tokens.list()).tokens).toMatchObject([{ id: apiToken.id, name: 'Build' }])
    const next = await tokens.rotate(apiToken.id, 60)
    expect((await refusal(tokens.rotate(apiToken.id))).code).toBe('token_rotated')
    expect((await refusal(tokens.confirm(apiToken.id))).code).toBe('token_unknown')
    await tokens.revoke(next.apiToken.id)
    expect(await tokens.revokeAll()).toBe(1)
  })

  it('receives the errors of an invalid app by field', async () => {
    const { apps } = client.user(await tokenFor(server, 'dev@mail.test'))
    const problem = await refusal(apps.register({ name: 'Shop', kind: 'web', redirectUris: ['javascript:alert(1)'] }))
    expect(problem).toMatchObject({ status: 422, faults: [{ field: 'redirectUris', index: 0 }] })
  })
})

describe('a server that is not Gatehouse', () => {
  it.each([
    ['nothing that answers', undefined],
    ['a page', { status: 200, body: '<html>' }],
    ['an error without a problem', { status: 502, body: 'bad gateway' }],
    ['silence', 'hang' as const],
  ])('%s causes GatehouseUnreachable, whose message contains no token', async (_, answer) => {
    const standIn = await startTestIssuer()
    if (answer !== undefined) standIn.answers.set('/api/v1/session', answer)
    const issuer = answer === undefined ? 'http://127.0.0.1:9' : standIn.issuer
    const error = await gatehouseClient({ issuer, timeoutMs: 200 })
      .user('gth_s_canary')
      .session()
      .catch((thrown) => thrown)
    expect(error).toBeInstanceOf(GatehouseUnreachable)
    expect(String(error)).not.toContain('canary')
    standIn.stop()
  })

  it('rejects IDs that would change the path', async () => {
    const person = client.user(await tokenFor(server, 'ada@mail.test'))
    await expect(person.endSessionOf('..')).rejects.toThrow(TypeError)
    await expect(person.endSessionOf('')).rejects.toThrow(TypeError)
    expect((await refusal(person.endSessionOf('../users/me'))).code).toBe('session_unknown')
  })
})
