/** Authentication of apps at the API by client secret or by a JWT of their key. */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
} from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { api, tokenFor } from '../../support/gatehouse/connections.ts'
import { declaredSecret, read, settings } from '../../support/gatehouse/first-party-app.ts'
import { acmeYaml, betaYaml, oktaFor, publicOrigin } from '../../support/gatehouse/tenants.ts'
import { startTestGatehouse, type TestGatehouse, waitOptions } from '../../support/gatehouse/test-gatehouse.ts'

let server: TestGatehouse
let pat: string
let keySets: Server
let published: readonly object[] = []
let keySetCalls = 0
beforeAll(async () => {
  keySets = createServer((_request, response) => {
    keySetCalls += 1
    if (published.length === 0) response.writeHead(500).end()
    else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }))
  })
  await new Promise<void>((done) => keySets.listen(0, '127.0.0.1', done))
  const okta = await oktaFor()
  server = await startTestGatehouse({
    okta,
    tenants: { 'acme.yaml': acmeYaml(okta, 'access: { developer: everyone }\n'), 'beta.yaml': betaYaml(okta) },
    settings,
  })
  pat = await tokenFor(server, 'pat@mail.test')
})
afterAll(async () => {
  keySets.close()
  await server.stop()
})

const post = (path: string, json: unknown) => api(server, `/api/v1/apps${path}`, { method: 'POST', json }, pat)
const as = (authorization: string, path = '/api/v1/app', json?: unknown) =>
  api(server, path, { headers: { authorization }, ...(json !== undefined && { method: 'POST', json }) })

async function newApp(): Promise<string> {
  return read(await post('', { name: 'Shop', kind: 'web', redirectUris: ['https://shop.test/cb'] })).id
}

interface Keyed {
  readonly id: string
  readonly kid: string
  readonly key: KeyObject
}

async function keyedApp(): Promise<Keyed> {
  const id = await newApp()
  const made = read(await post(`/${id}/keys`, { generate: true }))
  return { id, kid: made.id, key: createPrivateKey(made.privateKey) }
}

const seconds = () => Math.floor(server.clock.now().getTime() / 1000)

function claimsOf(id: string, changes: object = {}) {
  const now = seconds()
  return { iss: id, sub: id, aud: publicOrigin, iat: now, exp: now + 300, jti: randomUUID(), ...changes }
}

function assertion({ id, kid, key }: Keyed, changes: object = {}, header: object = {}): Promise<string> {
  return new SignJWT(claimsOf(id, changes)).setProtectedHeader({ alg: 'ES256', kid, ...header }).sign(key)
}

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

it('OP-41 a single-page app cannot authenticate, even with a key from before', async () => {
  const keyed = await keyedApp()
  expect((await as(`Bearer ${await assertion(keyed)}`)).status).toBe(200)
  const stored = await server.core.parts.apps.find(keyed.id)
  if (stored === null) throw new Error('the app is gone')
  await server.core.parts.apps.update({ ...stored, kind: 'single-page' })
  server.core.parts.appRegistry.forget(keyed.id)
  const refused = await as(`Bearer ${await assertion(keyed)}`)
  expect([refused.status, read(refused).code]).toEqual([401, 'app_authentication_failed'])
})

