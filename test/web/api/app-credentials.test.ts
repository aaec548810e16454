/** `/api/v1/apps/{id}/secrets` and `/keys`. */
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page, PageRequest } from '../../support/browser/test-browser.ts'
import { api, tokenFor } from '../../support/gatehouse/connections.ts'
import { acmeYaml, betaYaml, oktaFor } from '../../support/gatehouse/tenants.ts'
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

describe('client secrets', () => {
  it('are created, shown to their owner, rotated with an overlap and revoked', async () => {
    const id = await registered()
    const first = read(await post(`/${id}/secrets`, {}))
    expect(first.secret).toMatch(/^gth_c_[0-9A-Za-z]{49}$/)
    const second = read(await post(`/${id}/secrets`, { overlapSeconds: 3600 }))
    const { secrets } = read(await call(`/${id}/secrets`))
    expect(secrets.map(({ secret }: { secret: string }) => secret)).toEqual([second.secret, first.secret])
    expect(secrets[0].expiresAt).toBeUndefined()
    const left = Date.parse(secrets[1].expiresAt) - server.clock.now().getTime()
    expect(Math.round(left / 60_000)).toBe(60)
    expect((await call(`/${id}/secrets/${first.id}`, { method: 'DELETE' })).status).toBe(204)
    expect(read(await call(`/${id}`)).secrets.map((secret: { id: string }) => secret.id)).toEqual([second.id])
    for (const action of ['app.secret_created', 'app.secrets_revealed', 'app.secret_revoked'])
      expect((await audited(action, id)).length, action).toBeGreaterThan(0)
  })

  it('are two at most, and none for a public client', async () => {
    const id = await registered()
    await post(`/${id}/secrets`, {})
    await post(`/${id}/secrets`, {})
    expect(read(await post(`/${id}/secrets`, {})).faults[0].message).toContain('revoke one of the two first')
    const spa = await registered({ kind: 'single-page' })
    expect(read(await post(`/${spa}/secrets`, {})).faults[0].message).toContain('PKCE alone')
    expect((await post(`/${id}/secrets`, { overlapSeconds: -1 })).status).toBe(422)
  })

  it('LK-03 are stored encrypted and hashed only, and are in no log', async () => {
    const { secret } = read(await post(`/${await registered()}/secrets`, {}))
    expect((await server.storedBytes()).includes(secret)).toBe(false)
    expect(server.logged.join('')).not.toContain(secret)
  })

  it('are shown after a fresh sign-in unless they are new', async () => {
    const id = await registered()
    await post(`/${id}/secrets`, {})
    server.clock.forward(600)
    const { secrets } = read(await call(`/${id}/secrets`))
    expect(secrets).toEqual([expect.objectContaining({ withheld: 'sign in again to see it' })])
    expect(secrets[0].secret).toBeUndefined()
    pat = await tokenFor(server, 'pat@mail.test')
    expect(read(await call(`/${id}/secrets`)).secrets[0].secret).toMatch(/^gth_c_/)
  })
})

describe('app keys', () => {
  it.each(['single-page', 'native'])('are rejected for a %s app, which is public', async (kind) => {
    const id = await registered({ kind })
    for (const key of [{ generate: true }, { jwksUrl: 'https://shop.test/jwks' }]) {
      const refused = await post(`/${id}/keys`, { name: 'server', ...key })
      expect([refused.status, read(refused).faults[0].message]).toEqual([422, expect.stringContaining('PKCE alone')])
    }
    expect(read(await call(`/${id}`)).keys).toEqual([])
  })

  it('are generated with a private key that is shown once and not stored', async () => {
    const id = await registered()
    const made = read(await post(`/${id}/keys`, { name: 'server', generate: true }))
    expect(made.privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----/)
    const app = await call(`/${id}`)
    expect(read(app).keys).toEqual([
      { id: made.id, name: 'server', publicKey: made.publicKey, createdAt: made.createdAt },
    ])
    expect(made.publicKey).not.toHaveProperty('d')
    const body = made.privateKey.split('\n')[1]
    expect((await server.storedBytes()).includes(body)).toBe(false)
    expect(server.logged.join('')).not.toContain(body)
  })

  it('may be uploaded as PEM or JWK, or published by the app, and are removed at once', async () => {
    const id = await registered()
    const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' })
    const jwk = { ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid: 'mine' }
    expect((await post(`/${id}/keys`, { publicKey: pem })).status).toBe(201)
    expect(read(await post(`/${id}/keys`, { publicKey: jwk })).id).toBe('mine')
    expect((await post(`/${id}/keys`, { publicKey: JSON.stringify({ ...jwk, kid: 'again' }) })).status).toBe(201)
    expect((await post(`/${id}/keys`, { jwksUrl: 'https://shop.test/jwks' })).status).toBe(201)
    expect(read(await post(`/${id}/keys`, { publicKey: jwk })).faults[0].message).toContain('already exists')
    expect((await call(`/${id}/keys/mine`, { method: 'DELETE' })).status).toBe(204)
    expect(read(await call(`/${id}`)).keys).toHaveLength(3)
    expect((await call(`/${id}/keys/mine`, { method: 'DELETE' })).status).toBe(404)
  })

  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
  const privatePair = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  it.each<[what: string, publicKey: unknown, message: string | RegExp]>([
    ['a private PEM', privatePair.export({ type: 'pkcs8', format: 'pem' }), /^is a private key: keep it secret/],
    ['a private JWK', privatePair.export({ format: 'jwk' }), /^is a private key: keep it secret/],
    ['a shared secret', { kty: 'oct', k: 'c2VjcmV0' }, 'is a shared secret'],
    ['RSA of 1024 bits', weak, 'is an RSA key of 1024 bits'],
    [
      'a curve of another world',
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' }),
      'is of a kind that is not taken',
    ],
    [
      'an encryption key',
      { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), use: 'enc' },
      'is meant for encryption',
    ],
    [
      'alg HS256',
      { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), alg: 'HS256' },
      'says an alg that this key cannot have',
    ],
    ['a set', { keys: [] }, 'is a set of keys'],
    ['broken JSON', '{hello', 'starts with { but is not valid JSON'],
    ['no key', 'hello', "isn't a public key"],
    ['a point off the curve', { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' }, "isn't a public key"],
  ])('are rejected: %s', async (_, publicKey, message) => {
    const refused = await post(`/${await registered()}/keys`, { publicKey })
    expect(refused.status).toBe(422)
    expect(read(refused).faults[0]).toMatchObject({ field: 'key', message: expect.stringMatching(message) })
    expect(refused.body).not.toMatch(/BEGIN PRIVATE/)
  })
})