describe('an app with a client secret', () => {
  it('is itself', async () => {
    const id = await newApp()
    const { secret } = read(await post(`/${id}/secrets`, {}))
    const answer = await as(`Secret ${secret}`)
    expect([answer.status, read(answer).id]).toEqual([200, id])
    expect(answer.body).not.toContain('gth_c_')
    expect(read(await as(`Secret ${declaredSecret}`)).id).toBe('own')
  })

  it('shows its developer when the secret was last used', async () => {
    const id = await newApp()
    const { secret } = read(await post(`/${id}/secrets`, {}))
    await as(`Secret ${secret}`)
    await vi.waitFor(async () => {
      const { secrets } = read(await api(server, `/api/v1/apps/${id}`, {}, pat))
      expect(secrets[0].lastUsedAt).toBeDefined()
    }, waitOptions)
  })

  it('OP-41 is rejected with a revoked, expired, altered or missing secret and with the wrong scheme', async () => {
    const id = await newApp()
    const [first, second] = [
      read(await post(`/${id}/secrets`, {})),
      read(await post(`/${id}/secrets`, { overlapSeconds: 60 })),
    ]
    expect((await as(`Secret ${first.secret}`)).status).toBe(200)
    server.clock.forward(61)
    const refusals = [
      as(`Secret ${first.secret}`),
      as(`Secret ${second.secret.slice(0, -1)}${second.secret.endsWith('x') ? 'y' : 'x'}`),
      as(`Secret ${`${declaredSecret}x`}`),
      as(`Bearer ${second.secret}`),
      as(`Basic ${second.secret}`),
      as('Secret '),
      api(server, '/api/v1/app'),
      api(server, `/api/v1/app?token=${second.secret}`),
    ]
    for (const refused of await Promise.all(refusals)) {
      expect([refused.status, read(refused).code]).toEqual([401, 'app_authentication_failed'])
      expect(refused.body).not.toContain(second.secret)
    }
    await api(server, `/api/v1/apps/${id}/secrets/${second.id}`, { method: 'DELETE' }, pat)
    expect((await as(`Secret ${second.secret}`)).status).toBe(401)
  })

  it('has no session: its secret and tokens are rejected at endpoints for users', async () => {
    const app = await keyedApp()
    const { secret } = read(await post(`/${app.id}/secrets`, {}))
    for (const path of ['/api/v1/session', '/api/v1/apps', '/api/v1/users/me'])
      for (const proof of [`Secret ${secret}`, `Bearer ${secret}`, `Bearer ${await assertion(app)}`])
        expect((await as(proof, path)).status, path).toBe(401)
    expect((await as(`Bearer ${pat}`)).status, 'and a session is no app').toBe(401)
  })
})

describe('an app with a key', () => {
  it('authenticates by a JWT for the issuer or the exact URL it calls', async () => {
    const app = await keyedApp()
    for (const aud of [publicOrigin, `${publicOrigin}/api/v1/app`, [publicOrigin]]) {
      const answer = await as(`Bearer ${await assertion(app, { aud })}`)
      expect([answer.status, read(answer).id]).toEqual([200, app.id])
    }
    expect((await as(`Bearer ${await assertion(app, {}, { kid: undefined })}`)).status, 'without kid').toBe(200)
    expect((await as(`Bearer ${await assertion(app, { iat: undefined })}`)).status, 'without iat').toBe(200)
  })

  it.each<[what: string, check: string, claims: object | (() => object), header?: object]>([
    ['for another audience', 'aud', { aud: 'https://elsewhere.test' }],
    ['for us and others', 'aud', { aud: [publicOrigin, 'https://elsewhere.test'] }],
    ['for another endpoint of ours', 'aud', { aud: `${publicOrigin}/api/v1/app/tokens/check` }],
    ['for nobody', 'aud', { aud: undefined }],
    ['that is over', 'exp', () => ({ exp: seconds() - 31 })],
    ['that lives for an hour', 'exp', () => ({ exp: seconds() + 3600 })],
    ['that never ends', 'exp', { exp: undefined }],
    ['of the future', 'iat', () => ({ iat: seconds() + 120 })],
    ['that is not valid yet', 'nbf', () => ({ nbf: seconds() + 120 })],
    ['without jti', 'jti', { jti: undefined }],
    ['with an endless jti', 'jti', { jti: 'x'.repeat(129) }],
    ['about another app', 'iss and sub', { sub: 'own' }],
    ['of an app that is none', 'iss', { iss: 'app000000000000000000000000', sub: 'app000000000000000000000000' }],
    ['of an app without keys', 'key', { iss: 'own', sub: 'own' }],
    ['with a kid of nobody', 'kid', {}, { kid: 'another' }],
  ])('is rejected with a JWT %s, naming the failed check', async (_, check, claims, header) => {
    const changes = typeof claims === 'function' ? claims() : claims
    const refused = await as(`Bearer ${await assertion(await keyedApp(), changes, header)}`)
    expect([refused.status, read(refused).code]).toEqual([401, 'app_authentication_failed'])
    expect(read(refused).detail).toMatch(new RegExp(`^${check}: expected .+, got .+`))
  })

  it('OP-41 is rejected with alg none in any spelling', async () => {
    const { id, kid } = await keyedApp()
    for (const alg of ['none', 'None', '']) {
      const unsigned = `${base64url({ alg, kid })}.${base64url(claimsOf(id))}.`
      const refused = await as(`Bearer ${unsigned}`)
      expect(refused.status).toBe(401)
      expect(read(refused).detail).toMatch(/^(alg|form): expected/)
    }
  })

  it('OP-41 is rejected with an HMAC made with its public key', async () => {
    const { id, kid, key } = await keyedApp()
    const stored = (await server.core.parts.appRegistry.find(id))?.keys[0]?.source
    const pem = createPublicKey(key).export({ type: 'spki', format: 'pem' })
    for (const secret of [pem, pem.toString().trim(), JSON.stringify(stored)]) {
      const signed = `${base64url({ alg: 'HS256', kid })}.${base64url(claimsOf(id))}`
      const mac = createHmac('sha256', secret).update(signed).digest('base64url')
      expect(read(await as(`Bearer ${signed}.${mac}`)).detail).toMatch(/^alg: expected ES256, got "HS256"/)
    }
  })

  it('OP-41 is rejected with the key of another app and with an altered signature', async () => {
    const [one, other] = [await keyedApp(), await keyedApp()]
    const foreign = await assertion({ ...one, key: other.key })
    expect(read(await as(`Bearer ${foreign}`)).detail).toMatch(/^signature: expected/)
    const [head, , signature] = (await assertion(one)).split('.')
    const swapped = `${head}.${base64url(claimsOf(one.id))}.${signature}`
    expect(read(await as(`Bearer ${swapped}`)).detail).toMatch(/^signature: expected/)
  })

  it('is rejected with a jwk, jku or x5c in the token', async () => {
    const app = await keyedApp()
    const evil = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = evil.publicKey.export({ format: 'jwk' })
    for (const header of [{ jwk }, { jku: 'https://evil.test/jwks' }, { x5c: ['MIIB'] }])
      expect((await as(`Bearer ${await assertion({ ...app, key: evil.privateKey }, {}, header)}`)).status).toBe(401)
  })

  it('may use each JWT once, even in simultaneous requests', async () => {
    const app = await keyedApp()
    const once = await assertion(app)
    const answers = await Promise.all(Array.from({ length: 20 }, () => as(`Bearer ${once}`)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(read(answers.find(({ status }) => status === 401)!).detail).toMatch(
      /^jti: expected one that was not used before/,
    )
  })

  it('is rejected once the key is removed', async () => {
    const app = await keyedApp()
    expect((await as(`Bearer ${await assertion(app)}`)).status).toBe(200)
    await api(server, `/api/v1/apps/${app.id}/keys/${app.kid}`, { method: 'DELETE' }, pat)
    expect((await as(`Bearer ${await assertion(app)}`)).status).toBe(401)
  })

  it('may publish a JWKS: new keys are found, old ones survive an outage', async () => {
    const id = await newApp()
    const { port } = keySets.address() as AddressInfo
    await post(`/${id}/keys`, { jwksUrl: `http://127.0.0.1:${port}/jwks` })
    const pairs = ['a', 'b'].map((kid) => ({ kid, ...generateKeyPairSync('ec', { namedCurve: 'P-256' }) }))
    const publish = (count: number) => {
      published = pairs.slice(0, count).map(({ kid, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid }))
    }
    const call = async (index: number) => {
      const { kid, privateKey: key } = pairs[index]!
      return (await as(`Bearer ${await assertion({ id, kid, key })}`)).status
    }
    publish(1)
    expect(await Promise.all([call(0), call(0), call(0)])).toEqual([200, 200, 200])
    expect(keySetCalls, 'asked once for all').toBe(1)
    publish(2)
    server.clock.forward(31)
    expect(await call(1)).toBe(200)
    publish(0)
    server.clock.forward(3600)
    expect(await call(0), 'the last good copy').toBe(200)
    server.clock.forward(2 * 86_400)
    expect(await call(0), 'not for ever').toBe(401)
  })
})
